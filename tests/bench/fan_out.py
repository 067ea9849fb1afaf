"""A page over ten shards against a page of one, when the service takes its time to answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from shardwell import Key, Table
from shardwell.store import Store
from tests.bench.fake_service import FakeService
from tests.bench.result import Result, at_most

GOAL = 1.6
LATENCY = 0.020
PAGE = 100
ROUNDS = 30
WALK = 100_000


def table(shards: int) -> Table:
    """Events by day, over so many shards."""
    index = Key(DayPK="DAY#{day}#SHARD#{shard}", DaySK="{at}#{id}").sharded(shards, by="id")
    return Table("bench-{stage}", key=Key(PK="EVENT#{id}"), indexes={"ByDay": index})


def run() -> Result:
    """Median time of a page of 100 over ten shards and over one, and a walk through 100,000 items."""
    many, one = store(10, items=20_000), store(1, items=20_000)
    ours, theirs = paired(lambda: page(many), lambda: page(one))
    walked, most = walk(store(10, items=WALK, latency=0.0))
    return at_most(
        GOAL,
        name="fan_out",
        ours=ours * 1_000,
        theirs=theirs * 1_000,
        unit="ms a page (median)",
        what=f"a page of {PAGE} with {LATENCY * 1_000:.0f} ms of injected latency a request: 10 shards against 1",
        requests_a_page=10,
        walked_items=walked,
        walk_peak_mb=round(most, 1),
    )


def paired(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Median seconds of two actions, measured in turns so that a slow moment hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for action, found in zip((one, other), times, strict=True):
            began = time.perf_counter()
            action()
            found.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def page(events: Store) -> None:
    """One page of the day."""
    found = events.query("ByDay", day="2026-11-20").page(limit=PAGE)
    if len(found.items) != PAGE:
        raise RuntimeError(f"The page has {len(found.items)} items instead of {PAGE}.")


def walk(events: Store) -> tuple[int, float]:
    """How many items a walk gives, and its peak of memory above the start in MB."""
    import tracemalloc

    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    last, count = "", 0
    for item in events.query("ByDay", day="2026-11-20"):
        if item["at"] < last:
            raise RuntimeError("The walk is out of order.")
        last, count = item["at"], count + 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, (most - before) / 1e6


def store(shards: int, *, items: int, latency: float = LATENCY) -> Store:
    """A store on a service that answers from memory after a while."""
    schema = table(shards)
    service = FakeService(schema, "ByDay", latency=latency)
    service.fill({"id": f"e{n}", "day": "2026-11-20", "at": f"{n:07d}", "price": Decimal(n)} for n in range(items))
    return Store(schema, name="bench", client=service, cursor_keys=(b"k" * 32,))
