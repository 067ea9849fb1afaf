"""What the lake of sold products always promised its readers, promise by promise, from events' sales to its files."""

from __future__ import annotations

import io
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carousel_sync.embeddings import read_embeddings
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from shardwell.lake_read import current_state_sql
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector, float32
from tests.support.ambient import START, Surroundings
from tests.support.lake import LocalLake
from tests.support.objects import Bucket
from tests.support.sale_stream import changed, deleted, event, inserted
from tests.support.sales import key, sale

BUCKET = "lake-bucket"
EMBEDDING = float32([at / 1024 for at in range(1024)])
BAG = {
    "productId": "PROD-LV-12345",
    "tenant": "carousel-labs",
    "category": "handbags",
    "brand": "Louis Vuitton",
    "condition": "like_new",
    "saleDate": "2025-12-30",
    "season": "Q4",
    "imageS3Key": "s3://carousel-images/products/PROD-LV-12345.jpg",
    "embeddingId": "emb-lv-12345-abc",
    "description": "Louis Vuitton Speedy 30",
    "vendorId": "VENDOR-789",
    "daysToSell": 12,
    "fingerprint": "f" * 32,
}


class Lake:
    """Sales in, rows out."""

    def __init__(self) -> None:
        self.catalog, self.bucket = LocalLake(), Bucket(lambda: START)

    def sold(self, number: int, **changes: Any) -> dict[str, Any]:
        """A sold bag with its embedding in the bucket."""
        item = sale(number, **{**BAG, **changes})
        vectors = VectorObjects(self.bucket, BUCKET)
        (pointer,) = vectors.write([Vector(key(item), EMBEDDING)], START.date())
        return {**item, "embeddingS3Key": str(pointer)}

    def take(self, *records: dict[str, Any]) -> pa.Table:
        """All rows once these records have come."""
        Stager(self.bucket, BUCKET).handle(event(*records))
        Committer(
            lake=SALES_HISTORY,
            load_table=lambda: self.table,
            objects=self.bucket,
            settings=CommitSettings(bucket=BUCKET),
            ambient=Surroundings().ambient,
        ).run()
        return self.table.scan().to_arrow()

    @property
    def table(self) -> Any:
        return ensure_table(self.catalog, SALES_HISTORY)

    def current(self) -> list[dict[str, Any]]:
        """The documented view, in DuckDB."""
        with duckdb.connect() as engine:
            engine.register("sales_history", self.table.scan().to_arrow())
            found: list[dict[str, Any]] = (
                engine.sql(current_state_sql(SALES_HISTORY, "sales_history")).to_arrow_table().to_pylist()
            )
            return found


@pytest.fixture
def lake() -> Lake:
    return Lake()


def test_the_table_is_sales_history_of_pricing_intelligence_in_format_2(lake: Lake) -> None:
    lake.take(inserted(1, lake.sold(1)))
    assert lake.table.name() == ("pricing_intelligence", "sales_history")
    assert lake.table.format_version == 2


def test_it_is_partitioned_by_tenant_year_and_month_of_the_sale(lake: Lake) -> None:
    lake.take(inserted(1, lake.sold(1)), inserted(2, lake.sold(2, saleDate="2026-01-02", season="Q1")))
    partitions = {tuple(task.file.partition) for task in lake.table.scan().plan_files()}
    assert partitions == {("carousel-labs", 2025, 12), ("carousel-labs", 2026, 1)}


def test_a_sale_has_all_its_fields(lake: Lake) -> None:
    (row,) = lake.take(inserted(1, lake.sold(1))).to_pylist()
    for attribute, column in {
        "productId": "product_id",
        "tenant": "tenant_id",
        "category": "category",
        "brand": "brand",
        "condition": "condition",
        "imageS3Key": "image_s3_key",
        "embeddingId": "embedding_id",
        "description": "description",
        "vendorId": "vendor_id",
        "daysToSell": "days_to_sell",
    }.items():
        assert row[column] == BAG[attribute]
    assert (row["sale_date"].isoformat(), str(row["sale_price"])) == ("2025-12-30", "5.5000000000")


def test_files_are_parquet_with_zstd(lake: Lake) -> None:
    lake.take(inserted(1, lake.sold(1)))
    (task,) = lake.table.scan().plan_files()
    group = pq.ParquetFile(io.BytesIO(lake.catalog.io.files[task.file.file_path])).metadata.row_group(0)
    assert {group.column(at).compression for at in range(group.num_columns)} == {"ZSTD"}


def test_the_embedding_is_a_list_of_floats_in_the_row_itself_bit_for_bit(lake: Lake) -> None:
    rows = lake.take(inserted(1, lake.sold(1)))
    assert float32(rows["embedding"][0].as_py()) == EMBEDDING
    assert float32(read_embeddings(lake.table, "carousel-labs")["embedding"][0].as_py()) == EMBEDDING


def test_a_sale_without_an_embedding_is_in_the_lake_too(lake: Lake) -> None:
    rows = lake.take(inserted(1, sale(1, **{**BAG, "embeddingId": None})))
    assert rows["embedding"].to_pylist() == [None]


def test_two_sales_of_one_product_are_two_rows(lake: Lake) -> None:
    lake.take(inserted(1, lake.sold(1)), inserted(2, lake.sold(2)))
    assert sorted(row["sale_id"] for row in lake.current()) == ["s0001", "s0002"]


def test_an_event_that_comes_twice_is_one_row(lake: Lake) -> None:
    record = inserted(1, lake.sold(1))
    lake.take(record)
    assert lake.take(record).num_rows == 1


def test_a_corrected_sale_is_seen_corrected_and_a_deleted_one_not_at_all(lake: Lake) -> None:
    first, second = lake.sold(1), lake.sold(2)
    rows = lake.take(
        inserted(1, first), inserted(2, second), changed(3, first, {**first, "brand": "Hermès"}), deleted(4, second)
    )
    assert rows.num_rows == 4
    assert [(row["sale_id"], row["brand"]) for row in lake.current()] == [("s0001", "Hermès")]


def test_a_sale_that_expires_from_its_table_stays_in_the_history(lake: Lake) -> None:
    item = lake.sold(1)
    lake.take(inserted(1, item))
    lake.take(deleted(2, item, expired=True), inserted(3, lake.sold(3)))
    assert sorted(row["sale_id"] for row in lake.current()) == ["s0001", "s0003"]


def test_compaction_does_not_make_rows_come_again(lake: Lake) -> None:
    records = [inserted(at, lake.sold(at)) for at in (1, 2)]
    for record in records:
        lake.take(record)
    lake.table.overwrite(lake.table.scan().to_arrow())
    assert lake.take(*records).num_rows == 2
