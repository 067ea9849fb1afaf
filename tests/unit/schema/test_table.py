"""Tables by example: what a description says to those who read it, with one kind of item or several."""

from __future__ import annotations

from typing import Any

import pytest

from shardwell import Key, Shape, Table, Ttl
from shardwell.codec import Codec
from shardwell.creation import create_table_request
from shardwell.errors import BadItem, BadQuery, SchemaError
from shardwell.store import Store
from tests.property.memory import MemoryClient

ORDERS = Table(
    "shop-{stage}-orders",
    shapes={
        "customer": Shape(Key(PK="CUSTOMER#{customer}", SK="PROFILE")),
        "order": Shape(
            Key(PK="CUSTOMER#{customer}", SK="ORDER#{order}"),
            {"ByDay": Key(day="DAY#{shard}", at="{placed}#{order}").sharded(2, by="order").projecting("total")},
        ),
        "line": Shape(Key(PK="CUSTOMER#{customer}", SK="ORDER#{order}#LINE#{pos:03d}")),
        "address": Shape(Key(PK="CUSTOMER#{customer}", SK="ADDRESS#{name}")),
    },
    ttl=Ttl("expires", days=10),
    version="revision",
    stream=True,
)


def shop(page: int = 1_000) -> Store:
    client: Any = MemoryClient(create_table_request(ORDERS, name="orders"), page=page)
    store = Store(ORDERS, name="orders", client=client, cursor_keys=(b"k" * 32,))
    store.of("customer").put({"customer": "c", "name": "Ada"})
    for order in ("1", "2"):
        store.of("order").put({"customer": "c", "order": order, "placed": f"2025-01-0{order}", "total": 5, "note": "n"})
        store.of("line").batch_put([{"customer": "c", "order": order, "pos": pos} for pos in (1, 2, 10)])
    store.of("address").put({"customer": "c", "name": "home"})
    return store


def test_a_description_answers_for_all_of_its_shapes() -> None:
    assert ORDERS.physical_name("prod") == "shop-prod-orders"
    assert ORDERS.physical_name("pr-12") == "shop-pr-12-orders"
    assert ORDERS.attributes == {"PK": "S", "SK": "S", "day": "S", "at": "S"}
    assert ORDERS.composed == {"PK", "SK", "day", "at"}
    assert list(ORDERS.indexes) == ["ByDay"]
    assert ORDERS.key.partition.name == "PK"


def test_an_index_also_holds_what_reads_of_it_need() -> None:
    assert ORDERS.projected("ByDay") == ("total", "expires", "order")
    plain = Table("t-x", key=Key(id=str), indexes={"All": Key(a=str), "Keys": Key(b=str).keys_only()})
    assert plain.projected("All") is None
    assert plain.projected("Keys") == ()
    native = Table("t-x", key=Key(id=str), indexes={"Keys": Key(b="B#{shard}").sharded(2, by="id").keys_only()})
    assert native.projected("Keys") == ()


def test_one_value_of_a_sharded_index_is_found_though_only_keys_are_projected() -> None:
    described = Table("t-x", key=Key(PK="T#{id}"), indexes={"Keys": Key(b="B#{shard}").sharded(3, by="id").keys_only()})
    client: Any = MemoryClient(create_table_request(described, name="t"))
    store = Store(described, name="t", client=client)
    store.batch_put([{"id": str(number)} for number in range(20)])
    assert [one["id"] for one in store.query("Keys", id="7")] == ["7"]
    assert store.query("Keys").count() == 20


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ({"PK": "CUSTOMER#c", "SK": "PROFILE"}, "customer"),
        ({"PK": "CUSTOMER#c", "SK": "ORDER#1"}, "order"),
        ({"PK": "CUSTOMER#c", "SK": "ORDER#1#LINE#001"}, "line"),
        ({"PK": "CUSTOMER#c", "SK": "ORDER#1#LINE#x"}, None),
        ({"PK": "CUSTOMER#c", "SK": "ORDER#%FF"}, None),
        ({"PK": "OTHER#c", "SK": "PROFILE"}, None),
    ],
)
def test_a_stored_key_says_its_shape(key: dict[str, str], name: str | None) -> None:
    assert ORDERS.shape_of(key) == name


