"""What a piece of code reads from DynamoDB, counted at the client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reading:
    """What was read, and how long it took."""

    items: int = 0
    pages: int = 0
    partitions: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def __str__(self) -> str:
        pages = "1 page" if self.pages == 1 else f"{self.pages} pages"
        partitions = "1 partition" if len(self.partitions) == 1 else f"{len(self.partitions)} partitions"
        return f"{self.items:,} items, {pages} of {partitions}, {self.seconds * 1000:.0f} ms"


@contextmanager
def metered(client: Any) -> Iterator[Reading]:
    """Counts the queries of `client` while the block runs; each shard that is asked is a partition."""
    reading = Reading()
    # A list takes an entry in one step, so the threads of a fan-out need no lock.
    asked: list[str] = []
    counts: list[int] = []

    def before(params: dict[str, Any], **_: Any) -> None:
        asked.append(partition_of(params))

    def after(parsed: dict[str, Any], **_: Any) -> None:
        counts.append(int(parsed.get("Count", 0)))

    events = client.meta.events
    events.register("provide-client-params.dynamodb.Query", before)
    events.register("after-call.dynamodb.Query", after)
    started = time.monotonic()
    try:
        yield reading
    finally:
        reading.seconds = time.monotonic() - started
        events.unregister("provide-client-params.dynamodb.Query", before)
        events.unregister("after-call.dynamodb.Query", after)
        reading.items, reading.pages, reading.partitions = sum(counts), len(counts), set(asked)


def partition_of(request: dict[str, Any]) -> str:
    """The partition key value that a query asks for: the value that its condition compares for equality first."""
    name = request["KeyConditionExpression"].partition("=")[2].split()[0].strip("()")
    return str(request["ExpressionAttributeValues"][name])
