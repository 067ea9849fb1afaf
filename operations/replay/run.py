"""A replay from the table to the staging bucket, and what it found."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import described
from carousel_sync.stage import Stager
from operations.counting import counting
from operations.local.console import Voice
from operations.replay.spool import POINTER, Spool
from operations.replay.time_range import CREATED, TimeRange
from shardwell.errors import ShardwellError
from shardwell.lake_parquet import to_parquet
from shardwell.rate import RateLimit
from shardwell.staging import REPLAYED_SEQUENCE, replayed_key
from shardwell.store import Store
from shardwell.stream_events import Change

CHUNK_ITEMS = 1_000
"""Rows of one staged object: with embeddings of 1,024 numbers some 4 MB."""
CHUNK_OBJECTS = 16
"""Objects of vectors that are in memory at once, of 4 MB or so each."""
PAGE_UNITS = 128
"""What a page of a scan costs at most: 1 MB, read eventually consistent."""
MOST_NAMED = 20


@dataclass
class Replayed:
    """What was found in the table, and what became of it."""

    found: int = 0
    with_embedding: int = 0
    months: Counter[str] = field(default_factory=Counter)
    """By the month of the sale, which is the lake's partition."""
    rows: int = 0
    objects: int = 0
    left: int = 0
    named: list[str] = field(default_factory=list)
    """Of the sales that were left out, the first few and why."""

    def see(self, item: dict[str, Any]) -> None:
        """Count a sale that is in the range."""
        self.found += 1
        self.with_embedding += POINTER in item
        self.months[str(item.get("saleDate", ""))[:7]] += 1

    def leave(self, item: dict[str, Any], error: Exception) -> None:
        """Count a sale that cannot be made a row."""
        self.left += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{described(item)}: {error}")


def rehearse(store: Store, wanted: TimeRange, *, limit: RateLimit, segments: int, voice: Voice) -> Replayed:
    """What there is to replay; nothing is staged, and no embedding read."""
    done = Replayed()
    for items in _read(store, wanted, done, limit=limit, segments=segments, voice=voice):
        for item in items:
            done.see(item)
    return done


def replay(
    store: Store,
    stager: Stager,
    wanted: TimeRange,
    *,
    limit: RateLimit,
    segments: int,
    folder: Path,
    now: datetime,
    voice: Voice,
) -> Replayed:
    """Stages the range's sales as returned rows, of which the committer adds those that the lake has no row of.

    `folder` is where the sales wait on the disk meanwhile: some 1 KB each. Nothing of it is left behind.
    """
    done = Replayed()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="replay-", dir=folder) as place, Spool(Path(place) / "sales") as spool:
        for items in _read(store, wanted, done, limit=limit, segments=segments, voice=voice):
            for item in items:
                done.see(item)
            spool.add(items)
        with counting(voice.console, "sales staged", expected=done.found) as show:
            for chunk in spool.chunks(items=CHUNK_ITEMS, objects=CHUNK_OBJECTS):
                _stage(stager, chunk, done, now)
                show(done.rows, "")
    return done


def _read(
    store: Store, wanted: TimeRange, done: Replayed, *, limit: RateLimit, segments: int, voice: Voice
) -> Iterator[list[dict[str, Any]]]:
    """The sales of the range, a page at a time; also those that have expired, which the lake keeps."""
    with counting(voice.console, "pages read", expected=None) as show:
        limit.take(PAGE_UNITS)
        pages = store.scan(segments=segments, where=wanted.condition, expired_too=True)
        for number, page in enumerate(pages, 1):
            yield [item for item in page.items if wanted.holds(item.get(CREATED))]
            show(number, f"{done.found:,} sales in the range")
            limit.take(PAGE_UNITS)


def _stage(stager: Stager, items: Sequence[dict[str, Any]], done: Replayed, now: datetime) -> None:
    rows = _rows(stager, items, done, now)
    if rows:
        content = to_parquet(SALES_HISTORY, rows)
        stager.objects.put_object(Bucket=stager.bucket, Key=replayed_key(content), Body=content)
        done.rows += len(rows)
        done.objects += 1


def _rows(stager: Stager, items: Sequence[dict[str, Any]], done: Replayed, now: datetime) -> list[dict[str, Any]]:
    try:
        return stager.rows([_as_change(item, now) for item in items])
    except (ShardwellError, ClientError) as error:
        if not _is_of_one(error):
            raise
        if len(items) == 1:
            done.leave(items[0], error)
            return []
    # One of them is at fault: halved until it is alone, as Lambda does with a batch of a stream.
    middle = len(items) // 2
    return _rows(stager, items[:middle], done, now) + _rows(stager, items[middle:], done, now)


def _is_of_one(error: Exception) -> bool:
    """Whether it is about one sale or one object, and not about all of them, as a missing permission would be."""
    return isinstance(error, ShardwellError) or (
        isinstance(error, ClientError) and error.response["Error"]["Code"] in ("NoSuchKey", "404")
    )


def _as_change(item: dict[str, Any], now: datetime) -> Change:
    return Change("insert", REPLAYED_SEQUENCE, now, {}, item)
