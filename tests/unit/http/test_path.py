"""Any text travels in a path, through gateways that decode differently."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.http_path import path_part, path_value
from tests.unit.http.gateway import decoded

TEXTS = st.text(min_size=1).filter(lambda text: text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))
HARD = st.text(alphabet="%/?#.25FfEe3a ", min_size=1)


@given(TEXTS | HARD)
def test_every_text_comes_back_through_the_gateway(text: str) -> None:
    arrived = decoded(path_part(text))
    assert "/" not in arrived
    assert "?" not in arrived
    assert arrived not in (".", "..")
    assert path_value(arrived) == text


@given(TEXTS)
def test_a_gateway_that_decodes_percent_signs_too_makes_no_difference_where_the_text_has_none(text: str) -> None:
    plain = text.replace("%", "")
    if plain:
        assert path_value(unquote(path_part(plain))) == plain


@given(TEXTS)
def test_once_encoded_is_enough_for_all_but_slash_question_mark_and_percent_sign(text: str) -> None:
    plain = "".join(character for character in text if character not in "%/?")
    assert path_value(decoded(quote(plain, safe=""))) == plain


@pytest.mark.parametrize("text", ["50%", "100% wool", "%", "a%b", "%zz"])
def test_a_percent_sign_once_encoded_is_itself_where_no_escape_follows(text: str) -> None:
    assert path_value(decoded(quote(text, safe=""))) == text


def test_what_is_encoded_twice_is_what_says_the_document() -> None:
    assert path_part("gid://shop/7") == "gid%3A%252F%252Fshop%252F7"
    assert path_part("..") == "%252E%252E"
    assert path_part("a?b") == "a%253Fb"
    assert path_part("50%") == "50%2525"
