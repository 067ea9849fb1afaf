"""Batches that DynamoDB does only in part: the rest is asked for again, and what never works is reported exactly."""

from __future__ import annotations

import pytest

from shardwell.errors import PartialFailure, ShardwellError, Throttled, Unavailable
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.faults import (
    always,
    broken,
    denied,
    lost_answer,
    only_some_reads,
    only_some_writes,
    refused_twice_each,
    throttled,
    times,
)
from tests.support.sales import key, sale, without_ttl
from tests.support.wire import Sent

SALES = [sale(n) for n in range(60)]
STUBBORN = {f"SALE#{one['saleDate']}#{one['saleId']}" for one in SALES if int(one["saleId"][1:]) % 9 == 4}
STUBBORN_IDS = sorted(one["saleId"] for one in SALES if int(one["saleId"][1:]) % 9 == 4)


def is_stubborn(write: dict[str, dict[str, dict[str, dict[str, str]]]]) -> bool:
    """Whether a write of a batch is about one of the stubborn sales."""
    (request,) = write.values()
    (item,) = request.values()
    return item["SK"]["S"] in STUBBORN


def with_stubborn_key(sent: Sent) -> bool:
    """Whether a request names sale 4."""
    return "s0004" in str(sent.body)


def test_unprocessed_writes_are_sent_again_until_all_are_done(emulator: Backend, store: Store) -> None:
    emulator.wire.fault = only_some_writes(refused_twice_each())
    assert store.batch_put(SALES) == 60
    emulator.wire.clear()
    assert len(emulator.raw(store)) == 60
    waits = emulator.surroundings.waits
    assert len(waits) == 6  # three batches, each sent three times
    assert sorted(set(waits)) == [0.05, 0.1]


def test_writes_that_never_work_are_reported_one_by_one(emulator: Backend, store: Store) -> None:
    emulator.wire.fault = only_some_writes(is_stubborn)
    with pytest.raises(PartialFailure, match="7 of 60 items failed") as failed:
        store.batch_put(SALES)
    assert sorted(one.item["saleId"] for one in failed.value.failures) == STUBBORN_IDS
    assert all(one.item in SALES and isinstance(one.error, Throttled) for one in failed.value.failures)
    assert failed.value.succeeded == 53
    emulator.wire.clear()
    assert {item["SK"]["S"] for item in emulator.raw(store)}.isdisjoint(STUBBORN)
    assert len(emulator.raw(store)) == 53
    assert store.batch_put([one.item for one in failed.value.failures]) == 7
    assert len(emulator.raw(store)) == 60


def test_deletions_that_never_work_are_reported_one_by_one(emulator: Backend, store: Store) -> None:
    store.batch_put(SALES)
    emulator.wire.fault = only_some_writes(is_stubborn)
    with pytest.raises(PartialFailure) as failed:
        store.batch_delete(map(key, SALES))
    assert sorted(one.item["saleId"] for one in failed.value.failures) == STUBBORN_IDS
    emulator.wire.clear()
    assert {item["SK"]["S"] for item in emulator.raw(store)} == STUBBORN


def test_unprocessed_keys_are_asked_for_again(emulator: Backend, store: Store) -> None:
    store.batch_put(SALES)
    emulator.wire.fault = only_some_reads(refused_twice_each())
    assert [without_ttl(item) for item in store.batch_get(SALES)] == SALES


def test_keys_that_are_never_read_are_no_missing_items(emulator: Backend, store: Store) -> None:
    store.batch_put(SALES)
    emulator.wire.fault = only_some_reads(lambda one: one["SK"]["S"] in STUBBORN)
    with pytest.raises(PartialFailure) as failed:
        store.batch_get(SALES)
    assert sorted(one.item["saleId"] for one in failed.value.failures) == STUBBORN_IDS
    assert failed.value.succeeded == 53


@pytest.mark.parametrize("fault", [throttled, broken, lost_answer])
def test_a_batch_that_fails_for_a_while_succeeds(emulator: Backend, store: Store, fault: object) -> None:
    emulator.wire.fault = times(3, fault)
    assert store.batch_put(SALES) == 60
    emulator.wire.fault = times(3, fault)
    assert [without_ttl(item) for item in store.batch_get(SALES)] == SALES


@pytest.mark.parametrize(
    ("fault", "error"), [(throttled, Throttled), (broken, Unavailable), (lost_answer, Unavailable), (denied, Exception)]
)
def test_a_batch_that_fails_for_good_is_reported_whole_and_the_others_are_done(
    emulator: Backend, store: Store, fault: object, error: type[Exception]
) -> None:
    emulator.wire.fault = always(fault, with_stubborn_key)
    with pytest.raises(PartialFailure) as failed:
        store.batch_put(SALES)
    assert [one.item for one in failed.value.failures] == SALES[:25]
    assert all(isinstance(one.error, error) for one in failed.value.failures)
    emulator.wire.clear()
    assert {item["saleId"]["S"] for item in emulator.raw(store)} >= {one["saleId"] for one in SALES[25:]}


def test_inserts_that_fail_for_good_are_told_apart_from_those_that_worked(emulator: Backend, store: Store) -> None:
    store.put(SALES[30])
    emulator.wire.fault = always(throttled, with_stubborn_key)
    outcomes = store.insert_many(SALES)
    assert [one.status for one in outcomes] == ["failed"] * 25 + ["inserted"] * 5 + ["exists"] + ["inserted"] * 29
    assert {type(one.error) for one in outcomes[:25]} == {Throttled}
    emulator.wire.clear()
    assert {one.status for one in store.insert_many(SALES[:25])} == {"inserted"}


def test_every_failure_of_a_batch_is_one_of_ours_or_says_what_dynamodb_said(emulator: Backend, store: Store) -> None:
    emulator.wire.fault = always(denied)
    with pytest.raises(PartialFailure, match="AccessDenied") as failed:
        store.batch_put(SALES[:2])
    assert isinstance(failed.value, ShardwellError)
    assert len(failed.value.failures) == 2
