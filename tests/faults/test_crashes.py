"""The process dies after any of its requests: nothing is lost, nothing is half, and the same call again completes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from shardwell.client import FAN_OUT
from shardwell.errors import NotFound, TransactionFailed
from shardwell.scan import Checkpoint
from shardwell.store import Store
from shardwell.transaction import transact
from tests.support.backends import POOL, Backend
from tests.support.faults import Crash, crash_after
from tests.support.sales import key, sale, without_ttl

MANY = [sale(n) for n in range(110)]
MOST_REQUESTS = 12


def crashes(emulator: Backend, call: Callable[[], Any], number: int) -> bool:
    """Whether `call` died of the crash after a number of requests, or needed fewer."""
    emulator.wire.fault = crash_after(number)
    try:
        call()
    except Crash:
        return True
    finally:
        _wait_for_threads()
        emulator.wire.clear()
    return False


def _wait_for_threads() -> None:
    """A thread of a dead process does nothing more, so ours must be done with what they had begun."""
    barrier = Barrier(FAN_OUT)
    list(POOL.map(lambda _: barrier.wait(30), range(FAN_OUT)))


def test_a_move_is_done_or_not(emulator: Backend, store: Store) -> None:
    outcomes = []
    for number in range(1, MOST_REQUESTS):
        old = sale(number, brand="B")
        new = {**old, "saleDate": "2026-11-30"}
        store.put(old)
        crashed = crashes(emulator, lambda old=old: store.update(key(old), {"saleDate": "2026-11-30"}), number)
        found = [without_ttl(item) for item in store.batch_get([old, new]) if item is not None]
        assert found in ([old], [new])
        outcomes.append((crashed, found == [new]))
        try:
            store.update(key(old), {"saleDate": "2026-11-30"})
        except NotFound:
            assert found == [new]
        assert [without_ttl(item) for item in store.batch_get([old, new])] == [None, new]
    assert outcomes[:3] == [(True, False), (True, True), (False, True)]


def test_an_update_that_reads_first(emulator: Backend, store: Store) -> None:
    for number in range(1, 4):
        store.put(sale(number))
        crashes(emulator, lambda n=number: store.update(sale(n), {"category": "shoes"}), number)
        assert store.update(sale(number), {"category": "shoes"})["category"] == "shoes"
    assert store.query("GSI1", tenant="acme", category="dress", season="Q4").count() == 0
    assert store.query("GSI1", tenant="acme", category="shoes", season="Q4").count() == 3


@pytest.mark.parametrize("number", range(1, 6))
def test_a_batch_of_puts(emulator: Backend, store: Store, number: int) -> None:
    assert crashes(emulator, lambda: store.batch_put(MANY), number)
    assert len(emulator.raw(store)) <= 25 * number
    assert store.batch_put(MANY) == 110
    assert [without_ttl(item) for item in store.batch_get(MANY)] == MANY


@pytest.mark.parametrize("number", range(1, 6))
def test_a_batch_of_deletions(emulator: Backend, store: Store, number: int) -> None:
    store.batch_put([*MANY, sale(500)])
    assert crashes(emulator, lambda: store.batch_delete(MANY), number)
    assert len(emulator.raw(store)) >= 111 - 25 * number
    store.batch_delete(MANY)
    assert [item["saleId"]["S"] for item in emulator.raw(store)] == ["s0500"]


@pytest.mark.parametrize("number", range(1, 6))
def test_a_batch_of_inserts(emulator: Backend, store: Store, number: int) -> None:
    store.put(sale(7, brand="theirs"))
    assert crashes(emulator, lambda: store.insert_many(MANY), number)
    there = len(emulator.raw(store))
    statuses = [one.status for one in store.insert_many(MANY)]
    assert statuses.count("exists") == there
    assert statuses.count("inserted") == 110 - there
    expected = [sale(7, brand="theirs") if one["saleId"] == "s0007" else one for one in MANY]
    assert [without_ttl(item) for item in store.batch_get(MANY)] == expected


def test_a_transaction_is_done_or_not(emulator: Backend, store: Store) -> None:
    def write() -> None:
        transact(*(store.to_put(one, if_absent=True) for one in MANY[:20]))

    assert crashes(emulator, write, 1)
    assert len(emulator.raw(store)) == 20
    with pytest.raises(TransactionFailed):
        write()
    assert len(emulator.raw(store)) == 20


@pytest.mark.parametrize("number", range(1, MOST_REQUESTS))
def test_a_scan_goes_on_from_its_checkpoint(emulator: Backend, store: Store, number: int) -> None:
    store.batch_put(sale(n, productId=f"p{n}", description="x" * 100_000) for n in range(40))
    done: list[str] = []
    kept: list[str] = []

    def work() -> None:
        resume = Checkpoint.from_json(kept[-1]) if kept else None
        for page in store.scan(segments=3, resume=resume, only=("saleId",)):
            done.extend(item["saleId"] for item in page.items)
            kept.append(page.checkpoint.to_json())

    crashes(emulator, work, number)
    read_before = len(done)
    work()
    assert sorted(done) == [f"s{n:04d}" for n in range(40)]
    work()
    assert len(done) == 40
    assert read_before <= 40
