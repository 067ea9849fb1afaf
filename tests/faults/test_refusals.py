"""Throttles and faults of DynamoDB's own: waited out, and where they last, an error says so; never half an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell.errors import ConditionFailed, SchemaError, ShardwellError, Throttled, TransactionFailed, Unavailable
from shardwell.query import Query
from shardwell.store import Store
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.faults import always, broken, denied, throttled, times
from tests.support.sales import sale
from tests.support.wire import Fault, Sent, answer, refusal

CALLS: dict[str, Callable[[Store], Any]] = {
    "get": lambda store: store.get(sale(1)),
    "put": lambda store: store.put(sale(1)),
    "put if absent": lambda store: store.put(sale(100), if_absent=True),
    "update": lambda store: store.update(sale(1), {"vendorId": "v"}),
    "update of an index key": lambda store: store.update(sale(1), {"category": "shoes"}),
    "move": lambda store: store.update(sale(1), {"saleDate": "2026-11-01"}),
    "delete": lambda store: store.delete(sale(1)),
    "page": lambda store: trend(store).page(limit=5),
    "iterate": lambda store: list(trend(store)),
    "count": lambda store: trend(store).count(),
    "first": lambda store: trend(store).first(),
    "scan": lambda store: list(store.scan(segments=3)),
    "transact": lambda store: transact(store.to_put(sale(100)), store.to_delete(sale(1))),
}


def trend(store: Store) -> Query:
    """Forty sales over ten shards."""
    return store.query("GSI1", tenant="acme", category="dress", season="Q4")


def of_shard(number: int, *, further_page: bool = False) -> Callable[[Sent], bool]:
    """Whether a request reads a shard, from its beginning or further on."""

    def chosen(sent: Sent) -> bool:
        values = sent.body.get("ExpressionAttributeValues", {}).values()
        mine = any(str(value.get("S")).endswith(f"#SHARD#{number}") for value in values)
        return mine and further_page == ("ExclusiveStartKey" in sent.body)

    return chosen


@pytest.fixture
def filled(emulator: Backend, store: Store) -> Store:
    """Forty sales, four a shard more or less."""
    store.batch_put(sale(n) for n in range(40))
    emulator.wire.clear()
    return store


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("fault", [throttled, broken])
def test_a_refusal_that_passes_is_not_noticed(emulator: Backend, filled: Store, name: str, fault: Fault) -> None:
    emulator.wire.fault = times(3, fault)
    CALLS[name](filled)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("fault", "error"), [(throttled, Throttled), (broken, Unavailable)])
def test_a_refusal_that_stays_has_a_name(
    emulator: Backend, filled: Store, name: str, fault: Fault, error: type[Exception]
) -> None:
    emulator.wire.fault = always(fault)
    with pytest.raises(error):
        CALLS[name](filled)


@pytest.mark.parametrize("fault", [throttled, broken, denied])
@pytest.mark.parametrize("shard", range(10))
def test_a_shard_that_fails_fails_the_query(emulator: Backend, filled: Store, shard: int, fault: Fault) -> None:
    emulator.wire.fault = always(fault, of_shard(shard))
    for read in (
        lambda: trend(filled).page(limit=1000),
        lambda: trend(filled).page(limit=1),
        lambda: list(trend(filled)),
        lambda: trend(filled).count(),
        lambda: trend(filled).newest_first().page(limit=7),
    ):
        with pytest.raises(Exception, match="refused by the test"):
            read()


def test_a_shard_that_fails_further_on_fails_the_page_and_its_cursor_still_works(
    emulator: Backend, filled: Store
) -> None:
    whole = list(trend(filled))
    first = trend(filled).page(limit=15)
    shards = {shard for shard in range(10) if any(of_shard(shard)(sent) for sent in emulator.wire.sent)}
    assert shards == set(range(10))
    failed = 0
    for shard in shards:
        emulator.wire.fault = always(throttled, of_shard(shard, further_page=True))
        try:
            rest = trend(filled).page(limit=1000, cursor=first.cursor)
        except Throttled:
            failed += 1
        else:
            assert [*first.items, *rest.items] == whole
    assert failed > 0
    emulator.wire.clear()
    assert [*first.items, *trend(filled).page(limit=1000, cursor=first.cursor).items] == whole


@pytest.mark.parametrize("segment", range(3))
def test_a_segment_that_fails_fails_the_scan(emulator: Backend, filled: Store, segment: int) -> None:
    emulator.wire.fault = always(denied, lambda sent: sent.body.get("Segment") == segment)
    with pytest.raises(Exception, match="refused by the test"):
        list(filled.scan(segments=3))


class TestTransactions:
    """What one write met is told, and contention is waited out."""

    @staticmethod
    def cancelled(*codes: str) -> Fault:
        reasons = [{"Code": code, "Message": "by the test"} for code in codes]
        body = {"__type": "TransactionCanceledException", "message": "cancelled", "CancellationReasons": reasons}
        return lambda _sent, _forward: answer(400, body)

    def test_contention_that_passes(self, emulator: Backend, filled: Store) -> None:
        emulator.wire.fault = times(5, self.cancelled("None", "TransactionConflict"))
        transact(filled.to_put(sale(100)), filled.to_delete(sale(1)))
        assert filled.get(sale(100)) is not None
        tokens = {sent.body["ClientRequestToken"] for sent in emulator.wire.writes}
        assert len(tokens) == 1

    def test_contention_that_stays(self, emulator: Backend, filled: Store) -> None:
        emulator.wire.fault = always(self.cancelled("None", "TransactionConflict"))
        with pytest.raises(TransactionFailed) as failed:
            transact(filled.to_put(sale(100)), filled.to_delete(sale(1)))
        assert [type(reason) for reason in failed.value.reasons] == [type(None), Throttled]
        assert len(emulator.wire.writes) == 8

    def test_a_move_that_meets_contention_for_good(self, emulator: Backend, filled: Store) -> None:
        emulator.wire.fault = always(
            self.cancelled("None", "ThrottlingError"), lambda sent: sent.operation == "TransactWriteItems"
        )
        with pytest.raises(Throttled):
            filled.update(sale(1), {"saleDate": "2026-11-01"})
        assert len(emulator.wire.writes) == 8

    def test_a_refusal_among_conflicts_is_not_tried_again(self, emulator: Backend, filled: Store) -> None:
        emulator.wire.fault = always(self.cancelled("TransactionConflict", "ConditionalCheckFailed"))
        with pytest.raises(TransactionFailed) as failed:
            transact(filled.to_put(sale(100)), filled.to_check(sale(1)))
        assert isinstance(failed.value.reasons[0], Throttled)
        assert isinstance(failed.value.reasons[1], ShardwellError)
        assert len(emulator.wire.writes) == 1


def test_a_table_that_is_not_there_is_named(emulator: Backend) -> None:
    emulator.wire.fault = None
    nowhere = emulator.store_of(SALES, "test-nowhere")
    emulator.wire.fault = always(
        lambda _sent, _forward: refusal("ResourceNotFoundException"), lambda sent: sent.operation != "DescribeTable"
    )
    for name in ("get", "put", "delete", "page", "count"):
        with pytest.raises((SchemaError, Exception), match=r"test-nowhere|ResourceNotFound"):
            CALLS[name](nowhere)


def test_an_update_that_others_always_outrun_gives_up_in_the_end(emulator: Backend, filled: Store) -> None:
    raw = {"PK": {"S": "TENANT#acme#PRODUCT#p1"}, "SK": {"S": "SALE#2026-10-02#s0001"}}
    turn = iter(range(1000))

    def outrun(sent: Sent, forward: Any) -> Any:
        if sent.operation == "UpdateItem" and "category" in str(sent.body.get("ExpressionAttributeNames")):
            season = f"Q{next(turn) % 4 + 1}"
            emulator.wire.fault = None
            emulator.client.update_item(
                TableName=filled.name,
                Key=raw,
                UpdateExpression="SET season = :s",
                ExpressionAttributeValues={":s": {"S": season}},
            )
            emulator.wire.fault = outrun
        return forward()

    emulator.wire.fault = outrun
    with pytest.raises(ConditionFailed, match="8 times in a row"):
        filled.update(sale(1), {"category": "shoes"})
    emulator.wire.clear()
    assert filled.get(sale(1), only=("category",)) == {"category": "dress"}
