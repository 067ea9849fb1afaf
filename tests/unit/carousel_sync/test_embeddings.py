"""Embeddings out of the lake: those of current sales, of the asked days, from no more files than needed."""

from __future__ import annotations

from typing import Any

import pytest

from carousel_sync.embeddings import read_embeddings
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector, float32
from tests.support.ambient import START, Surroundings
from tests.support.lake import LocalLake
from tests.support.objects import Bucket
from tests.support.sale_stream import changed, deleted, event, inserted
from tests.support.sales import key, sale

BUCKET = "lake-bucket"
DAYS = ["2025-11-30", "2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28"]


class Lake:
    """A lake with a sale of `acme` and one of `zeta` on each day, each with its vector."""

    def __init__(self) -> None:
        self.catalog, self.bucket = LocalLake(), Bucket(lambda: START)
        self.items: list[dict[str, Any]] = []
        for number, day in enumerate(DAYS):
            self.items += [self.item(number, saleDate=day), self.item(number + 10, saleDate=day, tenant="zeta")]
        self.stage(*(inserted(at, item) for at, item in enumerate(self.items, 1)))

    def item(self, number: int, **changes: Any) -> dict[str, Any]:
        item = sale(number, productId=f"p{number % 2}", **changes)
        vectors = VectorObjects(self.bucket, BUCKET)
        (pointer,) = vectors.write([Vector(key(item), self.vector(number))], START.date())
        return {**item, "embeddingS3Key": str(pointer), "embeddingId": f"e{number}", "fingerprint": "f"}

    @staticmethod
    def vector(number: int) -> bytes:
        return float32([number / 3, -0.0, float("nan"), 1e-45])

    def stage(self, *records: dict[str, Any]) -> None:
        Stager(self.bucket, BUCKET).handle(event(*records))
        Committer(
            lake=SALES_HISTORY,
            load_table=lambda: self.table,
            objects=self.bucket,
            settings=CommitSettings(bucket=BUCKET),
            ambient=Surroundings().ambient,
        ).run()

    @property
    def table(self) -> Any:
        return ensure_table(self.catalog, SALES_HISTORY)


def found(lake: Lake, tenant: str = "acme", **asked: Any) -> list[str]:
    return sorted(read_embeddings(lake.table, tenant, **asked)["sale_id"].to_pylist())


def test_they_are_bit_for_bit_what_was_sent() -> None:
    lake = Lake()
    rows = read_embeddings(lake.table, "acme").to_pylist()
    assert len(rows) == 5
    for row in rows:
        number = int(row["sale_id"][1:])
        assert float32(row["embedding"]) == lake.vector(number)
        assert row["embedding_id"] == f"e{number}"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"start": "2026-01-01"}, ["s0002", "s0003", "s0004"]),
        ({"end": "2025-12-31"}, ["s0000", "s0001"]),
        ({"start": "2025-12-01", "end": "2026-01-01"}, ["s0001", "s0002"]),
        ({"start": "2026-01-31", "end": "2026-01-31"}, ["s0003"]),
        ({"start": "2026-01-02", "end": "2026-02-27"}, ["s0003"]),
        ({"product_id": "p0"}, ["s0000", "s0002", "s0004"]),
        ({"product_id": "p0", "start": "2026-02-01"}, ["s0004"]),
        ({"product_id": "none"}, []),
    ],
)
def test_days_and_product_narrow_them_down(asked: dict[str, str], expected: list[str]) -> None:
    assert found(Lake(), **asked) == expected


def test_another_tenants_are_not_seen() -> None:
    assert found(Lake(), "zeta") == ["s0010", "s0011", "s0012", "s0013", "s0014"]
    assert found(Lake(), "acm") == []


def test_only_files_of_the_tenant_and_its_months_are_read() -> None:
    lake = Lake()
    reads: list[str] = []
    new_input = lake.catalog.io.new_input
    lake.catalog.io.new_input = lambda location: (reads.append(location), new_input(location))[1]
    assert found(lake, start="2026-01-01", end="2026-01-31") == ["s0002", "s0003"]
    assert len([one for one in reads if one.endswith(".parquet")]) == 1


def test_deleted_sales_have_none_and_changed_ones_have_it_once() -> None:
    lake = Lake()
    first, second = lake.items[0], lake.items[2]
    without = {name: value for name, value in lake.items[4].items() if not name.startswith("embedding")}
    lake.stage(changed(20, first, {**first, "brand": "b"}), deleted(21, second), changed(22, lake.items[4], without))
    assert found(lake) == ["s0000", "s0003", "s0004"]


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        found(Lake(), start="soon")
