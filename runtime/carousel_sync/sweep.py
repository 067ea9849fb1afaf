"""The sweep: deletes objects of vectors that no sale points at, which failed inserts and repeats leave behind.

It looks at the objects of one day, 20 days back, once each: the sales of an object are inserted within minutes of its
writing, and a message that comes again writes its own. An object stays if any of its sales points at it. It also stays
if it cannot be read, for somebody to look at.

Call it with `{}`, or with `day` (YYYY-MM-DD) and `dryRun`. Short of its timeout it calls itself with the place it has
come to. Deleting what is deleted already does no harm, so an event may be delivered twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from carousel_sync.records import POINTER
from sales_intelligence.tables import SALES
from shardwell.ambient import Ambient
from shardwell.batch_read import MOST_KEYS
from shardwell.client import shared_client
from shardwell.errors import BadItem, Damaged
from shardwell.expressions import F
from shardwell.fields import day_fault
from shardwell.object_client import make_object_client
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Row

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

DAYS_BACK = 20
"""A message lives 4 days in its queue and 14 in the dead-letter queue."""
LEAST_DAYS_BACK = 2
"""The inserts that belong to an object may still be under way on the day after it was written."""
MOST_LEGS = 100
RESERVE_MS = 20_000
"""Left of the timeout when it stops: enough for the object under way."""


logger = Logger()


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is swept, the object to go on after, and how it went so far; `leg` counts the calls before this one."""

    day: date
    dry_run: bool = False
    after: str = ""
    leg: int = 0
    kept: int = 0
    deleted: int = 0
    unreadable: int = 0

    def to_event(self) -> dict[str, Any]:
        """The event that goes on from here."""
        counts = {name: getattr(self, name) for name in _COUNTS}
        return {"day": self.day.isoformat(), "dryRun": self.dry_run, "after": self.after, "leg": self.leg, **counts}


_COUNTS = ("kept", "deleted", "unreadable")


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """How many objects were kept, deleted (or would be, in a dry run) and unreadable so far."""
    store = Store(SALES, name=os.environ["TABLE_NAME"], client=shared_client())
    objects = VectorObjects(make_object_client(), os.environ["LAKE_BUCKET"])

    def call_again(order: Sweep) -> None:
        payload = json.dumps(order.to_event()).encode()
        _functions().invoke(FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=payload)

    order = order_of(event, today=Ambient().now().date())
    return run(store, objects, order, context.get_remaining_time_in_millis, call_again)


def run(
    store: Store,
    objects: VectorObjects,
    order: Sweep,
    remaining_ms: Callable[[], int],
    call_again: Callable[[Sweep], None],
) -> dict[str, Any]:
    """One call's part of a sweep; `call_again` is given the rest, if there is one."""
    if remaining_ms() < 2 * RESERVE_MS:
        raise RuntimeError(
            f"The sweep has {remaining_ms():,} ms left and needs {2 * RESERVE_MS:,} to get something done: raise its "
            "timeout."
        )
    complete = True
    for key in objects.list(order.day, after=order.after):
        if remaining_ms() < RESERVE_MS:
            complete = False
            break
        order = _swept(store, objects, order, key)
    logger.info("sweep", extra={**order.to_event(), "complete": complete})
    if not complete:
        # The last thing that is done: an error after it would have this call repeated beside the next one.
        call_again(replace(order, leg=order.leg + 1))
    return {**order.to_event(), "complete": complete}


def order_of(event: Mapping[str, Any], *, today: date) -> Sweep:
    """What an event asks for; ValueError says what is wrong with it."""
    # A schedule's own event has fields of its own: only one that calls the function by hand has ours.
    given = event.get("day", (today - timedelta(days=DAYS_BACK)).isoformat())
    if not isinstance(given, str) or day_fault(given) is not None:
        raise ValueError(f"The day is {given!r}: write it as YYYY-MM-DD.")
    day, dry_run, after = date.fromisoformat(given), event.get("dryRun", False), event.get("after", "")
    latest = today - timedelta(days=LEAST_DAYS_BACK)
    if day > latest:
        raise ValueError(f"The day {day} is too near, as its sales may still be being written: give {latest} at most.")
    if not isinstance(dry_run, bool):
        raise ValueError(f"dryRun is {dry_run!r}: it must be true or false.")
    if not isinstance(after, str):
        raise ValueError(f"after is {after!r}: it must be the name of an object.")
    numbers = {name: event.get(name, 0) for name in ("leg", *_COUNTS)}
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError(f"{name} is {number!r}: it counts, and is 0 in a first call.")
    if (leg := numbers["leg"]) > MOST_LEGS:
        raise ValueError(f"The sweep has called itself {leg} times and {MOST_LEGS} are allowed: raise its timeout.")
    return Sweep(day, dry_run, after, **numbers)


def is_pointed_at(store: Store, pointer_start: str, rows: Sequence[Row]) -> bool:
    """Whether any sale has a pointer that begins so, looked for where the sales of these rows are or may have moved."""
    for start in range(0, len(rows), MOST_KEYS):
        found = store.batch_get((row.key for row in rows[start : start + MOST_KEYS]), consistent=True)
        if any(item is not None and str(item.get(POINTER, "")).startswith(pointer_start) for item in found):
            return True
    # A sale whose day was corrected has another key, within the same product.
    products = {(row.key["tenant"], row.key["productId"]) for row in rows}
    points_here = F(POINTER).begins_with(pointer_start)
    return any(
        store.query(tenant=tenant, productId=product).where(points_here).consistent().first() is not None
        for tenant, product in sorted(products)
    )


def _swept(store: Store, objects: VectorObjects, order: Sweep, key: str) -> Sweep:
    """The sweep after one more object."""
    order = replace(order, after=key)
    try:
        kept = is_pointed_at(store, f"s3://{objects.bucket}/{key}#", objects.read_rows(key))
    except (Damaged, BadItem) as error:
        logger.error("object left alone", extra={"object": key, "reason": str(error)})
        return replace(order, unreadable=order.unreadable + 1)
    if kept:
        return replace(order, kept=order.kept + 1)
    if not order.dry_run:
        objects.delete(key)
    logger.info("object that no sale points at", extra={"object": key, "deleted": not order.dry_run})
    return replace(order, deleted=order.deleted + 1)


@cache
def _functions() -> LambdaClient:
    return boto3.client("lambda")
