"""How evenly shards fill: the busiest against the mean, for ids of three kinds."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from shardwell.sharding import shard_of
from tests.bench.result import Result, at_most

IDS = 1_000_000
SHARDS = 10
GOAL = 1.02
FIRST_DAY = date(2024, 1, 1)


def run() -> Result:
    """The worst of the three kinds of ids."""
    skews = {
        kind: skew(ids) for kind, ids in (("random", at_random()), ("sequential", in_sequence()), ("dated", dated()))
    }
    return at_most(
        GOAL,
        name="shard_skew",
        ours=max(skews.values()),
        theirs=1.0,
        unit="busiest shard / mean",
        what=f"{IDS:,} ids of each kind over {SHARDS} shards, against a perfectly even spread",
        kinds={kind: round(value, 4) for kind, value in skews.items()},
    )


def skew(ids: Iterator[str]) -> float:
    """Items in the busiest shard over the mean."""
    counts = Counter(shard_of(one, SHARDS) for one in ids)
    return max(counts.values()) / (IDS / SHARDS)


def at_random() -> Iterator[str]:
    """UUIDs of version 4."""
    chance = random.Random(1)
    return (str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(IDS))


def in_sequence() -> Iterator[str]:
    """Numbered ids."""
    return (f"sale-{number}" for number in range(IDS))


def dated() -> Iterator[str]:
    """Ids that begin with the day, a thousand a day, and count within it."""
    return (f"{FIRST_DAY + timedelta(days=number // 1_000)}-{number % 1_000:04d}" for number in range(IDS))
