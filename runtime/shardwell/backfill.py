"""The backfill of a table's time to live: every record without one gets it, or is deleted as too old to get it.

Segments are read side by side, each by a thread of its own, page after page; the writes of a page run in the shared
pool. A segment's position moves on when every record of a page has been dealt with, so a backfill that is killed at
any moment resumes without leaving a record out, and finds done what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event
from typing import Any

from shardwell.backfill_checkpoint import BackfillCheckpoint
from shardwell.backfill_plan import Leave, plan, ttl_of
from shardwell.backfill_tally import NOTHING, Tally, one
from shardwell.backfill_write import Dealt, deal_with, key_of, units_of
from shardwell.client import call
from shardwell.codec import Encoded
from shardwell.connection import Connection
from shardwell.errors import BadQuery, ShardwellError, Throttled, Unavailable
from shardwell.expressions import Placeholders
from shardwell.rate import RateLimit
from shardwell.scan import MOST_SEGMENTS, Checkpoint
from shardwell.schema import Table

PAGE_ITEMS = 1_000
"""Records looked at in one request: what a kill costs at most is one such page of each segment, read again."""

SEGMENTS_AT_ONCE = 16
"""Segments read side by side, each by a thread of its own; further ones wait for their turn."""
WRITES_AT_ONCE = 64
"""Writes under way or waiting for a thread of the pool: what is read ahead of them is held in memory."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Step:
    """How far it has come: what to resume from, all that has been counted, and the records somebody has to look at."""

    checkpoint: BackfillCheckpoint
    tally: Tally
    faults: tuple[Dealt, ...] = ()


def backfill(
    connection: Connection,
    table: Table,
    checkpoint: BackfillCheckpoint,
    *,
    limit: RateLimit,
    until: Callable[[], bool] = _never,
) -> Steps:
    """Give every record its time to live, from where a checkpoint is; a step for each moment there is news.

    Once `until` is true it stops as soon as the writes under way are done; the last step's checkpoint says whether it
    is complete. Closing the iterator stops it likewise. Raises what DynamoDB refuses to all, after the last step.
    """
    if checkpoint.rehearsal:
        raise BadQuery("The checkpoint is of a rehearsal, which has written nothing: begin anew, without it.")

    def write(run: _Run, found: Encoded) -> Future[Dealt] | Dealt | None:
        decision = plan(table, found, connection.ambient.now())
        if isinstance(decision, Leave):
            return Dealt(key_of(table, found), decision.outcome, decision.reason)
        if not limit.take(units_of(table), unless=run.stopped):
            return None
        run.slots.acquire()
        return connection.pool.submit(run.in_pool, lambda: deal_with(connection, table, found, decision, limit))

    return _steps(_Run(connection, table, write, until), checkpoint)


def rehearse(
    connection: Connection, table: Table, checkpoint: BackfillCheckpoint, *, until: Callable[[], bool] = _never
) -> Steps:
    """What `backfill` would do, counted in the same way; nothing is written."""
    if not checkpoint.rehearsal:
        raise BadQuery("The checkpoint is of a backfill, and a rehearsal of the rest alone says little: begin anew.")

    def count(run: _Run, found: Encoded) -> Future[Dealt] | Dealt | None:
        if run.stopped():
            return None
        decision = plan(table, found, connection.ambient.now())
        if isinstance(decision, Leave):
            return Dealt(key_of(table, found), decision.outcome, decision.reason)
        return Dealt(key_of(table, found), _WOULD_BE[type(decision).__name__])

    return _steps(_Run(connection, table, count, until), checkpoint)


_WOULD_BE: Mapping[str, Any] = {"Give": "given", "Delete": "deleted"}


def beginning(table: str, *, segments: int, rehearsal: bool = False) -> BackfillCheckpoint:
    """The checkpoint that a backfill, or a rehearsal of one, begins with."""
    if isinstance(segments, bool) or not isinstance(segments, int) or not 1 <= segments <= MOST_SEGMENTS:
        raise BadQuery(f"There are {segments!r} segments: it must be a whole number from 1 to {MOST_SEGMENTS}.")
    return BackfillCheckpoint(table, Checkpoint(segments), rehearsal)


Steps = Generator[Step, None, None]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, or a page's beginning, of which every record has been dealt with, and how many had nothing to do."""

    segment: int
    position: Encoded | None
    already_had: Tally
    dealt: Tally


_News = Dealt | _Page | Future[None]
"""What the threads tell: a record's end, a page's, a segment's."""


