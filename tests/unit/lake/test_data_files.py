"""What a commit writes: how its Parquet is encoded, where it is, and what Iceberg is told of it."""

from __future__ import annotations

import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.expressions import EqualTo

from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector, float32
from tests.support.ambient import START
from tests.support.sale_stream import inserted
from tests.support.sales import key, sale
from tests.unit.lake.conftest import BUCKET, Here

HOSTILE = [
    "../../x",
    "a/b=c",
    "%2e%2e",
    "\n\x00",
    "tenant_id=x/year=1",
    "é😀",
    " ",
    "'; DROP TABLE x; --",
    "\U0010fffd" * 20,
]


def files_of(here: Here) -> list[Any]:
    return [task.file for task in here.table.scan().plan_files()]


def parquet_of(here: Here, file: Any) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(here.lake.io.files[file.file_path]))


def with_vectors(here: Here, count: int) -> None:
    sales = [sale(number) for number in range(1, count + 1)]
    vectors = [Vector(key(one), float32([number / 7 + at for at in range(8)])) for number, one in enumerate(sales)]
    pointers = VectorObjects(here.bucket, BUCKET).write(vectors, START.date())
    here.stage(
        *(
            inserted(number, {**one, "embeddingS3Key": str(pointer), "fingerprint": "f"})
            for number, (one, pointer) in enumerate(zip(sales, pointers, strict=True), 1)
        )
    )


def test_vectors_are_split_by_bytes_without_a_dictionary_and_all_is_zstd(here: Here) -> None:
    with_vectors(here, 50)
    here.commit()
    (file,) = files_of(here)
    columns = _columns(parquet_of(here, file))
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    encodings = set(columns["embedding.list.element"].encodings)
    assert "BYTE_STREAM_SPLIT" in encodings
    assert not any("DICTIONARY" in one for one in encodings)
    assert "RLE_DICTIONARY" in columns["tenant_id"].encodings


def test_what_is_staged_is_encoded_the_same_way(here: Here) -> None:
    with_vectors(here, 50)
    (name,) = here.bucket.keys("staged/")
    columns = _columns(pq.ParquetFile(io.BytesIO(here.bucket.objects[name][0])))
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    encodings = set(columns["embedding.list.element"].encodings)
    assert "BYTE_STREAM_SPLIT" in encodings
    assert not any("DICTIONARY" in one for one in encodings)


def test_columns_have_the_ids_of_the_catalog(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    (file,) = files_of(here)
    found = parquet_of(here, file).schema_arrow
    ids = {field.name: int(field.metadata[b"PARQUET:field_id"]) for field in found}
    assert ids == {field.name: field.field_id for field in here.table.schema().fields}


def test_a_file_for_each_partition_with_its_rows_in_the_order_of_their_keys(here: Here) -> None:
    days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"]
    numbers = range(1, 21)
    here.stage(*(inserted(n, sale(n, saleDate=days[n % 4], tenant=("acme", "zeta")[n % 2])) for n in reversed(numbers)))
    here.commit()
    files = files_of(here)
    assert sorted(tuple(file.partition) for file in files) == [
        ("acme", 2025, 12),
        ("acme", 2026, 1),
        ("zeta", 2026, 1),
        ("zeta", 2026, 2),
    ]
    for file in files:
        rows = (
            parquet_of(here, file)
            .read(["tenant_id", "year", "month", "product_id", "sale_date", "sale_id"])
            .to_pylist()
        )
        assert {(row["tenant_id"], row["year"], row["month"]) for row in rows} == {tuple(file.partition)}
        assert rows == sorted(rows, key=lambda row: (row["product_id"], row["sale_date"], row["sale_id"]))
        assert file.record_count == len(rows)
        assert file.file_size_in_bytes == len(here.lake.io.files[file.file_path])


@pytest.mark.parametrize("tenant", HOSTILE)
def test_a_tenant_may_be_called_anything(here: Here, tenant: str) -> None:
    here.stage(inserted(1, sale(1, tenant=tenant)), inserted(2))
    here.commit()
    data = [path for path in here.lake.io.files if path.endswith(".parquet")]
    assert all(path.rpartition("/")[0] == "memory://lake/pricing_intelligence/sales_history/data" for path in data)
    found = here.table.scan(row_filter=EqualTo("tenant_id", tenant))
    assert [task.file.partition[0] for task in found.plan_files()] == [tenant]
    assert found.to_arrow()["tenant_id"].to_pylist() == [tenant]


def test_bounds_leave_files_out_that_cannot_match(here: Here) -> None:
    for number in (1, 2, 3):
        here.stage_numbers(number)
        here.commit()
    assert len(files_of(here)) == 3
    assert len(list(here.table.scan(row_filter=EqualTo("product_id", "p2")).plan_files())) == 1


def _columns(file: pq.ParquetFile) -> dict[str, Any]:
    group = file.metadata.row_group(0)
    return {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
