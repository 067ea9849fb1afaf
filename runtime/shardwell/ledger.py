"""The ledger of the lake: how far into each shard of a stream the rows go, kept in the table's own properties.

It is written in the same commit as the rows, by one swap of the table's metadata, so it is never ahead of them or
behind them. Compaction rewrites files and expires snapshots, and leaves properties alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shardwell.errors import SchemaError

PROPERTY = "shardwell.ledger."
"""The beginning of each property; the shard follows."""
KEPT = timedelta(days=3)
"""How long an entry is kept that does not move: streams keep a day, and no retry of a function lasts as long."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The last sequence of a shard whose rows the table has, and when it moved there."""

    sequence: str
    moved: datetime


@dataclass(frozen=True)
class Ledger:
    """An entry for each shard whose rows have come lately."""

    entries: Mapping[str, Entry]

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Ledger:
        """The ledger in a table's properties."""
        found = {name: text for name, text in properties.items() if name.startswith(PROPERTY)}
        return cls({name.removeprefix(PROPERTY): _entry(name, text) for name, text in found.items()})

    def last(self, shard: str) -> str:
        """The last sequence of a shard that is in the table; empty, before every sequence, where none is."""
        entry = self.entries.get(shard)
        return entry.sequence if entry else ""

    def covers(self, shard: str, sequence: str) -> bool:
        """Whether the row of that sequence is in the table."""
        return sequence <= self.last(shard)

    def moved(self, reached: Mapping[str, str], now: datetime) -> dict[str, str]:
        """The properties to set once these shards' rows are in up to these sequences; no shard ever goes back."""
        forward = {shard: sequence for shard, sequence in reached.items() if not self.covers(shard, sequence)}
        at = now.astimezone(UTC).isoformat(timespec="seconds")
        return {f"{PROPERTY}{shard}": f"{sequence} {at}" for shard, sequence in sorted(forward.items())}

    def outlived(self, now: datetime, *, staged: Collection[str]) -> list[str]:
        """The properties that may go: those of shards of which nothing has come for long, and nothing is staged."""
        return sorted(
            f"{PROPERTY}{shard}"
            for shard, entry in self.entries.items()
            if shard not in staged and entry.moved < now - KEPT
        )


def _entry(name: str, text: str) -> Entry:
    sequence, _, moved = text.partition(" ")
    try:
        return Entry(sequence, datetime.fromisoformat(moved))
    except ValueError:
        raise SchemaError(
            f"The table's property {name} is {text!r}, which is no entry of the ledger: restore it from an earlier "
            "version of the table's metadata."
        ) from None
