"""A lake, a bucket and what works on them, all in this process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from shardwell.commit import CommitReport, CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from tests.support.ambient import Surroundings
from tests.support.lake import LocalLake, rows_of
from tests.support.objects import Bucket
from tests.support.sale_stream import SHARD, event, inserted

BUCKET = "lake-bucket"


@dataclass
class Here:
    """Everything between a stream and the lake's table."""

    surroundings: Surroundings
    bucket: Bucket
    lake: LocalLake
    committer: Committer

    def stage(self, *records: dict[str, Any], shard: str = SHARD) -> None:
        """Stage a batch of a stream."""
        Stager(self.bucket, BUCKET).handle(event(*records, shard=shard))

    def stage_numbers(self, *numbers: int, shard: str = SHARD) -> None:
        """Stage the inserts of these sales, whose numbers are their sequences too."""
        self.stage(*(inserted(number, at=self.surroundings.now) for number in numbers), shard=shard)

    def commit(self, **settings: Any) -> CommitReport:
        """One run of the committer."""
        changed = CommitSettings(**{"bucket": BUCKET, **settings})
        return replace(self.committer, settings=changed).run()

    @property
    def table(self) -> Any:
        """The lake's table as it is now."""
        return self.lake.load_table((SALES_HISTORY.namespace, SALES_HISTORY.name))

    def numbers(self) -> Counter[int]:
        """The sequences of all rows, and how often each is there."""
        return Counter(int(row["sequence"]) for row in rows_of(self.table))


@pytest.fixture
def here(surroundings: Surroundings) -> Here:
    bucket, lake = Bucket(lambda: surroundings.now), LocalLake()
    committer = Committer(
        lake=SALES_HISTORY,
        load_table=lambda: ensure_table(lake, SALES_HISTORY, ambient=surroundings.ambient),
        objects=bucket,
        settings=CommitSettings(bucket=BUCKET),
        ambient=surroundings.ambient,
    )
    return Here(surroundings, bucket, lake, committer)
