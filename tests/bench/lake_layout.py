"""Bytes a row of sales with embeddings of 1,024 dimensions: staged, committed, as JSON, and by pyarrow's defaults."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carousel_sync.lake import SALES_HISTORY
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from shardwell.lake_parquet import to_parquet
from shardwell.lake_rows import arrow_schema
from shardwell.lake_values import lake_row
from shardwell.object_client import make_object_client
from shardwell.staging import staged_key
from shardwell.vectors import Vector, float32
from tests.bench.result import Result, at_most
from tests.bench.sale_events import sale
from tests.support.ambient import START
from tests.support.lake import LocalLake
from tests.support.pipeline.bucket import MemoryBucket
from tests.support.pipeline.calls import Calls
from tests.support.pipeline.line import NOWHERE, Line

ROWS = 2_000
STAGED_AT_ONCE = 500
DIMENSIONS = 1_024
GOAL = 0.9
BUCKET = "lake-staging"


def run() -> Result:
    """The committed files against pyarrow's defaults, which are the nearer of the two others."""
    rows = [row(number) for number in range(ROWS)]
    staged = [to_parquet(SALES_HISTORY, rows[start : start + STAGED_AT_ONCE]) for start in range(0, ROWS, 500)]
    bytes_of = {
        "committed": committed(staged),
        "staged": sum(map(len, staged)),
        "pyarrow_defaults": by_defaults(staged),
        "json_objects": sum(len(as_json(one)) for one in rows),
    }
    a_row = {name: size / ROWS for name, size in bytes_of.items()}
    alone = [len(to_parquet(SALES_HISTORY, [one])) for one in rows[:50]]
    return at_most(
        GOAL,
        name="lake_layout",
        ours=a_row["committed"],
        theirs=a_row["pyarrow_defaults"],
        unit="bytes a row",
        what=f"{ROWS:,} sales with embeddings of {DIMENSIONS:,} dimensions as they are committed, against pyarrow's "
        "defaults for the same rows in one file",
        bytes_a_row={name: round(size) for name, size in a_row.items()},
        of_one_json_object_an_event=round(a_row["committed"] / a_row["json_objects"], 3),
        of_pyarrow_defaults={
            name: round(a_row[name] / a_row["pyarrow_defaults"], 3) for name in ("committed", "staged")
        },
        of_an_embedding_as_it_is=DIMENSIONS * 4,
        staged_one_row_a_file=round(sum(alone) / len(alone)),
    )


def row(number: int) -> dict[str, Any]:
    """A row as the stager makes it, of a sale with an embedding such as models give: of length 1, all numbers small."""
    sold = sale(number)
    chance = Random(number)
    numbers = [chance.gauss(0, 1) for _ in range(DIMENSIONS)]
    length = sum(one * one for one in numbers) ** 0.5
    day = date.fromisoformat(sold["soldDate"])
    return lake_row(
        SALES_HISTORY,
        {
            "tenant_id": sold["tenantId"],
            "year": day.year,
            "month": day.month,
            "product_id": sold["productId"],
            "sale_date": day,
            "sale_id": sold["saleId"],
            "season": "Q1",
            "category": sold["category"],
            "brand": sold["brand"],
            "condition": sold["condition"],
            "currency": "USD",
            "sale_price": sold["salePrice"],
            "original_price": Decimal(sold["listedPrice"]),
            "vendor_id": sold["vendorId"],
            "days_to_sell": sold["daysToSell"],
            "description": sold["description"],
            "image_s3_key": sold["imageS3Key"],
            "embedding_id": f"emb-{number}",
            "embedding_s3_key": f"s3://{BUCKET}/vectors/2026-01-15/{chance.getrandbits(256):064x}.vec#{number % 500}",
            "embedding": float32([one / length for one in numbers]),
            "fingerprint": f"{chance.getrandbits(128):032x}",
            "created_at": START,
            "updated_at": START,
            "operation": "insert",
            "sequence": f"{number:040d}",
            "recorded_at": START,
        },
    )


def committed(staged: Sequence[bytes]) -> int:
    """Bytes of the data files after these objects were committed."""
    bucket, lake = MemoryBucket(name=BUCKET, now=lambda: START), LocalLake()
    line = Line(make_object_client(**NOWHERE))
    line.connect(bucket, Calls())
    for number, content in enumerate(staged):
        first, last = number * STAGED_AT_ONCE, (number + 1) * STAGED_AT_ONCE - 1
        key = staged_key(content, shard="shard", first=f"{first:040d}", last=f"{last:040d}")
        line.client.put_object(Bucket=BUCKET, Key=key, Body=content)
    report = Committer(
        lake=SALES_HISTORY,
        load_table=lambda: ensure_table(lake, SALES_HISTORY),
        objects=line.client,
        settings=CommitSettings(bucket=BUCKET),
    ).run()
    if report.rows != ROWS:
        raise RuntimeError(f"{report.rows:,} rows were committed, of {ROWS:,}.")
    return sum(len(content) for name, content in lake.io.files.items() if name.endswith(".parquet"))


def by_defaults(staged: Sequence[bytes]) -> int:
    """Bytes of one file with the same rows as pyarrow writes it when it is told nothing."""
    tables = [pq.read_table(pa.BufferReader(one)).cast(arrow_schema(SALES_HISTORY)) for one in staged]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "defaults.parquet"
        pq.write_table(pa.concat_tables(tables), path)
        return path.stat().st_size


def as_json(one: dict[str, Any]) -> bytes:
    """The object of one event."""
    numbers = list(Vector({}, bytes(one["embedding"])).numbers())
    plain = {
        name: value if isinstance(value, int) else str(value) for name, value in one.items() if name != "embedding"
    }
    return json.dumps({**plain, "embedding": numbers}, separators=(",", ":")).encode()
