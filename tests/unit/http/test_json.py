"""JSON keeps every digit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.http_json import read_json, write_json

DIGITS = st.integers(-(10**38), 10**38)
NUMBERS = DIGITS | st.builds(lambda digits, exponent: Decimal(f"{digits}E{exponent}"), DIGITS, st.integers(-130, 1))
VALUES = st.recursive(
    NUMBERS | st.text() | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    text = write_json(value)
    assert read_json(text) == value
    json.loads(text)


@given(st.decimals(min_value=0, max_value=Decimal("99999999999.9999"), places=4))
def test_money_survives_a_reader_of_doubles(money: Decimal) -> None:
    seen = json.loads(write_json(money))
    assert Decimal(repr(seen)) == money


@given(st.text())
def test_text_is_written_as_it_is(text: str) -> None:
    assert json.loads(write_json({text: text})) == {text: text}


@pytest.mark.parametrize("number", [10**40 - 1, 1 - 10**40, Decimal("9E+125"), Decimal("1E-130"), Decimal("-0.0")])
def test_numbers_at_the_ends_are_read_back(number: int | Decimal) -> None:
    assert read_json(write_json(number)) == number


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf")])
def test_what_json_has_no_word_for_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|compliant"):
        write_json(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NaN", "NaN, which is no JSON number"),
        ("[-Infinity]", "-Infinity, which is no JSON number"),
        ('{"a": 1, "a": 1}', "one name twice"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 41, "a number of 41 digits"),
        ("1e99999999999999999999", "the exponent of 1e99999999999999999999 is out of range"),
        ("01", "Extra data"),
        ("", "Expecting value"),
    ],
)
def test_what_is_no_json_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_json(text)