@pytest.mark.parametrize("page", [1_000, 2])
@pytest.mark.parametrize(("shape", "count"), [("customer", 1), ("order", 2), ("line", 6), ("address", 1)])
def test_a_query_gives_its_own_shape_alone(shape: str, count: int, page: int) -> None:
    store = shop(page).of(shape)
    query = store.query(customer="c")
    assert len(list(query)) == len(query.page().items) == query.count() == count
    found, cursor = [], None
    while True:
        part = query.newest_first().page(limit=1, cursor=cursor)
        found += part.items
        cursor = part.cursor
        if cursor is None:
            break
    assert len(found) == count
    first = query.first()
    assert first is not None
    assert set(first) >= set(store.table.shapes[shape].key.fields)
    assert sum(len(one.items) for one in store.scan()) == count


def test_a_range_of_a_shape_whose_key_begins_anothers_gives_it_alone() -> None:
    store = shop().of("order")
    assert [one["order"] for one in store.query(customer="c").equal("1")] == ["1"]
    assert [one["order"] for one in store.query(customer="c").after("1")] == ["2"]
    assert store.query(customer="c").between("1", "2").count() == 2


def test_every_shape_of_a_partition_can_be_asked_for() -> None:
    query = shop().of("customer").query(customer="c").every_shape()
    assert query.count() == len(list(query)) == len(query.page().items) == 10


def test_an_item_is_read_back_as_it_was_put_and_can_be_written_again() -> None:
    store = shop().of("line")
    found = store.get({"customer": "c", "order": "1", "pos": 10})
    assert found is not None
    assert (found["pos"], found.get("revision")) == (10, None)
    assert store.put(found)["revision"] == 1
    assert store.get(found) is not None
    assert store.delete(found) is not None


def test_shapes_and_indexes_that_are_not_there_are_named() -> None:
    with pytest.raises(SchemaError, match="has no shape 'invoice': it has customer, order, line, address"):
        shop().of("invoice")
    with pytest.raises(BadQuery, match="has no index 'ByDay': it has none"):
        shop().of("line").query("ByDay")
    with pytest.raises(BadQuery, match="needs customer, and this one lacks customer"):
        shop().query()
    with pytest.raises(BadQuery, match="needs customer, and this one has colour besides"):
        shop().query(customer="c", colour="red")


def test_what_is_computed_cannot_be_given() -> None:
    codec = Codec.of(ORDERS, "order", "orders")
    with pytest.raises(BadItem, match="PK is computed from other fields: leave it out"):
        codec.check({"customer": "c", "order": "1", "PK": "CUSTOMER#d"})


def test_a_native_index_key_may_lack_but_not_be_none() -> None:
    table = Table("t-x", key=Key(id=str), indexes={"ByStatus": Key(status=str)})
    client: Any = MemoryClient(create_table_request(table, name="t"))
    store = Store(table, name="t", client=client)
    assert store.put({"id": "1"}) == {"id": "1"}
    with pytest.raises(BadItem, match="status is None"):
        store.put({"id": "1", "status": None})
    with pytest.raises(BadItem, match="status is None"):
        store.update({"id": "1"}, {"status": None})


def test_keys_may_share_attributes_and_an_item_leaves_one_index_alone() -> None:
    table = Table(
        "t-x",
        key=Key(PK="T#{t}", SK="I#{id}"),
        indexes={
            "ByColour": Key(PK="T#{t}", colourSK="C#{colour}"),
            "ByPrice": Key(placePK="P#{place}", priceSK="{price}"),
            "BySize": Key(placePK="P#{place}", sizeSK="{size}"),
        },
    )
    client: Any = MemoryClient(create_table_request(table, name="t"))
    store = Store(table, name="t", client=client)
    key = {"t": "t", "id": "1"}

    def found() -> tuple[int, int, int]:
        places = [store.query(index, place=place).count() for index in ("ByPrice", "BySize") for place in ("p", "q")]
        return store.query("ByColour", t="t").count(), places[0] * 10 + places[1], places[2] * 10 + places[3]

    store.put({**key, "colour": "red", "place": "p", "price": 5, "size": "s"})
    assert found() == (1, 10, 10)
    store.update(key, {"colour": "blue"})
    store.update(key, {"place": "q"})
    assert found() == (1, 1, 1)
    store.update(key, remove=["colour", "price"])
    assert found() == (0, 0, 1)
    store.update(key, {"price": 6})
    assert found() == (0, 1, 1)
    store.update(key, remove=["place"])
    assert found() == (0, 0, 0)


def test_a_description_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ORDERS.stream = False
    with pytest.raises(TypeError):
        ORDERS.indexes["x"] = Key(a=str)
    with pytest.raises(TypeError):
        ORDERS.shapes["order"].indexes["x"] = Key(a=str)
