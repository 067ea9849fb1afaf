"""A meter of what AWS would ask for: requests of real clients as they are made, and functions by the CPU they use."""

from __future__ import annotations

import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any, TypeVar

from botocore.awsrequest import AWSResponse

from review.prices import price_list
from shardwell.schema import Table
from tests.support.pipeline.calls import Calls, Errors
from tests.support.pipeline.line import Request
from tests.support.rules.batches import inserted
from tests.support.rules.items import size_of

T = TypeVar("T")
CHUNK = 64 * 1024
"""What EventBridge and SQS count payloads in."""
FULL_PROCESSOR_MB = 1_769
"""The memory at which Lambda gives a function one processor; with less it gets a part of one."""
AT_ONCE = 32
"""Requests of one batch that the store has on their way together."""
WAITS = {
    "BatchExecuteStatement": 0.015,
    "BatchGetItem": 0.010,
    "PutItem": 0.006,
    "PutObject": 0.030,
    "GetObject": 0.020,
    "ChangeMessageVisibility": 0.010,
    "ListObjectsV2": 0.030,
    "DeleteObjects": 0.040,
    "LoadTable": 0.100,
    "Commit": 0.300,
    "ReadFile": 0.030,
    "WriteFile": 0.040,
}
"""Seconds that a function is assumed to wait for an answer: it is paid for these, and nothing here takes as long."""
_S3 = {"PutObject": "s3.put", "ListObjectsV2": "s3.put", "GetObject": "s3.get"}
"""Deletions are free."""
_S3_TABLES = {
    "WriteFile": ("s3tables.put", 1),
    "ReadFile": ("s3tables.get", 1),
    "LoadTable": ("s3tables.get", 2),  # the catalog's own request, and its file of metadata
    "Commit": ("s3tables.put", 2),
}


@dataclass
class Bill:
    """Units by what they are for and by the name of their price."""

    units: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, what: str, price: str, units: float = 1) -> None:
        """So many units more."""
        self.units[what][price] += units  # type: ignore[assignment]  # a Counter of parts of units, too

    def usd(self, *, scale: float = 1.0) -> dict[str, float]:
        """US dollars of each part."""
        prices = price_list()
        return {
            what: round(float(sum(prices.cost(name, count * scale) for name, count in found.items())), 4)
            for what, found in sorted(self.units.items())
        }


class Meter(Calls):
    """Calls that go through, each counted and timed, so that the services' own work is not taken for the functions'."""

    def __init__(self, table: Table | None = None) -> None:
        super().__init__()
        self.bill = Bill()
        self.invocations: Counter[str] = Counter()
        self.cpu_seconds: Counter[str] = Counter()
        self.gb_seconds: Counter[str] = Counter()
        self.item_bytes = 0
        self._table = table
        self._lock = Lock()
        self._waited: Counter[str] = Counter()
        self._service_seconds = 0.0

    def make(self, operation: str, do: Callable[[], T], errors: Errors) -> T:
        """The answer of a call; all of them get one."""
        began = time.thread_time()
        answer = do()
        seconds = time.thread_time() - began
        with self._lock:
            self._service_seconds += seconds
            self._waited[operation] += 1
            if operation in _S3:
                self.bill.add("S3", _S3[operation])
            if operation in _S3_TABLES:
                price, count = _S3_TABLES[operation]
                self.bill.add("S3 Tables", price, count)
        return answer

    def heard(self, request: Request, answer: AWSResponse) -> None:
        """Write and read units of a request to DynamoDB."""
        asked = json.loads(request.body) if request.operation in _WRITTEN else {}
        if not asked:
            return
        with self._lock:
            for table, item in _WRITTEN[request.operation](asked):
                self._write_units(table, item)

    @contextmanager
    def function(self, name: str, *, memory_mb: int, price: str = "lambda.gb_second") -> Iterator[None]:
        """One invocation of a function of so much memory."""
        self._waited.clear()
        before, began = self._service_seconds, time.process_time()
        yield
        cpu = max(0.0, time.process_time() - began - (self._service_seconds - before))
        waits = sum(WAITS[one] * _rounds(one, count) for one, count in self._waited.items())
        seconds = math.ceil((cpu / min(1.0, memory_mb / FULL_PROCESSOR_MB) + waits) * 1_000) / 1_000
        self.invocations[name] += 1
        self.cpu_seconds[name] += cpu
        self.gb_seconds[name] += seconds * memory_mb / 1_024
        self.bill.add(f"Lambda: {name}", "lambda.request")
        self.bill.add(f"Lambda: {name}", price, seconds * memory_mb / 1_024)

    def _write_units(self, table: str, item: Mapping[str, Any]) -> None:
        self.item_bytes = max(self.item_bytes, size_of(item))
        described = self._table
        if described is None or table != described.name_template:
            self.bill.add("DynamoDB: other tables", "dynamodb.write_unit", _kilobytes(size_of(item)))
            return
        self.bill.add("DynamoDB: the table", "dynamodb.write_unit", _kilobytes(size_of(item)))
        keys = [attribute.name for attribute in described.key.attributes]
        for name, key in described.indexes.items():
            names = [attribute.name for attribute in key.attributes]
            if all(one in item for one in names):
                fields = described.projected(name)
                held = item if fields is None else {k: v for k, v in item.items() if k in {*names, *keys, *fields}}
                self.bill.add("DynamoDB: its indexes", "dynamodb.write_unit", _kilobytes(size_of(held)))


def chunks(size: int) -> int:
    """In how many chunks a payload is paid for."""
    return max(1, math.ceil(size / CHUNK))


def usd(price: str, units: float) -> float:
    """US dollars for so many units."""
    return float(price_list().cost(price, Decimal(units)))


_WRITTEN: dict[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, Mapping[str, Any]]]]] = {
    "BatchExecuteStatement": inserted,
    "PutItem": lambda asked: iter([(asked["TableName"], asked["Item"])]),
}


def _kilobytes(size: int) -> int:
    return max(1, math.ceil(size / 1_024))


def _rounds(operation: str, count: int) -> int:
    return math.ceil(count / AT_ONCE) if operation in ("BatchExecuteStatement", "BatchGetItem") else count
