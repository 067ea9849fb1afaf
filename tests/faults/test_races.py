"""Somebody else writes between two requests of ours: neither change is lost, and no index key is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shardwell import F
from shardwell.errors import AlreadyExists, ConditionFailed, NotFound, VersionConflict
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import VERSIONED
from tests.support.sales import key, sale, without_ttl
from tests.support.wire import Forward, Sent

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T", "author": "Ann"}
KEY = {"docId": "d1", "folder": "in"}


def before(emulator: Backend, operation: str, intrude: Callable[[], Any]) -> None:
    """Let somebody else act once, right before our next request of an operation."""

    def disturb(sent: Sent, forward: Forward) -> Any:
        if sent.operation == operation:
            emulator.wire.fault = None
            intrude()
        return forward()

    emulator.wire.fault = disturb


def test_an_update_of_an_index_key_sees_the_other_change(emulator: Backend, store: Store) -> None:
    store.put(sale(1))
    before(emulator, "UpdateItem", lambda: store.update(sale(1), {"season": "Q1"}))
    after = store.update(sale(1), {"category": "shoes"})
    assert (after["category"], after["season"]) == ("shoes", "Q1")
    assert [item["saleId"] for item in store.query("GSI1", tenant="acme", category="shoes", season="Q1")] == ["s0001"]
    assert store.query("GSI1", tenant="acme", category="shoes", season="Q4").count() == 0


def test_an_update_of_what_was_deleted_meanwhile(emulator: Backend, store: Store) -> None:
    for change in ({"category": "shoes"}, {"saleDate": "2026-11-01"}):
        store.put(sale(1))
        operation = "UpdateItem" if "category" in change else "TransactWriteItems"
        before(emulator, operation, lambda: store.delete(sale(1)))
        with pytest.raises(NotFound):
            store.update(sale(1), change)
        assert emulator.raw(store) == []


@pytest.mark.parametrize("theirs", [{"vendorId": "v"}, {"brand": "new"}, {"category": "shoes"}])
def test_a_move_takes_the_other_change_along(emulator: Backend, store: Store, theirs: dict[str, Any]) -> None:
    store.put(sale(1, brand="B"))
    before(emulator, "TransactWriteItems", lambda: store.update(sale(1), theirs))
    store.update(sale(1), {"saleDate": "2026-11-01"})
    assert len(emulator.raw(store)) == 1
    expected = {**sale(1, brand="B", saleDate="2026-11-01"), **theirs}
    assert without_ttl(store.get(sale(1, saleDate="2026-11-01"))) == expected


def test_a_move_takes_a_removal_along(emulator: Backend, store: Store) -> None:
    store.put(sale(1, brand="B", vendorId="v"))
    before(emulator, "TransactWriteItems", lambda: store.update(sale(1), remove=["brand", "vendorId"]))
    store.update(sale(1), {"saleDate": "2026-11-01"})
    assert without_ttl(store.get(sale(1, saleDate="2026-11-01"))) == sale(1, saleDate="2026-11-01")
    assert store.query("GSI3", tenant="acme", brand="B").count() == 0


def test_a_move_onto_a_key_that_was_taken_meanwhile(emulator: Backend, store: Store) -> None:
    store.put(sale(1))
    theirs = sale(1, saleDate="2026-11-01", brand="theirs")
    before(emulator, "TransactWriteItems", lambda: store.put(theirs))
    with pytest.raises(AlreadyExists):
        store.update(sale(1), {"saleDate": "2026-11-01"})
    assert [without_ttl(item) for item in store.batch_get([sale(1), theirs])] == [sale(1), theirs]


def test_a_move_under_a_condition_that_ended_meanwhile(emulator: Backend, store: Store) -> None:
    store.put(sale(1, brand="B"))
    before(emulator, "TransactWriteItems", lambda: store.update(sale(1), {"brand": "C"}))
    with pytest.raises(ConditionFailed):
        store.update(sale(1), {"saleDate": "2026-11-01"}, condition=F("brand") == "B")
    assert store.get(key(sale(1)), only=("brand",)) == {"brand": "C"}


def test_a_move_of_a_version_that_ended_meanwhile(emulator: Backend) -> None:
    store = emulator.store(VERSIONED)
    store.put(DOCUMENT, if_absent=True)
    before(emulator, "TransactWriteItems", lambda: store.update(KEY, {"title": "U"}))
    with pytest.raises(VersionConflict, match="has version 2, not 1"):
        store.update(KEY, {"folder": "out"}, if_version=1)
    before(emulator, "TransactWriteItems", lambda: store.update(KEY, {"title": "V"}))
    assert store.update(KEY, {"folder": "out"})["version"] == 4
    assert store.get({**KEY, "folder": "out"}, only=("title",)) == {"title": "V"}


def test_of_two_puts_if_absent_one_wins(emulator: Backend, store: Store) -> None:
    before(emulator, "PutItem", lambda: store.put(sale(1, brand="theirs"), if_absent=True))
    with pytest.raises(AlreadyExists):
        store.put(sale(1, brand="ours"), if_absent=True)
    assert store.get(sale(1), only=("brand",)) == {"brand": "theirs"}


def test_of_two_inserts_one_wins(emulator: Backend, store: Store) -> None:
    theirs = [sale(n, brand="theirs") for n in range(0, 24, 2)]
    before(emulator, "BatchExecuteStatement", lambda: [store.put(one) for one in theirs])
    ours = store.insert_many(sale(n, brand="ours") for n in range(24))
    assert [one.status for one in ours] == ["exists", "inserted"] * 12
    assert store.query("GSI3", tenant="acme", brand="theirs").count() == 12