@dataclass(frozen=True)
class _Run:
    """What the threads of one backfill share."""

    connection: Connection
    table: Table
    deal: Callable[[_Run, Encoded], Future[Dealt] | Dealt | None]
    """Begins with a record; None once the run is to stop."""
    until: Callable[[], bool]
    news: SimpleQueue[_News] = field(default_factory=SimpleQueue)
    halt: Event = field(default_factory=Event)
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(WRITES_AT_ONCE))

    def stopped(self) -> bool:
        """Whether no further record is to be begun with."""
        return self.halt.is_set() or self.until()

    def in_pool(self, write: Callable[[], Dealt]) -> Dealt:
        """What became of a record, made known as well; a refusal of all halts the run before further ones meet it."""
        try:
            dealt = write()
        except BaseException:
            self.halt.set()
            raise
        else:
            self.news.put(dealt)
            return dealt
        finally:
            self.slots.release()


def _steps(run: _Run, checkpoint: BackfillCheckpoint) -> Steps:
    positions = checkpoint.scan.positions
    todo = [number for number in range(checkpoint.scan.segments) if positions.get(number, {}) is not None]
    step = Step(checkpoint, checkpoint.tally)
    failed: BaseException | None = None
    with ThreadPoolExecutor(SEGMENTS_AT_ONCE, thread_name_prefix="shardwell-segment") as threads:
        try:
            for number in todo:
                future = threads.submit(_segment, run, checkpoint.scan, number)
                future.add_done_callback(run.news.put)
            left = len(todo)
            while left:
                news = _all_news(run)
                for ended in (one for one in news if isinstance(one, Future)):
                    left -= 1
                    failed = failed or ended.exception()
                step = _next(step, news)
                yield step
        finally:
            run.halt.set()
    if failed is not None:
        raise failed
    if not todo:
        yield step


def _all_news(run: _Run) -> list[_News]:
    """What has happened since the last time, at least one thing."""
    news = [run.news.get()]
    try:
        while True:
            news.append(run.news.get_nowait())
    except Empty:
        return news


def _next(step: Step, news: list[_News]) -> Step:
    checkpoint, tally, faults = step.checkpoint, step.tally, []
    for event in news:
        match event:
            case Dealt():
                tally += one(event.outcome, write_units=event.write_units)
                if event.reason:
                    faults.append(event)
            case _Page():
                tally += event.already_had
                checkpoint = checkpoint.after(event.segment, event.position, event.already_had + event.dealt)
    return Step(checkpoint, tally, tuple(faults))


def _segment(run: _Run, scan: Checkpoint, segment: int) -> None:
    """Read a segment to its end, or until the run stops."""
    position = scan.positions.get(segment)
    while not run.stopped():
        answer = _read(run, scan.segments, segment, position)
        page = answer["Items"]
        dealt = _records(run, page)
        tally = sum((one(each.outcome, write_units=each.write_units) for each in dealt), NOTHING)
        if len(dealt) < len(page):
            if dealt:
                # Stopped on the way: a scan goes on after any key, be it the last of its page or not.
                run.news.put(_Page(segment, key_of(run.table, page[len(dealt) - 1]), NOTHING, tally))
            return
        position = answer.get("LastEvaluatedKey")
        others = answer["ScannedCount"] - len(page)
        run.news.put(_Page(segment, position, Tally(looked_at=others, already_had=others), tally))
        if position is None:
            return


def _records(run: _Run, page: list[Encoded]) -> list[Dealt]:
    """What became of the records of a page, once it is known of each; of the first ones only if the run stopped."""
    begun: list[Dealt | Future[Dealt]] = []
    for found in page:
        one_more = None if run.halt.is_set() else run.deal(run, found)
        if one_more is None:
            break
        begun.append(one_more)
        if isinstance(one_more, Dealt):
            run.news.put(one_more)
    wait(each for each in begun if isinstance(each, Future))
    return [each.result() if isinstance(each, Future) else each for each in begun]


def _read(run: _Run, segments: int, segment: int, position: Encoded | None) -> Mapping[str, Any]:
    """A page of the records of a segment that have no time to live, or one that DynamoDB cannot read."""
    ttl = ttl_of(run.table)
    placeholders = Placeholders()
    names = [attribute.name for attribute in run.table.key.attributes]
    wanted = dict.fromkeys([*names, ttl.attribute, *([] if ttl.after is None else [ttl.after])])
    attribute = placeholders.name(ttl.attribute)
    number = placeholders.value("N", "N")
    request: dict[str, Any] = {
        "TableName": run.connection.table_name,
        "Segment": segment,
        "TotalSegments": segments,
        "Limit": PAGE_ITEMS,
        "FilterExpression": f"attribute_not_exists({attribute}) OR NOT attribute_type({attribute}, {number})",
        "ProjectionExpression": ", ".join(placeholders.name(name) for name in wanted),
        **placeholders.request(),
    }
    if position is not None:
        request["ExclusiveStartKey"] = position
    refusal: ShardwellError | None = None
    for _ in run.connection.ambient.attempts():
        try:
            answer: Mapping[str, Any] = call(run.connection.client.scan, **request)
        except (Throttled, Unavailable) as error:
            refusal = error
        else:
            return answer
    raise refusal or BadQuery("No attempt to read was made.")
