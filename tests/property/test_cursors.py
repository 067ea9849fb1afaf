"""Cursors: they come back as they went, and nothing else is ever taken for one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.cursor import Place, binding_of, read_cursor, write_cursor
from shardwell.errors import BadCursor, SchemaError
from tests.property.shop import memory_of, opened, shop

KEY = (b"k" * 32,)
HERE = binding_of("table", "GSI1", "tenant a")

values = (
    st.text(max_size=20).map(lambda text: {"S": text})
    | st.integers().map(lambda number: {"N": str(number)})
    | st.binary(max_size=20).map(lambda data: {"B": data})
)
positions = st.none() | st.lists(values, min_size=1, max_size=4)
shards = st.integers(0, 999)
places = st.builds(
    Place,
    st.dictionaries(shards, positions, max_size=12),
    st.none() | values,
    st.frozensets(shards, max_size=3),
    positions,
)


def raw(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def spelt(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@given(places)
def test_a_cursor_comes_back_as_it_went(place: Place) -> None:
    cursor = write_cursor(place, HERE, KEY)
    assert read_cursor(cursor, HERE, KEY) == place
    assert cursor.isascii()
    assert set("+/=").isdisjoint(cursor)


@given(places, st.data())
def test_a_cursor_with_any_bit_changed_is_refused(place: Place, data: st.DataObject) -> None:
    bytes_ = bytearray(raw(write_cursor(place, HERE, KEY)))
    bit = data.draw(st.integers(0, 8 * len(bytes_) - 1))
    bytes_[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadCursor):
        read_cursor(spelt(bytes(bytes_)), HERE, KEY)


def test_every_single_bit_of_a_cursor_counts() -> None:
    cursor = write_cursor(Place({0: [{"S": "a"}, {"N": "1"}], 1: None}, {"N": "1"}, frozenset({1})), HERE, KEY)
    for number, character in enumerate(cursor):
        for bit in range(7):
            changed = cursor[:number] + chr(ord(character) ^ 1 << bit) + cursor[number + 1 :]
            with pytest.raises(BadCursor):
                read_cursor(changed, HERE, KEY)


@given(places, st.data())
def test_a_cursor_cut_short_or_with_more_at_its_end_is_refused(place: Place, data: st.DataObject) -> None:
    cursor = write_cursor(place, HERE, KEY)
    length = data.draw(st.integers(0, len(cursor) - 1))
    more = data.draw(st.text(min_size=1, max_size=4))
    for changed in (cursor[:length], cursor[length:] if length else "", cursor + more, more + cursor):
        with pytest.raises(BadCursor):
            read_cursor(changed, HERE, KEY)


@given(st.text() | st.text("ABCabc019-_=", max_size=60) | st.binary(min_size=16, max_size=60).map(spelt))
def test_no_text_at_all_gives_anything_but_a_bad_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text, HERE, KEY)


@given(places, st.lists(st.text(), max_size=4))
def test_a_cursor_of_another_query_is_refused(place: Place, other: list[str]) -> None:
    with pytest.raises(BadCursor, match="another query"):
        read_cursor(write_cursor(place, HERE, KEY), binding_of(*other), KEY)


@given(places)
def test_a_key_can_be_changed_while_cursors_are_out(place: Place) -> None:
    old, new, stolen = b"o" * 32, b"n" * 32, b"s" * 32
    cursor = write_cursor(place, HERE, (old,))
    assert read_cursor(cursor, HERE, (new, old)) == place
    assert read_cursor(write_cursor(place, HERE, (new, old)), HERE, (new,)) == place
    for keys in ((new,), (stolen,), ()):
        with pytest.raises(BadCursor):
            read_cursor(cursor, HERE, keys)


def test_a_store_without_keys_says_what_it_lacks() -> None:
    with pytest.raises(SchemaError, match="cursor_keys"):
        write_cursor(Place(), HERE, ())


def test_a_cursor_over_a_thousand_shards_with_long_keys_comes_back() -> None:
    position = [{"S": f"{number:x}" * 300} for number in range(1, 5)]
    place = Place({shard: [{"S": f"{shard}{one['S']}"} for one in position] for shard in range(1_000)}, None)
    assert read_cursor(write_cursor(place, HERE, KEY), HERE, KEY) == place


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_bindings_are_equal_for_equal_parts_alone(one: list[str], other: list[str]) -> None:
    assert (binding_of(*one) == binding_of(*other)) == (one == other)


QUERIES: dict[str, Callable[[Any], Any]] = {
    "the query": lambda store: store.query("ByCategory", tenant="a", category="dress"),
    "another tenant": lambda store: store.query("ByCategory", tenant="b", category="dress"),
    "another field": lambda store: store.query("ByCategory", tenant="a", category="shoe"),
    "another index": lambda store: store.query("ByBrand", tenant="a", brand="dress"),
    "the table": lambda store: store.query(tenant="a", productId="dress"),
    "one shard": lambda store: store.query("ByCategory", tenant="a", category="dress", saleId="d1"),
    "a range": lambda store: store.query("ByCategory", tenant="a", category="dress").between(
        "2025-01-01", "2025-02-01"
    ),
    "another range": lambda store: store.query("ByCategory", tenant="a", category="dress").after("2024-12-31"),
    "backwards": lambda store: store.query("ByCategory", tenant="a", category="dress").newest_first(),
    "fewer fields": lambda store: store.query("ByCategory", tenant="a", category="dress").only("saleId"),
}


@pytest.mark.parametrize("name", list(QUERIES))
def test_a_cursor_is_good_for_its_own_query_alone(name: str) -> None:
    store = opened(shop(), memory_of(shop()))
    sale = {"productId": "dress", "saleDate": "2025-01-01", "brand": "dress", "price": 1, "quantity": 1}
    several = [(tenant, kind, str(n)) for tenant in "ab" for kind in ("dress", "shoe") for n in range(9)]
    store.batch_put([{**sale, "tenant": t, "category": kind, "saleId": kind[0] + n} for t, kind, n in several])
    cursor = QUERIES[name](store).page(limit=1).cursor
    assert cursor is not None
    for other, asked in QUERIES.items():
        if other == name:
            asked(store).page(cursor=cursor)
        else:
            with pytest.raises(BadCursor):
                asked(store).page(cursor=cursor)
