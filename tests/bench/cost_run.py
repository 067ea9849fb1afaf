"""Sales through the real publisher and functions over services in memory, with a meter on every request."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from math import ceil
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger
from botocore.awsrequest import AWSResponse

from carousel_sync import stage
from carousel_sync.event_sync import Sync
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.publish import publish_sales, publish_sales_singly
from carousel_sync.records import DETAIL_TYPE, SOURCE
from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from shardwell.object_client import make_object_client
from shardwell.publish import entry_size
from shardwell.queue_events import failures_answer, messages_of
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from tests.bench.cost_meter import Meter, chunks
from tests.support.ambient import START
from tests.support.pipeline.bucket import MemoryBucket
from tests.support.pipeline.catalog import WatchedLake
from tests.support.pipeline.line import NOWHERE, Line, Request, response
from tests.support.pipeline.queue import Queued, queue_event
from tests.support.pipeline.table import MemoryTable
from tests.support.sold import body

BUCKET = "lake-staging"
MEMORY_MB = {"sync": 1_024, "stage": 1_024, "commit": 2_048}
DELETED_AT_ONCE = 10
MOST_PAYLOAD = 6 * 1_024 * 1_024
"""Of one call of a function."""


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How many messages, changes and rows come together, at some rate of sales."""

    messages: int
    changes: int
    rows: int
    received: int
    """Messages in one answer of the queue, which has what is there when it is asked: 10 at most."""


class Bus:
    """An event bus in memory."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.details: list[str] = []

    def answer(self, request: Request) -> AWSResponse:
        """As EventBridge does; the rule sends every event on to the queue."""
        entries = json.loads(request.body)["Entries"]
        for one in entries:
            size = entry_size(source=SOURCE, detail_type=DETAIL_TYPE, detail=one["Detail"])
            self._meter.bill.add("EventBridge", "events.custom", chunks(size))
            self.details.append(one["Detail"])
        told = {"FailedEntryCount": 0, "Entries": [{"EventId": str(number)} for number in range(len(entries))]}
        return response(200, json.dumps(told).encode())

    def refusal(self) -> AWSResponse:
        """Never asked for."""
        raise NotImplementedError


def publish(meter: Meter, sales: Sequence[Mapping[str, Any]], *, packed: bool) -> list[str]:
    """The bodies of the messages that are in the queue once these were published."""
    bus, line = Bus(meter), _lines()["events"]
    line.connect(bus, meter)
    (publish_sales if packed else publish_sales_singly)(line.client, "bus", sales)
    # The envelope is read and written again, as a detail is not to be parsed by the meter.
    around = body({"@": 0})
    bodies = [around.replace('{"@": 0}', detail) for detail in bus.details]
    for one in bodies:
        meter.bill.add("SQS", "sqs.request", chunks(len(one.encode())))
    return bodies


def carry(meter: Meter, bodies: Sequence[str], rhythm: Rhythm) -> int:
    """How many rows are in the lake once all functions have done their part."""
    table = MemoryTable(SALES, name=SALES.name_template, now=_now)
    bucket = MemoryBucket(name=BUCKET, now=_now)
    lake = WatchedLake(Meter())
    lines = _lines()
    for name, service in (("dynamodb", table), ("s3", bucket)):
        lines[name].connect(service, meter)
        lines[name].heard = meter.heard
    objects = lines["s3"].client
    log = io.StringIO()
    logger = Logger(service=f"metered-{uuid4().hex}", stream=log)
    store = Store(SALES, name=SALES.name_template, client=lines["dynamodb"].client)
    sync = Sync(store, VectorObjects(objects, BUCKET), log=logger)
    stager = stage.Stager(objects, BUCKET)
    committer = Committer(
        lake=SALES_HISTORY,
        load_table=lambda: ensure_table(lake, SALES_HISTORY),
        objects=objects,
        settings=CommitSettings(bucket=BUCKET),
    )
    committer.load_table()
    lake.watch(meter)
    with redirect_stdout(log), patch.object(stage, "logger", logger):
        for batch in _batches(meter, bodies, rhythm):
            with meter.function("sync", memory_mb=MEMORY_MB["sync"]):
                answer = failures_answer(sync.handle(messages_of(batch)))
            if answer["batchItemFailures"]:
                raise RuntimeError(f"{len(answer['batchItemFailures'])} messages failed: {log.getvalue()[-500:]}")
        rows = waiting = 0
        for event in _events(table, rhythm.changes):
            with meter.function("stage", memory_mb=MEMORY_MB["stage"]):
                stager.handle(event)
            waiting += len(event["Records"])
            if waiting >= rhythm.rows:
                rows, waiting = rows + _commit(meter, committer), 0
        rows += _commit(meter, committer) if waiting else 0
    meter.bill.add("CloudWatch: logs", "cloudwatch.logs", len(log.getvalue()) / 1e9)
    return rows


def idle_commit(meter: Meter) -> None:
    """A call of the committer that finds nothing."""
    line = _lines()["s3"]
    line.connect(MemoryBucket(name=BUCKET, now=_now), meter)
    settings = CommitSettings(bucket=BUCKET)
    with meter.function("commit", memory_mb=MEMORY_MB["commit"]):
        Committer(lake=SALES_HISTORY, load_table=lambda: None, objects=line.client, settings=settings).run()


def _commit(meter: Meter, committer: Committer) -> int:
    with meter.function("commit", memory_mb=MEMORY_MB["commit"]):
        return committer.run().rows


def _batches(meter: Meter, bodies: Sequence[str], rhythm: Rhythm) -> Iterator[dict[str, Any]]:
    """Lambda events, and the requests to the queue behind them."""
    batch: list[Queued] = []
    size = 0
    for number, text in enumerate(chain(bodies, [""])):
        if batch and (not text or len(batch) == rhythm.messages or size + len(text) > MOST_PAYLOAD):
            for start in range(0, len(batch), rhythm.received):
                received = sum(len(one.body) for one in batch[start : start + rhythm.received])
                meter.bill.add("SQS", "sqs.request", chunks(received))
            meter.bill.add("SQS", "sqs.request", ceil(len(batch) / DELETED_AT_ONCE))
            yield queue_event(batch)
            batch, size = [], 0
        batch.append(Queued(f"m{number}", text, START, receipts=1))
        size += len(text)


def _events(table: MemoryTable, most: int) -> Iterator[dict[str, Any]]:
    for shard, records in table.records.items():
        for start in range(0, len(records), most):
            yield {"Records": records[start : start + most], "shardId": shard, "state": {}}


@cache
def _lines() -> dict[str, Line]:
    clients = {
        "dynamodb": make_client(**NOWHERE),
        "s3": make_object_client(**NOWHERE),
        "events": boto3.client("events", **NOWHERE),
    }
    return {name: Line(client) for name, client in clients.items()}


def _now() -> datetime:
    return datetime.now(UTC)
