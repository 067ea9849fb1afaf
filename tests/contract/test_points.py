"""Get, put and delete, on every backend."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import AlreadyExists, BadItem, ConditionFailed, NotFound, VersionConflict
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import BLOBS, PLAIN, READINGS, VERSIONED
from tests.support.sales import key, sale, without_ttl

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T", "author": "Ann", "reads": 1, "price": Decimal("1.50")}
KEY = {"docId": "d1", "folder": "in"}

EVERY_TYPE: dict[str, Any] = {
    "id": "all",
    "text": "é \x00 \U0001f600 # % ' \" \\",
    "empty": "",
    "whole": 7,
    "negative": -12,
    "exact": Decimal("12345678901234567890123456789012345678"),
    "small": Decimal("1E-130"),
    "great": Decimal("9.9E+125"),
    "yes": True,
    "no": False,
    "nothing": None,
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "list": [1, "a", None, [True], {"b": b"c"}],
    "map": {"a": {"b": [Decimal("0.1")]}, "dotted.name": 1},
    "texts": {"a", "b"},
    "numbers": {1, Decimal("2.5")},
    "blobs": {b"a", b"b"},
}


def test_an_item_comes_back_as_it_was_put(backend: Backend) -> None:
    store = backend.store(SALES)
    stored = store.put(sale(1, brand="Ø # %", embeddingId="e"))
    assert store.get(key(stored)) == stored
    assert without_ttl(stored) == sale(1, brand="Ø # %", embeddingId="e")
    assert stored["ttl"] > 0


def test_every_type_comes_back_exactly(backend: Backend) -> None:
    store = backend.store(PLAIN)
    store.put(EVERY_TYPE)
    assert store.get({"id": "all"}) == EVERY_TYPE
    assert store.get({"id": "all"}, consistent=True) == EVERY_TYPE


def test_a_key_that_holds_nothing_is_none(backend: Backend) -> None:
    assert backend.store(SALES).get(sale(1)) is None


def test_get_of_some_fields_gives_these_alone(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(sale(1))
    assert store.get(sale(1), only=("salePrice", "brand")) == {"salePrice": Decimal("5.5")}


@pytest.mark.parametrize("table", [READINGS, BLOBS], ids=["numbers", "bytes"])
def test_native_keys_are_found(backend: Backend, table: Any) -> None:
    store = backend.store(table)
    item = {"device": "d", "at": 10, "digest": b"\x00\xff", "part": b"\x01", "v": 1}
    store.put(item)
    assert store.get(item, consistent=True) == item
    assert store.get({**item, "at": 11, "part": b"\x02"}) is None


@pytest.mark.diverges("emulator", "GetItem compares a number of a key by its digits")
def test_a_number_in_a_key_is_found_however_it_is_spelt(backend: Backend) -> None:
    store = backend.store(READINGS)
    store.put({"device": "d", "at": 10})
    assert store.get({"device": "d", "at": Decimal("10.0")}) == {"device": "d", "at": 10}


def test_put_replaces_the_whole_item(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(sale(1, brand="B", vendorId="v"))
    store.put(sale(1, condition="new"))
    assert without_ttl(store.get(sale(1))) == sale(1, condition="new")
    assert store.query("GSI3", tenant="acme", brand="B").count() == 0


def test_put_if_absent_keeps_the_first(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(sale(1, brand="first"), if_absent=True)
    with pytest.raises(AlreadyExists, match="s0001"):
        store.put(sale(1, brand="second"), if_absent=True)
    found = store.get(sale(1))
    assert found is not None
    assert found["brand"] == "first"


def test_put_under_a_condition(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(sale(1))
    with pytest.raises(ConditionFailed, match="condition"):
        store.put(sale(1, brand="new"), condition=F("salePrice") > 100)
    store.put(sale(1, brand="new"), condition=F("salePrice") < 100)
    assert store.get(sale(1), only=("brand",)) == {"brand": "new"}


def test_versions_count_from_one_and_refuse_what_is_stale(backend: Backend) -> None:
    store = backend.store(VERSIONED)
    assert store.put(DOCUMENT, if_absent=True)["version"] == 1
    assert store.put({**DOCUMENT, "title": "U"}, if_version=1)["version"] == 2
    with pytest.raises(VersionConflict, match="has version 2, not 1"):
        store.put({**DOCUMENT, "title": "stale"}, if_version=1)
    read = store.get(KEY)
    assert read is not None
    assert store.put(read, if_version=read["version"])["version"] == 3
    with pytest.raises(VersionConflict, match="none"):
        store.put({**DOCUMENT, "docId": "other"}, if_version=1)


def test_delete_gives_what_was_there(backend: Backend) -> None:
    store = backend.store(SALES)
    stored = store.put(sale(1))
    assert store.delete(sale(1)) == stored
    assert store.delete(sale(1)) is None
    assert backend.raw(store) == []


def test_delete_under_conditions(backend: Backend) -> None:
    store = backend.store(VERSIONED)
    store.put(DOCUMENT)
    with pytest.raises(VersionConflict, match="has version 1, not 4"):
        store.delete(KEY, if_version=4)
    with pytest.raises(ConditionFailed):
        store.delete(KEY, condition=F("title") == "other")
    assert store.delete({**KEY, "docId": "none"}, if_version=1) is None
    assert store.delete(KEY, if_version=1, condition=F("title") == "T") is not None
    assert backend.raw(store) == []


class TestExpired:
    """An item past its time is nowhere to be seen, though DynamoDB has it still."""

    @pytest.fixture
    def store(self, backend: Backend) -> Store:
        store = backend.store(SALES)
        stored = store.put(sale(1, brand="old", ttl=int(backend.surroundings.now.timestamp()) + 60))
        assert store.get(stored) is not None
        backend.surroundings.forward(seconds=60)
        return store

    def test_reads_do_not_see_it(self, backend: Backend, store: Store) -> None:
        assert store.get(sale(1)) is None
        assert store.get(sale(1), only=("brand",)) is None
        assert store.batch_get([sale(1)]) == [None]
        assert list(store.query("GSI3", tenant="acme", brand="old")) == []
        assert store.query("GSI1", tenant="acme", category="dress", season="Q4").count() == 0
        assert store.query(tenant="acme", productId="p1").first() is None
        assert [page.items for page in store.scan()] == [[]]
        assert len(backend.raw(store)) == 1

    def test_a_scan_for_upkeep_sees_it(self, store: Store) -> None:
        assert [len(page.items) for page in store.scan(expired_too=True)] == [1]

    def test_its_key_is_free(self, store: Store) -> None:
        assert store.put(sale(1, brand="new"), if_absent=True)["brand"] == "new"

    def test_it_cannot_be_updated(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.update(sale(1), {"brand": "new"})
        with pytest.raises(NotFound):
            store.update(sale(1), {"saleDate": "2026-11-01"})

    def test_deleting_it_gives_nothing(self, backend: Backend, store: Store) -> None:
        assert store.delete(sale(1)) is None
        assert backend.raw(store) == []


@pytest.mark.diverges("moto", "counts the bytes of an item's JSON")
def test_an_item_may_be_exactly_as_large_as_dynamodb_takes(backend: Backend) -> None:
    store = backend.store(PLAIN)
    item = {"id": "big", "n": Decimal("-123.45"), "l": [1, {"a": None}], "s": {"é", "f"}, "pad": ""}
    room = 409_600 - sum([2 + 3, 1 + 5, 1 + 3 + 1 + 2 + 1 + 3 + 1 + 1 + 1, 1 + 3, 3])
    store.put({**item, "pad": "x" * room})
    with pytest.raises(BadItem, match="409,601 bytes"):
        store.put({**item, "pad": "x" * (room + 1)})


def test_values_nest_as_deep_as_dynamodb_takes(backend: Backend) -> None:
    store = backend.store(PLAIN)
    deep: Any = 1
    for _ in range(31):
        deep = [deep]
    store.put({"id": "deep", "v": deep})
    assert store.get({"id": "deep"}) == {"id": "deep", "v": deep}
