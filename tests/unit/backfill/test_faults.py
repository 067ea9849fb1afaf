"""What DynamoDB and the network do to a backfill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shardwell.backfill import Step, backfill
from shardwell.backfill_tally import Tally
from shardwell.errors import SchemaError, Throttled, Unavailable
from shardwell.rate import RateLimit
from tests.support.sales import sale
from tests.support.wire import Forward, Sent, refusal
from tests.unit.backfill.scene import FAST, Scene, mixed

THROTTLED = "ProvisionedThroughputExceededException"
BY_BOTOCORE = 5
"""How often botocore sends one request before it gives up."""


def disturb(scene: Scene, operations: set[str], answer: Callable[[int, Sent, Forward], Any]) -> None:
    """Answer some operations in another way; the number counts how often each request was sent."""
    count: dict[str, int] = {}
    lock = threading.Lock()

    def fault(sent: Sent, forward: Forward) -> Any:
        if sent.operation not in operations:
            return forward()
        with lock:
            name = str(sent.body)
            count[name] = count.get(name, 0) + 1
            number = count[name]
        return answer(number, sent, forward)

    scene.backend.wire.fault = fault


def lost(sent: Sent) -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url=f"http://test/{sent.operation}")


@pytest.mark.parametrize("operation", ["Scan", "UpdateItem", "DeleteItem"])
def test_throttling_that_ends_is_waited_for(scene: Scene, operation: str) -> None:
    for number in range(12):
        scene.put(mixed(number))
    disturb(
        scene,
        {operation},
        lambda number, _, forward: refusal(THROTTLED) if number <= 3 * BY_BOTOCORE else forward(),
    )
    last = scene.backfill()
    assert (last.tally.given, last.tally.deleted) == (9, 3)
    assert scene.backend.surroundings.waits


def test_a_table_that_refuses_every_write_stops_the_backfill_where_it_is(scene: Scene) -> None:
    for number in range(30):
        scene.put(sale(number))
    disturb(scene, {"UpdateItem"}, lambda *_: refusal(THROTTLED))
    steps: list[Step] = []
    with pytest.raises(Throttled):
        steps.extend(_collected(scene, steps))
    assert not steps[-1].checkpoint.complete
    scene.backend.wire.fault = None
    assert all("ttl" not in item for item in scene.raw().values())
    assert scene.backfill(steps[-1].checkpoint).tally.given == 30


def _collected(scene: Scene, steps: list[Step]) -> list[Step]:
    for step in backfill(scene.connection, scene.table, scene.beginning(), limit=RateLimit(FAST)):
        steps.append(step)
    return []


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
def test_a_lost_answer_is_asked_for_again_and_the_write_counted_as_done(scene: Scene, operation: str) -> None:
    for number in range(12):
        scene.put(mixed(number))

    def answer(number: int, sent: Sent, forward: Forward) -> Any:
        response = forward()
        if number <= BY_BOTOCORE:
            raise lost(sent)
        return response

    disturb(scene, {operation}, answer)
    last = scene.backfill()
    assert last.tally == Tally(looked_at=12, given=9, deleted=3, write_units=last.tally.write_units)


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
def test_an_answer_that_botocore_asked_for_again_is_counted_as_done(scene: Scene, operation: str) -> None:
    for number in range(12):
        scene.put(mixed(number))

    def answer(number: int, sent: Sent, forward: Forward) -> Any:
        response = forward()
        if number == 1:
            raise lost(sent)
        return response

    disturb(scene, {operation}, answer)
    last = scene.backfill()
    assert last.tally == Tally(looked_at=12, given=9, deleted=3, write_units=last.tally.write_units)


def test_a_server_that_is_gone_stops_it_with_an_error_to_act_on(scene: Scene) -> None:
    scene.put(sale(1))

    def answer(_number: int, sent: Sent, _forward: Forward) -> Any:
        raise lost(sent)

    disturb(scene, {"Scan"}, answer)
    with pytest.raises(Unavailable, match="did not answer"):
        scene.backfill()


def test_a_missing_permission_stops_it_at_once(scene: Scene) -> None:
    for number in range(200):
        scene.put(sale(number))
    disturb(scene, {"UpdateItem"}, lambda *_: refusal("AccessDeniedException", message="no dynamodb:UpdateItem"))
    with pytest.raises(ClientError, match="no dynamodb:UpdateItem"):
        scene.backfill()
    # Those that were under way already, and not one for each record.
    assert len(scene.backend.wire.writes) < 150


def test_a_missing_table_is_said_so(scene: Scene) -> None:
    disturb(scene, {"Scan"}, lambda *_: refusal("ResourceNotFoundException"))
    with pytest.raises(SchemaError, match="does not exist in this account and region"):
        scene.backfill()


def test_a_record_that_has_no_room_for_it_is_reported_and_the_others_go_on(scene: Scene) -> None:
    for number in range(9):
        scene.put(sale(number))

    def answer(_number: int, sent: Sent, forward: Forward) -> Any:
        if sent.body["Key"]["SK"]["S"].endswith("#s0003"):
            return refusal("ValidationException", message="Item size to update has exceeded the maximum allowed size")
        return forward()

    disturb(scene, {"UpdateItem"}, answer)
    last = scene.backfill()
    assert (last.tally.given, last.tally.failed) == (8, 1)
    assert [fault.key["SK"]["S"] for fault in last.faults] == ["SALE#2026-10-04#s0003"]
    assert last.checkpoint.complete
