"""The whole pipeline in one process: a queue, a table with its stream, a bucket, a lake, and the three functions.

The functions are the real ones, over real clients, and their services are in memory. Chance is seeded, time is moved by
hand, threads are replaced by one: the same seed and plan give the same run.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from pyiceberg.exceptions import CommitFailedException, RESTError
from requests import RequestException

from carousel_sync.event_sync import Sync
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from sales_intelligence.tables import SALES
from shardwell.ambient import Ambient
from shardwell.client import make_client
from shardwell.commit import CommitSettings, Committer
from shardwell.errors import ShardwellError
from shardwell.lake_catalog import ensure_table
from shardwell.object_client import make_object_client
from shardwell.queue_client import make_queue_client, show_at_once
from shardwell.queue_events import failures_answer, messages_of
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from tests.support.ambient import START
from tests.support.faults import Crash
from tests.support.pipeline.bucket import MemoryBucket
from tests.support.pipeline.calls import Calls, Kind, Plan, undisturbed
from tests.support.pipeline.catalog import WatchedLake
from tests.support.pipeline.line import NOWHERE, Line
from tests.support.pipeline.poller import Poller
from tests.support.pipeline.queue import VISIBILITY, Queue, Queued, queue_event
from tests.support.pipeline.table import MemoryTable
from tests.support.strict_client import strict

T = TypeVar("T")
BUCKET = "lake-staging"
TABLE = "sales"
PAGE = 3
"""Objects in a page of a list: so few that most lists have several."""
MOST_BYTES = 60_000
"""Of staged objects in one commit: so few that a backlog takes several."""
FAILURES = (ShardwellError, ClientError, BotoCoreError, OSError, RequestException, RESTError, Crash)
"""What a function may end with when its services fail; anything else is a mistake, and raised."""


class Inline(Executor):
    """Does everything at once, in the thread that asks."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """The result, or what it failed with."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (as every executor: whoever asks for the result gets it)
            future.set_exception(error)
        return future


@cache
def lines() -> tuple[Line, Line, Line]:
    """The clients of DynamoDB, S3 and SQS, with the functions' own settings."""
    return Line(strict(make_client(**NOWHERE))), Line(make_object_client(**NOWHERE)), Line(make_queue_client(**NOWHERE))


