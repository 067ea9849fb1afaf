"""Requests that are carried out and whose answers never come: sent again, they count once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shardwell.errors import AlreadyExists, Unavailable, VersionConflict
from shardwell.store import Store
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.descriptions import VERSIONED
from tests.support.faults import always, lost_answer, never_arrived, times
from tests.support.sales import key, sale, without_ttl
from tests.support.wire import WRITES, Sent

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T", "author": "Ann", "reads": 1, "price": Decimal("1.50")}
KEY = {"docId": "d1", "folder": "in"}


def is_write(sent: Sent) -> bool:
    """Whether a request may change something."""
    return sent.operation in WRITES


@pytest.fixture
def documents(emulator: Backend) -> Store:
    """A table with versions, and one document in it."""
    store = emulator.store(VERSIONED)
    store.put(DOCUMENT, if_absent=True)
    return store


@pytest.mark.parametrize("lost", [1, 2, 4])
class TestCountOnce:
    """Up to four answers are lost in a row."""

    def test_put_if_absent(self, emulator: Backend, store: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer)
        stored = store.put(sale(1, salePrice=Decimal("5.50"), originalPrice=Decimal("1E+2")), if_absent=True)
        assert store.get(sale(1)) == stored

    def test_put_if_version(self, emulator: Backend, documents: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer)
        assert documents.put({**DOCUMENT, "title": "U"}, if_version=1)["version"] == 2
        assert documents.get(KEY) == {**DOCUMENT, "title": "U", "version": 2}

    def test_update_if_version(self, emulator: Backend, documents: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer, is_write)
        changed = documents.update(KEY, {"title": "U", "price": Decimal("2.50")}, remove=["author"], if_version=1)
        assert (changed["version"], changed["title"]) == (2, "U")
        assert documents.get(KEY) == changed

    def test_update(self, emulator: Backend, store: Store, lost: int) -> None:
        store.put(sale(1, brand="B"))
        emulator.wire.fault = times(lost, lost_answer)
        assert store.update(sale(1), {"category": "shoes"}, remove=["brand"])["category"] == "shoes"
        assert store.query("GSI3", tenant="acme", brand="B").count() == 0

    def test_move(self, emulator: Backend, documents: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer, is_write)
        assert documents.update(KEY, {"folder": "out"}, if_version=1)["version"] == 2
        assert [item["version"]["N"] for item in emulator.raw(documents)] == ["2"]

    def test_transaction(self, emulator: Backend, documents: Store, lost: int) -> None:
        other = {**DOCUMENT, "docId": "d2", "price": 1}  # the emulator knows a token's "1.50" not again
        emulator.wire.fault = times(lost, lost_answer)
        transact(documents.to_update(KEY, add={"reads": 1}), documents.to_put(other))
        assert documents.get(KEY, only=("reads", "version")) == {"reads": 2, "version": 2}

    def test_delete(self, emulator: Backend, documents: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer)
        documents.delete(KEY, if_version=1)
        assert emulator.raw(documents) == []

    def test_insert_many(self, emulator: Backend, store: Store, lost: int) -> None:
        store.put(sale(3, brand="theirs"))
        emulator.wire.fault = times(lost, lost_answer)
        outcomes = store.insert_many(sale(n, salePrice=Decimal("7.00")) for n in range(30))
        assert [one.status for one in outcomes] == ["inserted"] * 3 + ["exists"] + ["inserted"] * 26
        assert len(emulator.raw(store)) == 30
        assert store.get(sale(3), only=("brand",)) == {"brand": "theirs"}

    def test_insert_many_of_what_has_expired(self, emulator: Backend, store: Store, lost: int) -> None:
        emulator.wire.fault = times(lost, lost_answer)
        outcomes = store.insert_many([sale(1, saleDate="2020-01-01")])
        assert [one.status for one in outcomes] == ["inserted"]


def test_more_batches_of_inserts_than_threads_all_with_lost_answers(emulator: Backend, store: Store) -> None:
    sales = [sale(n) for n in range(40 * 25)]
    emulator.wire.fault = times(40, lost_answer)
    assert {one.status for one in store.insert_many(sales)} == {"inserted"}
    assert [without_ttl(item) for item in store.batch_get(map(key, sales))] == sales


def test_somebody_elses_item_is_not_taken_for_ours(emulator: Backend, store: Store, documents: Store) -> None:
    store.put(sale(1, brand="theirs"))
    emulator.wire.fault = times(1, lost_answer)
    with pytest.raises(AlreadyExists):
        store.put(sale(1, brand="ours"), if_absent=True)
    documents.update(KEY, {"title": "theirs"})
    emulator.wire.fault = times(1, lost_answer, is_write)
    with pytest.raises(VersionConflict):
        documents.update(KEY, {"title": "ours"}, if_version=1)
    emulator.wire.fault = times(1, lost_answer)
    with pytest.raises(VersionConflict):
        documents.put({**DOCUMENT, "title": "ours"}, if_version=1)


@pytest.mark.parametrize("fault", [lost_answer, never_arrived])
def test_what_never_answers_is_unavailable(emulator: Backend, store: Store, fault: object) -> None:
    emulator.wire.fault = always(fault)
    calls = (
        lambda: store.put(sale(1)),
        lambda: store.put(sale(1), if_absent=True),
        lambda: store.get(sale(1)),
        lambda: store.update(sale(1), {"brand": "B"}),
        lambda: store.update(sale(1), {"saleDate": "2026-11-01"}),
        lambda: store.delete(sale(1)),
        lambda: store.query(tenant="acme", productId="p1").page(),
        lambda: store.query("GSI1", tenant="acme", category="dress", season="Q4").count(),
        lambda: list(store.scan(segments=3)),
        lambda: transact(store.to_put(sale(1))),
    )
    for call in calls:
        with pytest.raises(Unavailable, match="did not answer"):
            call()
