"""A table of sales of which some have no time to live, and a backfill over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sales_intelligence.tables import SALES
from shardwell.backfill import Step, backfill, beginning, rehearse
from shardwell.backfill_checkpoint import BackfillCheckpoint
from shardwell.codec import Codec
from shardwell.connection import Connection
from shardwell.rate import RateLimit
from shardwell.schema import Table
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.sales import sale

FAST = 1e9


@dataclass(frozen=True)
class Scene:
    """A store of a table, what is in it by key, and the way to it."""

    backend: Backend
    store: Store

    @property
    def connection(self) -> Connection:
        """What a backfill takes."""
        return Connection(self.store.name, self.backend.client, ambient=self.backend.surroundings.ambient)

    @property
    def table(self) -> Table:
        return self.store.table

    def put(self, item: dict[str, Any], *, ttl: dict[str, Any] | None = None, shape: str | None = None) -> None:
        """Store an item as something older than the time to live did: without one, unless `ttl` is given."""
        encoded = Codec.of(self.table, shape, self.store.name).encoded(item, self.backend.surroundings.now)
        assert self.table.ttl is not None
        encoded.pop(self.table.ttl.attribute, None)
        if ttl is not None:
            encoded[self.table.ttl.attribute] = ttl
        self.put_raw(encoded)

    def put_raw(self, encoded: dict[str, Any]) -> None:
        """Store an item that no description would let in."""
        self.backend.client.put_item(TableName=self.store.name, Item=encoded)
        self.backend.wire.clear()

    def raw(self) -> dict[str, dict[str, Any]]:
        """Every item as DynamoDB has it, by its sort key."""
        found = self.backend.raw(self.store)
        self.backend.wire.clear()
        return {item["SK"]["S"]: item for item in found}

    def beginning(self, *, segments: int = 2, rehearsal: bool = False) -> BackfillCheckpoint:
        return beginning(self.store.name, segments=segments, rehearsal=rehearsal)

    def backfill(
        self,
        checkpoint: BackfillCheckpoint | None = None,
        *,
        limit: RateLimit | None = None,
        until: Callable[[], bool] = lambda: False,
    ) -> Step:
        """The last step of a backfill, with the faults of all."""
        begun = checkpoint or self.beginning()
        *_, last = steps = list(
            backfill(self.connection, self.table, begun, limit=limit or RateLimit(FAST), until=until)
        )
        return replace(last, faults=tuple(fault for step in steps for fault in step.faults))

    def rehearse(self) -> Step:
        """The last step of a dry run."""
        *_, last = rehearse(self.connection, self.table, self.beginning(rehearsal=True))
        return last


def sort_key(item: dict[str, Any]) -> str:
    """SK of a sale."""
    return f"SALE#{item['saleDate']}#{item['saleId']}"


def mixed(number: int) -> dict[str, Any]:
    """A sale of one of many kinds: recent, expired, too old to expire."""
    day = f"-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    year = (2025, 2025, 2022, 2017)[number % 4]
    return sale(number, saleDate=f"{year}{day}", tenant=f"tenant-{number % 5}")


def is_too_old(item: dict[str, Any]) -> bool:
    """Of the sales of `mixed`."""
    return bool(item["saleDate"] < "2018")


def expected_ttl(item: dict[str, Any]) -> str:
    """The time to live of a sale, as DynamoDB spells it."""
    assert SALES.ttl is not None
    return str(SALES.ttl.of_start(item["saleDate"]))
