"""Ranges of a sort key against brute force: every key that exists, asked one by one whether it belongs."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from shardwell import Key, Table
from shardwell.creation import create_table_request
from shardwell.errors import BadQuery, TooLarge
from shardwell.store import Store
from shardwell.template import Template
from tests.property.memory import MemoryClient

TEXTS = (
    "a",
    "a ",
    "a!",
    "a#",
    "aa",
    "a%",
    "ab",
    "b",
    "2025-01-01",
    "2025-01-31",
    "2025-02-01",
    "é",
    "\U0001f600",
    "\uffff",
    "~",
)
NUMBERS = (0, 9, 10, 99, 999)
SOURCES = ("DATE#{x}#{y}", "{x}#{y}", "DATE#{x}", "{x}", "DATE#{x}#{y}#END", "A#{x}#B#{y}", "N#{n:03d}#{x}")


def values_of(template: Template) -> list[tuple[Any, ...]]:
    return list(product(*(TEXTS if part.digits is None else NUMBERS for part in template)))


def placed(template: Template, values: tuple[Any, ...]) -> tuple[str, ...]:
    """Where keys with these leading values are in the order of keys: a part ends where the next one's # begins."""
    rendered = [part.text(value) for part, value in zip(template.parts, values, strict=False)]
    last = len(template.parts) - 1
    ends = ["" if number == last and not template.after else "#" for number in range(len(rendered))]
    return tuple(text + end for text, end in zip(rendered, ends, strict=True))


def chosen(template: Template, span: tuple[str, str]) -> set[str]:
    low, high = span
    return {key for key in (rendered(template, v) for v in values_of(template)) if low <= key <= high}


def rendered(template: Template, values: tuple[Any, ...]) -> str:
    return template.render(dict(zip(template.fields, values, strict=True)))


@pytest.mark.parametrize("source", SOURCES)
def test_a_range_holds_exactly_the_keys_that_belong(source: str) -> None:
    template = Template.parse(source)
    everything = values_of(template)
    for given in [(value,) for value in {values[0] for values in everything}] + everything[
        :: 1 + len(everything) // 40
    ]:
        here = placed(template, given)
        size = len(given)
        expected = {
            relation: {
                rendered(template, values)
                for values in everything
                if (place := placed(template, values)[:size])
                and {"equal": place == here, "before": place < here, "after": place > here}[relation]
            }
            for relation in ("equal", "before", "after")
        }
        assert chosen(template, template.range_equal(given)) == expected["equal"]
        assert chosen(template, template.range_before(given)) == expected["before"]
        assert chosen(template, template.range_after(given)) == expected["after"]
        everyone = {rendered(template, values) for values in everything}
        assert expected["before"] | expected["equal"] | expected["after"] == everyone


@pytest.mark.parametrize("source", SOURCES)
def test_between_holds_both_ends_and_what_is_in_between(source: str) -> None:
    template = Template.parse(source)
    everything = values_of(template)
    firsts = sorted({values[:1] for values in everything}, key=lambda one: placed(template, one))
    for number, low in enumerate(firsts):
        for high in firsts[number:]:
            expected = {
                rendered(template, values)
                for values in everything
                if placed(template, low) <= placed(template, values)[:1] <= placed(template, high)
            }
            assert chosen(template, template.range_of(low, high)) == expected, (low, high)


@pytest.mark.parametrize("source", [source for source in SOURCES if "03d" not in source])
def test_begins_with_holds_what_begins_so(source: str) -> None:
    template = Template.parse(source)
    everything = values_of(template)
    for beginning in ("", "a", "a#", "2025-01", "b", "\U0001f600", "nothing"):
        expected = {rendered(template, v) for v in everything if v[0].startswith(beginning)}
        assert chosen(template, template.range_beginning((), beginning)) == expected
        if len(template.parts) > 1:
            expected = {rendered(template, v) for v in everything if v[0] == "a#" and v[1].startswith(beginning)}
            assert chosen(template, template.range_beginning(("a#",), beginning)) == expected


def test_the_range_of_a_whole_template_holds_its_keys_and_no_other_word() -> None:
    for source in ("ORDER#{id}", "PROFILE"):
        low, high = Template.parse(source).range_of((), ())
        assert low <= source.replace("{id}", "x") <= high
        assert not any(
            low <= other <= high for other in ("AAA#x", "ORDER", "ORDERS#x", "PROFILES", "CUSTOMER#x", "Z#x")
        )


def days() -> Store:
    described = Table("t-{stage}", key=Key(PK="T#{t}", SK="DATE#{day}#{id}"))
    client: Any = MemoryClient(create_table_request(described, name="t"))
    store = Store(described, name="t", client=client, cursor_keys=(b"k" * 32,))
    store.batch_put([{"t": "t", "day": f"2025-01-{day:02d}", "id": id_} for day in range(1, 31) for id_ in ("a", "b")])
    return store


def test_a_query_takes_its_range_in_the_fields_words() -> None:
    found = days().query(t="t")
    assert [one["id"] for one in found.equal("2025-01-05")] == ["a", "b"]
    assert [one["id"] for one in found.equal("2025-01-05", "b")] == ["b"]
    assert found.begins_with("2025-01-1").count() == 20
    assert found.begins_with("2025-01-05", "").count() == 2
    assert found.between("2025-01-05", "2025-01-06").count() == 4
    assert found.between(("2025-01-05", "b"), "2025-01-06").count() == 3
    assert found.between(("2025-01-05", "b"), ("2025-01-06", "a")).count() == 2
    assert found.before("2025-01-02").count() == 2
    assert found.before("2025-01-02", "b").count() == 3
    assert found.after("2025-01-29").count() == 2
    assert found.after("2025-01-29", "a").count() == 3
    assert [one["day"] for one in found.after("2025-01-28").newest_first()][:1] == ["2025-01-30"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda q: q.between("2025-02-01", "2025-01-01"), "which is nothing: swap them"),
        (lambda q: q.equal(), "compared with 0 values: give 1 to 2, for day, id"),
        (lambda q: q.equal("a", "b", "c"), "compared with 3 values"),
        (lambda q: q.begins_with(5), "The beginning of a sort key is 5: give text"),
        (lambda q: q.before("2025-01-01").after("2025-01-01"), "has a condition on SK already"),
        (lambda q: q.page(limit=0), "The limit is 0: it must be a whole number from 1 to 10000"),
        (lambda q: q.page(limit=-5), "The limit is -5"),
        (lambda q: q.page(limit=True), "The limit is True"),
        (lambda q: q.page(limit=1.0), "The limit is 1.0"),
        (lambda q: q.page(limit=10_001), "The limit is 10001"),
    ],
)
def test_a_range_or_page_that_cannot_be_is_refused(wrong: Any, words: str) -> None:
    with pytest.raises(BadQuery) as caught:
        wrong(days().query(t="t"))
    assert words in str(caught.value)


@pytest.mark.parametrize("relation", ["equal", "begins_with", "before", "after"])
def test_a_range_longer_than_a_key_is_refused_before_it_is_sent(relation: str) -> None:
    store = days()
    with pytest.raises(TooLarge, match=r"SK would be .* bytes .* at most 1024"):
        getattr(store.query(t="t"), relation)("x" * 2_000).page()
    with pytest.raises(TooLarge, match=r"PK would be .* at most 2048"):
        store.query(t="x" * 3_000)
