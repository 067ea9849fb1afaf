"""Items of an index that holds only keys: the fields that the keys were made of are those of the stored item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from shardwell import Day, Instant, Key, Shape, Table
from shardwell.creation import create_table_request
from shardwell.fields import from_item, to_item
from shardwell.store import Store
from tests.property.memory import MemoryClient
from tests.property.shop import opened
from tests.property.text import parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Keys are made of every type of field that a key part can hold."""

    tenant: str
    number: int
    room: int
    amount: Decimal
    day: Day
    at: Instant
    kind: Literal["a", "b"]
    level: Literal[1, 2]
    weight: Decimal
    note: str = ""


TABLE_FIELDS = {"tenant", "number", "room", "amount"}
TOLD = {
    "Keys": TABLE_FIELDS | {"kind", "level", "day", "at"},
    "ByWeight": TABLE_FIELDS | {"kind", "weight"},
    "Some": TABLE_FIELDS | {"kind", "level", "day", "at", "weight"},
}
"""The fields of the table key and of the index's, and what is projected."""
ASKED_BY = {"Keys": "kind", "ByWeight": "kind", "Some": "room"}
LITTLE = {
    "Keys": Key(kindPK="KIND#{kind}#{shard}", kindSK="{level}#{day}#{at}").sharded(3, by="number").keys_only(),
    "ByWeight": Key(weightPK="KIND#{kind}#{shard}", weight=Decimal).sharded(3, by="number").keys_only(),
    "Some": Key(roomPK="ROOM#{room:04d}#END", roomSK="{kind}#{level}#{day}#{at}").projecting("weight"),
}
VISITS = Table(
    "visits-{stage}",
    key=Key(PK="TENANT#{tenant}#{number}", SK="{room:04d}#{amount}"),
    indexes=LITTLE,
    record=Visit,
)

whole = st.integers(-(10**38) + 1, 10**38 - 1)
visits = st.builds(
    Visit,
    tenant=parts,
    number=whole,
    room=st.integers(0, 9_999),
    amount=whole.map(Decimal) | st.just(Decimal("7.00")),
    day=st.dates().map(str),
    at=st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    kind=st.sampled_from(["a", "b"]),
    level=st.sampled_from([1, 2]),
    weight=st.decimals(-1000, 1000, places=3),
    note=st.text(),
)


def filled(table: Table, items: list[dict[str, Any]]) -> Store:
    store = opened(table, MemoryClient(create_table_request(table, name="shop")))
    store.batch_put(items)
    return store


@given(st.lists(visits, min_size=1, max_size=6))
def test_the_fields_of_keys_come_back_as_they_are_stored(several: list[Visit]) -> None:
    store = filled(VISITS, [to_item(one) for one in several])
    stored = [item for page in store.scan() for item in page.items]
    for index, field in ASKED_BY.items():
        found = [item for value in {item[field] for item in stored} for item in store.query(index, **{field: value})]
        assert len(found) == len(stored)
        for item in found:
            assert item.keys() == TOLD[index]
            whole_item = store.get(item)
            assert whole_item is not None
            assert item == {name: whole_item[name] for name in item}
            assert list(map(type, item.values())) == [type(whole_item[name]) for name in item]


def test_a_record_made_of_keys_has_the_types_of_its_fields() -> None:
    visit = Visit(
        tenant="t#1",
        number=5,
        room=7,
        amount=Decimal(3),
        day="2026-01-01",
        at="2026-01-01T00:00:00Z",
        kind="a",
        level=2,
        weight=Decimal("0.5"),
        note="not projected, and not needed",
    )
    (item,) = filled(VISITS, [to_item(visit)]).query("Some", room=7)
    assert from_item(Visit, item) == replace(visit, note="")
    assert type(from_item(Visit, item).number) is int


@given(parts, st.integers(-5, 5) | parts, st.integers(0, 99))
def test_items_without_a_record_tell_a_key_that_finds_them(name: str, either: Any, padded: int) -> None:
    """What a key part was made of, text or number, is not known: the text finds the same item."""
    table = Table(
        "free-{stage}",
        key=Key(PK="A#{name}", SK="B#{either}"),
        indexes={"Keys": Key(IPK="C#{padded:02d}").keys_only()},
    )
    store = filled(table, [{"name": name, "either": either, "padded": padded, "more": 1}])
    (item,) = store.query("Keys", padded=padded)
    whole_item = store.get(item)
    assert whole_item is not None
    assert item == {"name": whole_item["name"], "either": str(whole_item["either"]), "padded": padded}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """What was free in form before."""

    number: int
    kind: str


def test_a_key_that_an_earlier_record_made_of_text_is_told_as_text() -> None:
    described: dict[str, Any] = {
        "key": Key(PK="A#{number}"),
        "indexes": {"Keys": Key(IPK="I#{kind}").keys_only()},
    }
    client = MemoryClient(create_table_request(Table("free", **described), name="shop"))
    opened(Table("free", **described), client).put({"number": "n7", "kind": "k"})
    store = opened(Table("strict", **described, record=Numbered), client)
    assert list(store.query("Keys", kind="k")) == [{"number": "n7", "kind": "k"}]


SHAPES = Table(
    "shapes-{stage}",
    shapes={
        "order": Shape(
            Key(PK="ORDER#{orderId}", SK="HEAD"), {"ByDay": Key(dayPK="{day}", daySK="O#{orderId}").keys_only()}
        ),
        "line": Shape(
            Key(PK="ORDER#{orderId}", SK="LINE#{position:03d}"),
            {"ByDay": Key(dayPK="{day}", daySK="L#{article}").keys_only()},
        ),
    },
)


@given(parts, parts, st.integers(0, 999))
def test_items_of_several_shapes_tell_the_fields_of_their_own(order: str, article: str, position: int) -> None:
    store = filled(SHAPES, [{"orderId": order, "day": "d", "total": 1}])
    store.of("line").put({"orderId": order, "position": position, "day": "d", "article": article, "price": 2})
    head, line = [
        {name: value for name, value in one.items() if name not in ("total", "price")}
        for one in store.query(orderId=order).every_shape().newest_first()
    ][::-1]
    assert list(store.query("ByDay", day="d")) == [head]
    assert list(store.of("line").query("ByDay", day="d")) == [line]
    assert list(store.query("ByDay", day="d").every_shape()) == [line, head]
