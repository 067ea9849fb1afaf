"""The way from a stream's records to the lake, against the emulator's S3 and its Iceberg catalog."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import duckdb
import pytest
from pyiceberg.expressions import EqualTo

from carousel_sync.embeddings import read_embeddings
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from shardwell.ambient import Ambient
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table, open_catalog
from shardwell.lake_read import current_state_sql
from shardwell.lake_table import Column, LakeTable
from shardwell.object_client import make_object_client
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector, float32
from tests.support import emulator as server
from tests.support.ambient import START, Surroundings
from tests.support.sale_stream import changed, deleted, event, inserted
from tests.support.sales import key, sale

ACCOUNT = {"region_name": "eu-west-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
VECTOR = float32([0.1, -0.0, 1e-45, 3.4e38])


@dataclass(frozen=True)
class Place:
    """A staging bucket, a table bucket, and what works on them."""

    objects: Any
    bucket: str
    catalog: Any
    stager: Stager
    committer: Committer

    def table(self) -> Any:
        """The table as it is now."""
        return self.catalog.load_table((SALES_HISTORY.namespace, SALES_HISTORY.name))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if (reason := server.missing()) is not None:
        pytest.skip(reason)
    with server.emulator(tmp_path_factory.mktemp("emulator"), services="s3,s3tables") as found:
        yield found


@pytest.fixture
def place(endpoint: str, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"test-{uuid4().hex}"
    tables = boto3.client("s3tables", endpoint_url=endpoint, **ACCOUNT)
    arn = tables.create_table_bucket(name=name)["arn"]
    objects = make_object_client(endpoint_url=endpoint, **ACCOUNT)
    staging = f"staging-{uuid4().hex}"
    objects.create_bucket(Bucket=staging, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    catalog = open_catalog(arn, endpoint=endpoint)
    committer = Committer(
        lake=SALES_HISTORY,
        load_table=lambda: ensure_table(catalog, SALES_HISTORY, ambient=surroundings.ambient),
        objects=objects,
        settings=CommitSettings(bucket=staging),
        ambient=Ambient(sleep=surroundings.waits.append, random=lambda: 0.5),
    )
    return Place(objects, staging, catalog, Stager(objects, staging), committer)


def synchronised(place: Place, number: int, vector: bytes, **changes: Any) -> dict[str, Any]:
    """A sale with its vector in the bucket, as the sync function leaves them."""
    item = sale(number, **changes)
    (pointer,) = VectorObjects(place.objects, place.bucket).write([Vector(key(item), vector)], START.date())
    return {**item, "embeddingId": f"e{number}", "embeddingS3Key": str(pointer), "fingerprint": "f"}


def test_changes_become_rows_once_and_are_read_back(place: Place, tmp_path: Path) -> None:
    with_vector = synchronised(place, 1, VECTOR)
    corrected = {**with_vector, "brand": "a'b\"c"}
    place.stager.handle(event(inserted(1, with_vector), inserted(2), inserted(3)))
    place.stager.handle(
        event(changed(4, with_vector, corrected), deleted(5, sale(2)), deleted(6, sale(3), expired=True))
    )

    assert place.committer.run().rows == 5
    assert place.objects.list_objects_v2(Bucket=place.bucket, Prefix="staged/")["KeyCount"] == 0
    place.stager.handle(event(inserted(1, with_vector), inserted(2), inserted(3)))  # a late copy
    assert place.committer.run().rows == 0

    history = place.table().scan().to_arrow()
    assert sorted(history["operation"].to_pylist()) == ["change", "delete", "insert", "insert", "insert"]
    found = read_embeddings(place.table(), "acme", start="2026-10-01", end="2026-10-31")
    assert [memoryview(array("f", one)).tobytes() for one in found["embedding"].to_pylist()] == [VECTOR]

    with duckdb.connect() as engine:
        engine.register("history", history)
        current = engine.sql(current_state_sql(SALES_HISTORY, "history")).to_arrow_table().to_pylist()
    assert {row["sale_id"]: row["brand"] for row in current} == {"s0001": "a'b\"c", "s0003": None}


def test_the_data_files_are_what_the_description_says(place: Place) -> None:
    for number in range(3):
        item = synchronised(place, number, VECTOR, tenant=f"../t{number}\n=&%2F'é😀")
        place.stager.handle(event(inserted(number, item)))
    assert place.committer.run().rows == 3

    table = place.table()
    assert [field.name for field in table.spec().fields] == ["tenant_id", "year", "month"]
    files = [task.file for task in table.scan().plan_files()]
    assert sorted(tuple(file.partition) for file in files) == [(f"../t{n}\n=&%2F'é😀", 2026, 10) for n in range(3)]
    assert all(".." not in file.file_path for file in files)
    assert all(file.lower_bounds and file.record_count == 1 for file in files)
    assert read_embeddings(table, "../t1\n=&%2F'é😀")["sale_id"].to_pylist() == ["s0001"]
    planned = table.scan(row_filter=EqualTo("tenant_id", "../t1\n=&%2F'é😀")).plan_files()
    assert [task.file.partition[0] for task in planned] == ["../t1\n=&%2F'é😀"]


def test_two_committers_at_once_add_each_row_once(place: Place) -> None:
    for number in range(12):
        place.stager.handle(event(inserted(number, at=START), shard=f"shard-{number % 3}"))
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            replace(place.committer, settings=CommitSettings(bucket=place.bucket, most_bytes=1)).run()
        except BaseException as error:  # noqa: BLE001 (shown by the assertion)
            trouble.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.committer.run()
    sequences = place.table().scan().to_arrow()["sequence"].to_pylist()
    assert sorted(map(int, sequences)) == list(range(12)), trouble


def test_a_table_that_lacks_columns_and_partitions_is_completed(place: Place, endpoint: str) -> None:
    tables = boto3.client("s3tables", endpoint_url=endpoint, **ACCOUNT)
    arn = place.catalog.properties["warehouse"]
    tables.create_namespace(tableBucketARN=arn, namespace=[SALES_HISTORY.namespace])
    fields = [{"name": "tenant_id", "type": "string", "required": True}]
    tables.create_table(
        tableBucketARN=arn,
        namespace=SALES_HISTORY.namespace,
        name=SALES_HISTORY.name,
        format="ICEBERG",
        metadata={"iceberg": {"schema": {"fields": fields}}},
    )
    place.stager.handle(event(inserted(1)))
    assert place.committer.run().rows == 1
    wider = LakeTable(
        SALES_HISTORY.name,
        namespace=SALES_HISTORY.namespace,
        columns=(*SALES_HISTORY.columns[:-3], Column("colour", "string")),
        key=SALES_HISTORY.key,
        partition_by=SALES_HISTORY.partition_by,
    )
    assert "colour" in ensure_table(place.catalog, wider).schema().column_names
    place.stager.handle(event(inserted(2)))
    assert place.committer.run().rows == 1
    rows = place.table().scan().to_arrow().to_pylist()
    assert sorted((row["sale_id"], row["colour"]) for row in rows) == [("s0001", None), ("s0002", None)]
