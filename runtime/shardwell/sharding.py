"""Shards: which of several partitions holds an item. Any language can compute it."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from shardwell.errors import SchemaError
from shardwell.keypart import normalise

MOST_SHARDS = 1_000


def shard_of(value: str, count: int) -> int:
    """The shard of `value`: CRC-32 (IEEE) of its UTF-8 bytes, modulo the shard count."""
    return crc32(value.encode()) % count


@dataclass(frozen=True, slots=True)
class Sharding:
    """How an index spreads one partition over several: by which field, over how many, and over how many before."""

    count: int
    by: str
    former: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for count in (self.count, *self.former):
            if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SHARDS:
                raise SchemaError(f"A shard count is {count!r}: it must be a whole number from 1 to {MOST_SHARDS}.")

    @property
    def layouts(self) -> tuple[int, ...]:
        """Every shard count that stored items may have been written with, the current one first."""
        return (self.count, *(count for count in self.former if count != self.count))

    def shard(self, value: str) -> int:
        """The shard an item is written to."""
        return shard_of(normalise(self.by, value), self.count)

    def shards_holding(self, value: str) -> tuple[int, ...]:
        """Every shard an item may be in, under the current layout and the former ones."""
        text = normalise(self.by, value)
        return tuple(sorted({shard_of(text, count) for count in self.layouts}))

    @property
    def shards(self) -> range:
        """Every shard that may hold an item, under the current layout and the former ones."""
        return range(max(self.layouts))
