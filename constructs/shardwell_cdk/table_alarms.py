"""When somebody is told about a table: thresholds, each with a default that suits most tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shardwell import Table

# What one partition serves in a second, whatever the table's billing: DynamoDB's limit, not a setting.
PARTITION_UNITS = MappingProxyType({"Read": 3_000, "Write": 1_000})


@dataclass(frozen=True, kw_only=True)
class TableAlarms:
    """Thresholds, each exceeded in `minutes` of the last `of_minutes` before anybody is told; None: no such alarm.

    `partition_share` is the part of the partition limit that consumption may reach. DynamoDB publishes what a
    table or an index consumes, never what one partition does, so the alarm assumes the worst: that all of it
    falls on one key, over that key's shards. Below it no key can be held back by the limit, bursts shorter than
    a minute aside; above it one may be, and the throttled keys are listed by Contributor Insights. Where traffic
    is known to spread over several busy keys, say so in `busy_keys`, by index or, for the table itself, as "table".
    """

    minutes: int = 3
    of_minutes: int = 5
    throttles_a_minute: int | None = 0
    system_errors_a_minute: int | None = 0
    p99_ms: Mapping[str, int] = field(default_factory=lambda: {"GetItem": 50, "PutItem": 50, "Query": 100})
    partition_share: float | None = 0.8
    busy_keys: Mapping[str, int] = field(default_factory=dict)

    def units_a_second(self, schema: Table, index: str | None, kind: str) -> float | None:
        """How many units of a kind, "Read" or "Write", the table or one of its indexes may consume in a second."""
        unknown = [name for name in self.busy_keys if name != "table" and name not in schema.indexes]
        if unknown:
            known = ", ".join(["table", *schema.indexes])
            raise ValueError(f"busy_keys names {unknown[0]!r}, which {schema.name_template} lacks; it has: {known}.")
        if self.partition_share is None:
            return None
        shards = schema.indexes[index].shards if index else 1
        return round(self.partition_share * PARTITION_UNITS[kind] * shards * self.busy_keys.get(index or "table", 1))
