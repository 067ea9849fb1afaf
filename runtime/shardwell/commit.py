"""The committer: merges what is staged into the lake, each row once, whatever crashes and whoever else does the same.

Why no row is lost or repeated:

- The rows of a stream's shard are staged in their order, one object after the other, and a list of a bucket shows what
  was there when it began. So a list that shows one object of a shard shows all before it, and a commit that takes the
  objects of a shard from the first one on leaves no gap below the sequence that the ledger then names.
- The ledger is in the same commit as the rows, and a commit succeeds only upon the state of the table that it was made
  from. Whoever finds the table changed, or does not know whether its own commit arrived, reads the ledger again and
  drops what is in by now. A late copy of an object covers sequences that the ledger has passed.
- Objects are deleted after the commit. What a crash leaves behind is a repeat for the next run, or a data file that no
  snapshot knows, which S3 Tables removes.
- Returned rows come last, once all that was staged is in. They have an anti-join for a ledger, against the state of the
  table that their commit is made from.

The shards must be read one batch at a time: a `ParallelizationFactor` above 1 would stage their rows out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from shardwell.ambient import Ambient
from shardwell.lake_table import LakeTable
from shardwell.staging import Listing, Staged, delete_staged, list_staged, read_staged

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyiceberg.table import Table

RESERVE_MS = 30_000
"""Left of the timeout when no further commit is begun."""


@dataclass(frozen=True, kw_only=True)
class CommitSettings:
    """Where rows are staged, and when they are committed."""

    bucket: str
    after_seconds: float = 0
    """How long the oldest staged object may wait for more to come."""
    most_bytes: int = 32 * 1024 * 1024
    """So much staged is committed without waiting, and no more is read for one commit."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit added: rows, and when the oldest of them was recorded."""

    rows: int = 0
    oldest: datetime | None = None


@dataclass(slots=True)
class CommitReport:
    """What a run did, and what waits for the next one."""

    rows: int = 0
    commits: int = 0
    objects: int = 0
    """Staged objects whose rows are in the lake, and that are deleted."""
    waiting: int = 0
    lag_seconds: float = 0.0
    """The age of the oldest row that was committed (returned ones apart), or of the oldest object that waits."""


def _always_time() -> int:
    return 10 * RESERVE_MS


@dataclass(frozen=True, kw_only=True)
class Committer:
    """Commits what is staged for one table of the lake."""

    lake: LakeTable
    load_table: Callable[[], Table]
    """Reads the table's state from the catalog, anew at each call."""
    objects: S3Client
    settings: CommitSettings
    ambient: Ambient = field(default_factory=Ambient)
    remaining_ms: Callable[[], int] = _always_time
    """How long this process may still run."""

    def run(self) -> CommitReport:
        """Commit what is due, in as many commits as it takes and time allows."""
        listing = list_staged(self.objects, self.settings.bucket)
        report = CommitReport()
        left = list(listing.objects)
        if self._due(listing):
            for batch in batches(listing, self.settings.most_bytes):
                if self.remaining_ms() < RESERVE_MS:
                    break
                self._commit(batch, listing, report)
                left = [one for one in left if one not in set(batch)]
        report.waiting = len(left)
        self._count_lag(report, min((one.at for one in left), default=None))
        return report

    def _due(self, listing: Listing) -> bool:
        if listing.oldest is None:
            return False
        waited = (self.ambient.now() - listing.oldest).total_seconds()
        return listing.bytes >= self.settings.most_bytes or waited >= self.settings.after_seconds

    def _commit(self, batch: Sequence[Staged], listing: Listing, report: CommitReport) -> None:
        # Here, because most runs find nothing to do: this import takes longer than the rest of them.
        from shardwell.commit_batch import commit_batch

        done = commit_batch(
            self.lake,
            self.load_table,
            batch,
            lambda staged: read_staged(self.objects, self.settings.bucket, staged),
            listing=listing,
            ambient=self.ambient,
        )
        report.rows += done.rows
        report.commits += done.rows > 0
        if batch[0].kind == "staged":  # returned rows are old on purpose
            self._count_lag(report, done.oldest)
        delete_staged(self.objects, self.settings.bucket, batch)
        report.objects += len(batch)

    def _count_lag(self, report: CommitReport, since: datetime | None) -> None:
        if since is not None:
            report.lag_seconds = max(report.lag_seconds, (self.ambient.now() - since).total_seconds())


def batches(listing: Listing, most_bytes: int) -> list[tuple[Staged, ...]]:
    """What is staged in batches of at most so many bytes, or of one object: each shard in its order, the oldest first.

    Returned rows are in the last batches, and left out where the list is not complete.
    """
    staged = [one for one in listing.objects if one.kind == "staged"]
    returned = [one for one in listing.objects if one.kind != "staged"] if listing.complete else []
    # Redriven rows before replayed ones: these are left out where the former have come.
    redriven_first = sorted(returned, key=lambda one: (one.kind != "redriven", one.key))
    return [*_packed(_oldest_first(staged), most_bytes), *_packed(redriven_first, most_bytes)]


def _oldest_first(staged: Sequence[Staged]) -> list[Staged]:
    """Sorted by age, but none before another one of its shard that begins earlier, late as it may have come."""
    reached: dict[str, datetime] = {}
    for one in sorted(staged, key=lambda one: one.key):
        reached[one.key] = reached[one.shard] = max(one.at, reached.get(one.shard, one.at))
    return sorted(staged, key=lambda one: (reached[one.key], one.key))


def _packed(staged: Sequence[Staged], most_bytes: int) -> list[tuple[Staged, ...]]:
    found: list[list[Staged]] = []
    size = 0
    for one in staged:
        if not found or size + one.bytes > most_bytes:
            found.append([])
            size = 0
        found[-1].append(one)
        size += one.bytes
    return [tuple(batch) for batch in found]
