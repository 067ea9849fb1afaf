"""Many items at once, on every backend."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sales_intelligence.tables import SALES
from tests.support.backends import Backend
from tests.support.descriptions import BLOBS, READINGS, VERSIONED
from tests.support.sales import key, sale, without_ttl

NO_PARTIQL = "its PartiQL takes no parameters in a batch of INSERTs"


def test_any_number_is_written_read_and_deleted(backend: Backend) -> None:
    store = backend.store(SALES)
    sales = [sale(n, brand="B") for n in range(230)]
    assert store.batch_put(sales) == 230
    assert [without_ttl(item) for item in store.batch_get(map(key, sales))] == sales
    assert store.query("GSI3", tenant="acme", brand="B").count() == 230
    assert store.batch_delete(map(key, sales[:201])) == 201
    assert [item is not None for item in store.batch_get(sales, consistent=True)] == [False] * 201 + [True] * 29


def test_none_at_all_is_fine(backend: Backend) -> None:
    store = backend.store(SALES)
    assert store.batch_put([]) == store.batch_delete([]) == 0
    assert store.batch_get([]) == store.insert_many([]) == []
    assert backend.wire.sent == []


def test_of_one_key_the_last_stays(backend: Backend) -> None:
    store = backend.store(SALES)
    assert store.batch_put([sale(1, brand="first"), sale(2), sale(1, brand="last")]) == 3
    assert [item and item.get("brand") for item in store.batch_get([sale(1), sale(2), sale(1)])] == [
        "last",
        None,
        "last",
    ]
    assert store.batch_delete([sale(1), sale(2), sale(1)]) == 3
    assert backend.raw(store) == []


def test_keys_that_are_one_number_are_one_key(backend: Backend) -> None:
    store = backend.store(READINGS)
    store.batch_put([{"device": "d", "at": 1, "v": 1}, {"device": "d", "at": Decimal("1.0"), "v": 2}])
    found = store.batch_get([{"device": "d", "at": Decimal(1)}, {"device": "d", "at": 1}, {"device": "d", "at": 2}])
    assert found == [{"device": "d", "at": 1, "v": 2}] * 2 + [None]


def test_keys_of_bytes(backend: Backend) -> None:
    store = backend.store(BLOBS)
    items = [{"digest": bytes([n]), "part": b"\xff", "n": n} for n in range(30)]
    store.batch_put(items)
    assert store.batch_get(items) == items
    store.batch_delete(items[3:])
    assert store.batch_get(items[:4]) == [*items[:3], None]


def test_large_items_travel_in_several_requests(backend: Backend) -> None:
    store = backend.store(READINGS)
    backend.wire.clear()
    items = [{"device": "d", "at": n, "text": "é" * 100_000} for n in range(30)]
    store.batch_put(items)
    assert len(backend.wire.writes) == 2
    assert sum(item is not None for item in store.batch_get(items)) == 30


@pytest.mark.diverges("moto", NO_PARTIQL)
class TestInsertMany:
    """Each is inserted only where its key is free, and answered for itself."""

    def test_what_is_there_stays(self, backend: Backend) -> None:
        store = backend.store(SALES)
        store.put(sale(3, brand="first"))
        outcomes = store.insert_many(sale(n, brand="second", embeddingId="it's") for n in range(30))
        assert [one.status for one in outcomes] == ["inserted"] * 3 + ["exists"] + ["inserted"] * 26
        assert [one.item["saleId"] for one in outcomes] == [f"s{n:04d}" for n in range(30)]
        assert store.get(sale(3), only=("brand",)) == {"brand": "first"}
        assert without_ttl(store.get(sale(4))) == sale(4, brand="second", embeddingId="it's")
        assert store.query("GSI2", tenant="acme").count() == 29

    def test_again_changes_nothing(self, backend: Backend) -> None:
        store = backend.store(SALES)
        sales = [sale(n) for n in range(60)]
        assert {one.status for one in store.insert_many(sales)} == {"inserted"}
        before = sorted(map(str, backend.raw(store)))
        assert {one.status for one in store.insert_many(sales)} == {"exists"}
        assert sorted(map(str, backend.raw(store))) == before

    def test_of_one_key_the_first_is_inserted(self, backend: Backend) -> None:
        store = backend.store(SALES)
        outcomes = store.insert_many([sale(1, brand="first"), sale(1, brand="last")])
        assert [one.status for one in outcomes] == ["inserted", "exists"]
        assert store.get(sale(1), only=("brand",)) == {"brand": "first"}

    def test_every_type_and_version(self, backend: Backend) -> None:
        store = backend.store(VERSIONED)
        item = {"docId": "d", "folder": "f", "title": "'; DROP \" ?", "price": Decimal("-0.10")}
        assert store.insert_many([item])[0].status == "inserted"
        assert store.get(item) == {**item, "version": 1}

    def test_bytes_and_numbers_as_keys(self, backend: Backend) -> None:
        store = backend.store(BLOBS)
        item = {"digest": b"\x00", "part": b"'", "map": {"a": [1, {2, 3}, None, True]}, "s'q": {b"x"}}
        assert [one.status for one in store.insert_many([item, item])] == ["inserted", "exists"]
        assert store.get(item) == item
