"""The TTL backfill as a function: gives every sale without a time to live its own, over as many calls as it takes.

Call it with `{}`, or with `rate` (write units a second), `segments`, and `dryRun`. Short of its timeout it calls itself
with the checkpoint it has come to. Every write is conditional, so an event that is delivered twice does no harm.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from sales_intelligence.tables import SALES
from shardwell.backfill import Step, Steps, backfill, beginning, rehearse
from shardwell.backfill_checkpoint import BackfillCheckpoint
from shardwell.backfill_metric import left_alone_line
from shardwell.backfill_write import key_text
from shardwell.client import shared_client
from shardwell.connection import Connection
from shardwell.rate import RateLimit

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

RATE = 500
SEGMENTS = 4
MOST_RATE = 40_000
"""What an account lets one table have, unless AWS was asked for more."""
MOST_SEGMENTS = 32
"""A checkpoint has a key of up to 3 KB for each segment, and an event may have 256 KB."""
MOST_LEGS = 500
RESERVE_MS = 30_000
"""Left of the timeout when it stops: enough for the writes under way, even those that DynamoDB makes wait."""
LEAST_MS = 2 * RESERVE_MS

logger = Logger()


@dataclass(frozen=True, slots=True)
class Order:
    """What one call is asked for; `leg` counts the calls before it."""

    checkpoint: BackfillCheckpoint
    rate: float = RATE
    leg: int = 0

    def to_event(self) -> dict[str, Any]:
        """The event that asks for it."""
        return {
            "checkpoint": json.loads(self.checkpoint.to_json()),
            "rate": self.rate,
            "segments": self.checkpoint.scan.segments,
            "dryRun": self.checkpoint.rehearsal,
            "leg": self.leg,
        }


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Whether it is complete, and the counts so far."""
    connection = Connection(os.environ["TABLE_NAME"], shared_client())

    def call_again(order: Order) -> None:
        payload = json.dumps(order.to_event()).encode()
        _functions().invoke(FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=payload)

    return run(
        connection, order_of(event, table=connection.table_name), context.get_remaining_time_in_millis, call_again
    )


def run(
    connection: Connection, order: Order, remaining_ms: Callable[[], int], call_again: Callable[[Order], None]
) -> dict[str, Any]:
    """One call's part of the work; `call_again` is given the rest, if there is one."""
    check(order, remaining_ms())
    last = Step(order.checkpoint, order.checkpoint.tally)
    try:
        with closing(_steps(connection, order, until=lambda: remaining_ms() < RESERVE_MS)) as steps:
            for last in steps:
                for fault in last.faults:
                    logger.error("record left alone", extra={"key": key_text(fault.key), "reason": fault.reason})
    finally:
        # Also where DynamoDB refuses: who reads the log can go on from here.
        extra = {"leg": order.leg, "complete": last.checkpoint.complete, **last.tally.to_dict()}
        logger.info("ttl backfill", extra={**extra, "checkpoint": last.checkpoint.to_json()})
        if not order.checkpoint.rehearsal:
            found = last.tally.faults - order.checkpoint.tally.faults
            print(left_alone_line(connection.table_name, found, at=connection.ambient.now()))
    if not last.checkpoint.complete:
        # The last thing that is done: an error after it would have this call repeated beside the next one.
        call_again(replace(order, checkpoint=last.checkpoint, leg=order.leg + 1))
    return {"complete": last.checkpoint.complete, "leg": order.leg, **last.tally.to_dict()}


def check(order: Order, remaining_ms: int) -> None:
    """Refuse a call that could get nothing done, or that is one too many."""
    if order.leg > MOST_LEGS:
        raise RuntimeError(
            f"The backfill has called itself {order.leg} times and {MOST_LEGS} are allowed: raise its rate, and send "
            "this event again with leg 0."
        )
    if remaining_ms < LEAST_MS:
        raise RuntimeError(
            f"The backfill has {remaining_ms} ms left and needs {LEAST_MS} to get something done: raise its timeout."
        )


def order_of(event: Mapping[str, Any], *, table: str) -> Order:
    """What an event asks for; an error that says what is wrong with it."""
    if unknown := event.keys() - {"checkpoint", "rate", "segments", "dryRun", "leg"}:
        raise ValueError(f"The event has {', '.join(sorted(unknown))}: give rate, segments and dryRun only.")
    rate, segments, leg = event.get("rate", RATE), event.get("segments", SEGMENTS), event.get("leg", 0)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 1 <= rate <= MOST_RATE:
        raise ValueError(f"The rate is {rate!r} write units a second: it must be a number from 1 to {MOST_RATE}.")
    if isinstance(segments, bool) or not isinstance(segments, int) or not 1 <= segments <= MOST_SEGMENTS:
        raise ValueError(f"There are {segments!r} segments: it must be a whole number from 1 to {MOST_SEGMENTS}.")
    if isinstance(leg, bool) or not isinstance(leg, int) or leg < 0:
        raise ValueError(f"The leg is {leg!r}: it counts the calls before this one, and is 0 in the first.")
    rehearsal = event.get("dryRun", False)
    if not isinstance(rehearsal, bool):
        raise ValueError(f"dryRun is {rehearsal!r}: it must be true or false.")
    if event.get("checkpoint") is None:
        return Order(beginning(table, segments=segments, rehearsal=rehearsal), rate, leg)
    checkpoint = BackfillCheckpoint.from_json(json.dumps(event["checkpoint"]))
    if (checkpoint.table, checkpoint.scan.segments, checkpoint.rehearsal) != (table, segments, rehearsal):
        raise ValueError(
            f"The checkpoint is of {checkpoint.table} in {checkpoint.scan.segments} segments, and the event is for "
            f"{table} in {segments}: send the event as it was logged, or one without a checkpoint."
        )
    return Order(checkpoint, rate, leg)


def _steps(connection: Connection, order: Order, *, until: Callable[[], bool]) -> Steps:
    if order.checkpoint.rehearsal:
        return rehearse(connection, SALES, order.checkpoint, until=until)
    return backfill(connection, SALES, order.checkpoint, limit=RateLimit(order.rate), until=until)


@cache
def _functions() -> LambdaClient:
    return boto3.client("lambda")
