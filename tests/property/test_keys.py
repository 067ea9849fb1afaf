"""Keys: two items never share one, a key says what it was made of, and keys sort as their fixed-width fields do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sales_intelligence.tables import SALES
from shardwell.errors import BadKeyPart
from shardwell.template import Template, can_collide
from tests.property.text import HOSTILE, parts, same

NAMES = ("a", "b", "c")
TWO = Template.parse("{a}#{b}")
words = st.sampled_from(["", "X", "XY", "SALE", "SALE#LINE", "é"])


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """A template of one to three fields with fixed text around them, or of fixed text alone."""
    names = NAMES[: draw(st.integers(0, 3))]
    pieces = []
    for number, name in enumerate(names):
        word = draw(words)
        before = f"{word}#" if word else "#" if number else ""
        padding = draw(st.sampled_from(["", "", ":03d"]))
        pieces.append(f"{before if not number else ('#' + word + '#' if word else '#')}{{{name}{padding}}}")
    tail = draw(words)
    return Template.parse("".join(pieces) + (f"#{tail}" if names and tail else "" if names else tail or "ONE"))


def values_for(template: Template) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {part.name: parts if part.digits is None else st.integers(0, 999) for part in template}
    )


@given(st.tuples(parts, parts), st.tuples(parts, parts))
@example(("A#", "B"), ("A", "#B"))
@example(("%23", "B"), ("#", "B"))
def test_two_items_share_a_key_only_if_their_fields_are_the_same_text(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    keys = [TWO.render({"a": a, "b": b}) for a, b in (one, other)]
    assert (keys[0] == keys[1]) == all(same(a, b) for a, b in zip(one, other, strict=True))


def test_no_pair_of_hostile_texts_shares_a_key() -> None:
    for one in HOSTILE:
        for other in HOSTILE:
            equal = TWO.render({"a": one, "b": "x"}) == TWO.render({"a": other, "b": "x"})
            assert equal == same(one, other), (one, other)


@given(st.data())
def test_a_key_says_what_it_was_made_of(data: st.DataObject) -> None:
    template = data.draw(templates())
    fields = data.draw(values_for(template))
    found = template.parse_key(template.render(fields))
    assert found is not None
    assert found.keys() == fields.keys()
    for part in template:
        value = fields[part.name]
        assert int(found[part.name]) == value if part.digits else same(found[part.name], value)


@given(st.data(), st.text(max_size=12) | st.from_regex(r"[A-Z#%0-9a-f]{0,12}", fullmatch=True))
def test_any_text_is_read_as_a_key_or_is_none(data: st.DataObject, text: str) -> None:
    template = data.draw(templates())
    found = template.parse_key(text)
    if found is not None:
        values = {part.name: int(found[part.name]) if part.digits else found[part.name] for part in template}
        assert template.render(values) == text


@given(st.data())
def test_templates_that_ever_make_the_same_key_were_said_to_collide(data: st.DataObject) -> None:
    one, other = data.draw(templates()), data.draw(templates())
    text = one.render(data.draw(values_for(one)))
    if other.parse_key(text) is not None:
        assert can_collide(one, other)
        assert can_collide(other, one)
    if one.source == other.source:
        assert can_collide(one, other)


@given(st.tuples(st.dates(), st.integers(0, 999)), st.tuples(st.dates(), st.integers(0, 999)))
def test_keys_sort_as_their_fields_of_one_width_do(one: tuple[date, int], other: tuple[date, int]) -> None:
    template = Template.parse("DATE#{day}#{pos:03d}")
    first, second = (template.render({"day": day.isoformat(), "pos": pos}) for day, pos in (one, other))
    assert (first < second) == (one < other)
    assert (first.encode() < second.encode()) == (one < other)


@given(parts, parts, parts, parts)
def test_one_tenants_partitions_are_never_anothers(one: str, other: str, left: str, right: str) -> None:
    assume(not same(one, other))
    for key in (SALES.key, *SALES.indexes.values()):
        partitions = [
            key.partition.value({"tenant": tenant, "productId": v, "category": v, "season": v, "brand": v, "shard": 3})
            for tenant, v in ((one, left), (other, right))
        ]
        assert partitions[0] != partitions[1]


@given(parts)
def test_a_key_holds_nothing_that_a_person_or_a_log_could_misread(text: str) -> None:
    assert re.search(r"[\x00-\x1f\x7f-\x9f]", TWO.render({"a": text, "b": "b"})) is None


@given(st.text(st.sampled_from("a\ud800\udfff\U0010ffff"), min_size=1).filter(lambda text: text.strip("a")))
def test_what_no_key_can_hold_is_refused(text: str) -> None:
    with pytest.raises(BadKeyPart, match="no key can hold"):
        TWO.render({"a": text, "b": "b"})