@contextmanager
def deterministic() -> Iterator[None]:
    """No waiting, no threads, and nothing printed: what runs worlds runs them in here."""
    with ExitStack() as stack:
        stack.enter_context(patch("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None)))
        stack.enter_context(patch("botocore.retries.standard.RetryQuotaChecker.acquire_retry_quota", lambda *_: True))
        stack.enter_context(patch("pyiceberg.utils.concurrent.ExecutorFactory.get_or_create", Inline))
        stack.enter_context(redirect_stdout(io.StringIO()))
        before = logging.root.manager.disable
        stack.callback(logging.disable, before)
        logging.disable(logging.CRITICAL)
        yield


class World:
    """One pipeline, from empty; `plan` disturbs its functions' calls."""

    def __init__(self, seed: int, plan: Plan = undisturbed) -> None:
        self.chance = Random(seed)
        self.now = START
        self.calls = Calls(plan, aside=self._aside)
        self.table = MemoryTable(SALES, name=TABLE, now=lambda: self.now)
        self.bucket = MemoryBucket(name=BUCKET, now=lambda: self.now, page=PAGE)
        self.lake = WatchedLake(self.calls)
        self.queue = Queue(now=lambda: self.now, chance=self.chance, batch=8, again=0.1)
        self.pollers = [
            Poller(shard, records, chance=self.chance, batch=6, again=0.2)
            for shard, records in self.table.records.items()
        ]
        self._work: Callable[[], Any] = lambda: None
        database, objects, queues = lines()
        database.connect(self.table, self.calls)
        objects.connect(self.bucket, self.calls)
        queues.connect(self.queue, self.calls)
        ambient = Ambient(now=lambda: self.now, sleep=lambda _seconds: None, random=lambda: 0.5)
        store = Store(SALES, name=TABLE, client=database.client, ambient=ambient)
        store._connection = replace(store._connection, pool=Inline())
        log = Logger(service="simulated", stream=io.StringIO())
        self._sync = Sync(
            store,
            VectorObjects(objects.client, BUCKET),
            ambient=ambient,
            log=log,
            give_up=lambda messages: show_at_once(queues.client, messages),
        )
        self._stager = Stager(objects.client, BUCKET)
        self._committer = Committer(
            lake=SALES_HISTORY,
            load_table=lambda: ensure_table(self.lake, SALES_HISTORY, ambient=ambient),
            objects=objects.client,
            settings=CommitSettings(bucket=BUCKET, most_bytes=MOST_BYTES),
            ambient=ambient,
        )
        self._committer.load_table()

    def sync(self) -> None:
        """Every message that can be seen, given to the function that writes sales."""
        for batch in self.queue.batches():
            answer = self._invoke("sync", lambda batch=batch: self._synced(batch))
            if answer is not None:
                failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
                # The deletions are the poller's own calls, and may be lost too.
                done = [one.id for one in batch if one.id not in failed]
                self.queue.delete(one for one in done if self.chance.random() > 0.05)

    def stage(self) -> None:
        """What the stream has, given to the function that stages rows."""
        for poller in self.pollers:
            poller.poll(lambda event: self._invoke("stage", lambda: self._stager.handle(event)) is not None)

    def commit(self) -> None:
        """One run of the committer."""
        self._invoke("commit", self._committer.run)

    def turn(self) -> None:
        """Everybody once, in the order of the flow; some of what was delayed arrives, and time passes."""
        for do in (self.sync, self.stage, self.commit):
            self.arrive(probability=0.3)
            do()
        self.pass_time()

    def pass_time(self) -> None:
        """As long as it takes for a message that failed to come again."""
        self.now += VISIBILITY + timedelta(seconds=30)

    def arrive(self, *, probability: float) -> None:
        """Calls that were delayed arrive now, each with this probability."""
        left, self.calls.delayed = self.calls.delayed, []
        self.chance.shuffle(left)
        for do in left:
            if self.chance.random() < probability:
                with self.calls.others():
                    try:
                        do()
                    except (*FAILURES, CommitFailedException):
                        continue  # The service refused what came too late, and nobody was there to hear it.
            else:
                self.calls.delayed.append(do)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is on its way any more."""
        waiting = self.queue.messages or self.calls.delayed or self.bucket.keys("staged/")
        return not waiting and all(poller.idle for poller in self.pollers)

    def load(self) -> Any:
        """The lake's table as it is now."""
        with self.calls.others():
            return self.lake.load_table((SALES_HISTORY.namespace, SALES_HISTORY.name))

    def _synced(self, batch: list[Queued]) -> dict[str, Any]:
        return failures_answer(self._sync.handle(messages_of(queue_event(batch))))

    def _invoke(self, function: str, work: Callable[[], T]) -> T | None:
        """What a process of a function answers; None where it does not."""
        before, self._work = self._work, work
        try:
            with self.calls.process(function):
                return work()
        except FAILURES:
            return None
        finally:
            self._work = before

    def _aside(self, kind: Kind) -> None:
        work, function = self._work, self.calls.made[-1].function
        try:
            if kind == "overtaken":
                work()
            elif kind == "meanwhile":
                self._others_of(function)
            else:
                compact(self.load())
        except FAILURES:
            pass  # It fails for the reason that the function's own work would: what it left undone is done again.

    def _others_of(self, function: str) -> None:
        """What the other functions do; one of a poller that is busy is not called again."""
        for name, batch in (("sync", self._sync_aside), ("stage", self._stage_aside), ("commit", self._committer.run)):
            # The committer runs alone, and a table's shard is read by one call at a time.
            if name != function or name != "commit":
                batch()

    def _sync_aside(self) -> None:
        for batch in self.queue.batches():
            failed = {one["itemIdentifier"] for one in self._synced(batch)["batchItemFailures"]}
            self.queue.delete(one.id for one in batch if one.id not in failed)

    def _stage_aside(self) -> None:
        for poller in self.pollers:
            poller.poll(self._stage_undisturbed)

    def _stage_undisturbed(self, event: dict[str, Any]) -> bool:
        try:
            self._stager.handle(event)
        except FAILURES:
            return False
        return True


def compact(table: Any) -> None:
    """Rewrites the files of a table and forgets its older snapshots, as a managed table's keeper does."""
    if table.current_snapshot() is None:
        return
    table.overwrite(table.scan().to_arrow())
    table.refresh()
    table.maintenance.expire_snapshots().older_than(datetime.now(UTC).replace(tzinfo=None)).commit()
