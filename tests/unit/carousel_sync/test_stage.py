"""A batch of the sales table's stream becomes one object, with its vectors, or fails as a whole."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from carousel_sync import stage
from carousel_sync.stage import Stager
from shardwell.errors import BadItem, Damaged, SchemaError
from shardwell.staging import list_staged
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector, float32
from tests.support.ambient import START
from tests.support.objects import Bucket
from tests.support.sale_stream import changed, deleted, event, inserted
from tests.support.sales import key, sale

BUCKET = "lake-bucket"
FLOATS = float32([0.1, -0.0, float("nan"), 1e-45])


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(lambda: START)


@pytest.fixture
def stager(bucket: Bucket) -> Stager:
    return Stager(bucket, BUCKET)


def rows(bucket: Bucket) -> list[dict[str, Any]]:
    """The rows of every staged object, in the order of their sequences."""
    found = [
        row
        for name in bucket.keys("staged/")
        for row in pq.ParquetFile(io.BytesIO(bucket.objects[name][0])).read().to_pylist()
    ]
    return sorted(found, key=lambda row: row["sequence"])


def with_vector(bucket: Bucket, number: int, **changes: Any) -> dict[str, Any]:
    """A sale that was synchronised, its vector in the bucket."""
    item = sale(number)
    (pointer,) = VectorObjects(bucket, BUCKET).write([Vector(key(item), FLOATS)], START.date())
    return {**item, "embeddingS3Key": str(pointer), "fingerprint": "f" * 32, **changes}


def test_every_field_of_a_sale_has_its_column(stager: Stager, bucket: Bucket) -> None:
    optional = {
        "brand": "b",
        "condition": "new",
        "vendorId": "v",
        "daysToSell": 12,
        "description": "d",
        "imageS3Key": "s3://x/y.jpg",
        "embeddingId": "e",
        "embeddingS3Key": "s3://elsewhere/e.npy",
        "fingerprint": "f",
        "ttl": 1_900_000_000,
    }
    assert stager.handle(event(inserted(7, sale(7, **optional)))) == {"state": {}}
    (row,) = rows(bucket)
    assert {name: str(value) for name, value in row.items()} == {
        "tenant_id": "acme",
        "year": "2026",
        "month": "10",
        "product_id": "p0",
        "sale_date": "2026-10-08",
        "sale_id": "s0007",
        "season": "Q4",
        "category": "dress",
        "brand": "b",
        "condition": "new",
        "currency": "EUR",
        "sale_price": "5.5000000000",
        "original_price": "9.0000000000",
        "vendor_id": "v",
        "days_to_sell": "12",
        "description": "d",
        "image_s3_key": "s3://x/y.jpg",
        "embedding_id": "e",
        "embedding_s3_key": "s3://elsewhere/e.npy",
        "embedding": "None",
        "fingerprint": "f",
        "created_at": "2026-10-01 00:00:00+00:00",
        "updated_at": "2026-10-01 00:00:00+00:00",
        "operation": "insert",
        "sequence": "7".zfill(40),
        "recorded_at": "2026-01-15 12:00:00+00:00",
    }


def test_changes_and_deletions_are_rows_and_expiries_are_none(stager: Stager, bucket: Bucket) -> None:
    stager.handle(
        event(changed(1, sale(1), sale(1, brand="b")), deleted(2, sale(2)), deleted(3, sale(3), expired=True))
    )
    assert [(row["operation"], row["sale_id"], row["brand"]) for row in rows(bucket)] == [
        ("change", "s0001", "b"),
        ("delete", "s0002", None),
    ]
    (staged,) = list_staged(bucket, BUCKET).objects
    assert (int(staged.first), int(staged.last)) == (1, 3)


def test_a_batch_that_tells_nothing_stages_nothing(stager: Stager, bucket: Bucket) -> None:
    only_ttl = changed(1, sale(1), sale(1, ttl=1_900_000_000))
    stager.handle(event(only_ttl, deleted(2, sale(2), expired=True)))
    assert stager.handle({"Records": [], "isFinalInvokeForWindow": True}) == {"state": {}}
    assert bucket.calls == []


def test_vectors_are_joined_in_bit_for_bit_and_an_object_is_read_once(stager: Stager, bucket: Bucket) -> None:
    sales = [sale(number) for number in range(1, 4)]
    vectors = [Vector(key(one), FLOATS[: 4 * at]) for at, one in enumerate(sales, 1)]
    pointers = VectorObjects(bucket, BUCKET).write(vectors, START.date())
    items = [{**one, "embeddingS3Key": str(at), "fingerprint": "f"} for one, at in zip(sales, pointers, strict=True)]
    bucket.calls.clear()
    stager.handle(event(*(inserted(at, item) for at, item in enumerate(items, 1)), inserted(4)))
    assert [operation for operation, _ in bucket.calls] == ["GetObject", "PutObject"]
    assert [row["embedding"] and float32(row["embedding"]) for row in rows(bucket)] == [
        FLOATS[:4],
        FLOATS[:8],
        FLOATS[:12],
        None,
    ]


def test_a_changed_sale_has_its_vector_again_and_a_deleted_one_has_none(stager: Stager, bucket: Bucket) -> None:
    item = with_vector(bucket, 1)
    stager.handle(event(changed(1, item, {**item, "brand": "b"}), deleted(2, item)))
    assert [row["embedding"] is not None for row in rows(bucket)] == [True, False]


@pytest.mark.parametrize(
    "place",
    [
        "s3://elsewhere/e.npy",
        "e.npy",
        "s3://lake-bucket/other/x",
        "s3://other/vectors/2026-01-15/" + "0" * 64 + ".vec#0",
    ],
)
def test_an_embedding_elsewhere_is_not_followed(stager: Stager, bucket: Bucket, place: str) -> None:
    stager.handle(event(inserted(1, with_vector(bucket, 1, embeddingS3Key=place))))
    (row,) = rows(bucket)
    assert (row["embedding"], row["embedding_s3_key"]) == (None, place)


def test_a_sale_that_was_not_synchronised_is_not_given_anybodys_vector(stager: Stager, bucket: Bucket) -> None:
    theirs = with_vector(bucket, 1)
    stager.handle(event(inserted(2, sale(2, embeddingS3Key=theirs["embeddingS3Key"]))))
    assert rows(bucket)[0]["embedding"] is None


@pytest.mark.parametrize("row", ["#1", "#99"])
def test_a_pointer_to_no_row_is_refused_with_the_items_key(stager: Stager, bucket: Bucket, row: str) -> None:
    item = with_vector(bucket, 1)
    item["embeddingS3Key"] = item["embeddingS3Key"].replace("#0", row)
    with pytest.raises(BadItem, match=r"saleId='s0001'.*not its vector"):
        stager.handle(event(inserted(1, item)))


def test_a_pointer_that_is_none_is_refused(stager: Stager, bucket: Bucket) -> None:
    with pytest.raises(BadItem, match=r"saleId='s0001'.*points at no vector"):
        stager.handle(event(inserted(1, with_vector(bucket, 1, embeddingS3Key=f"s3://{BUCKET}/vectors/x"))))


def test_a_pointer_to_another_sales_vector_is_refused(stager: Stager, bucket: Bucket) -> None:
    item = sale(2, embeddingS3Key=with_vector(bucket, 1)["embeddingS3Key"], fingerprint="f")
    with pytest.raises(BadItem, match=r"saleId='s0002'.*not its vector"):
        stager.handle(event(inserted(2, item)))


def test_a_sale_whose_day_was_corrected_keeps_its_vector(stager: Stager, bucket: Bucket) -> None:
    moved = {**with_vector(bucket, 1), "saleDate": "2025-11-09"}
    stager.handle(event(inserted(2, moved)))
    assert [float32(row["embedding"]) for row in rows(bucket)] == [FLOATS]


def test_a_damaged_or_missing_vector_object_fails_the_batch(stager: Stager, bucket: Bucket) -> None:
    item = with_vector(bucket, 1)
    (name,) = bucket.keys("vectors/")
    bucket.objects[name] = (bucket.objects[name][0][:-1] + b"x", START)
    with pytest.raises(Damaged):
        stager.handle(event(inserted(1, item)))
    del bucket.objects[name]
    with pytest.raises(ClientError, match="NoSuchKey"):
        stager.handle(event(inserted(1, item)))
    assert bucket.keys("staged/") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"saleDate": "soon"}, "saleDate"),
        ({"season": None}, "season is never null"),
        ({"salePrice": "5"}, "sale_price cannot hold '5'"),
        ({"daysToSell": 2**40}, "days_to_sell"),
        ({"createdAt": "yesterday"}, "created_at"),
    ],
)
def test_an_item_that_is_no_sale_fails_the_batch_by_its_key(
    stager: Stager, bucket: Bucket, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadItem, match=rf"tenant='acme'.*saleId='s0002'.*no sale that the lake can hold.*{said}"):
        stager.handle(event(inserted(1), inserted(2, sale(2, **change))))
    assert bucket.keys() == []


def test_the_same_batch_is_the_same_object(stager: Stager, bucket: Bucket) -> None:
    batch = event(inserted(1), inserted(2))
    stager.handle(batch)
    before = dict(bucket.objects)
    stager.handle(batch)
    assert bucket.objects == before


def test_a_shard_is_named_by_the_event_or_by_the_environment(bucket: Bucket, stager: Stager) -> None:
    plain = event(inserted(1), shard=None)
    with pytest.raises(SchemaError, match="shard"):
        stager.handle(plain)
    Stager(bucket, BUCKET, "local").handle(plain)
    assert [one.shard for one in list_staged(bucket, BUCKET).objects] == ["local"]


def test_an_upload_that_fails_fails_the_batch(stager: Stager, bucket: Bucket) -> None:
    def refuse(operation: str, _: str) -> None:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, operation)

    bucket.before = refuse
    with pytest.raises(ClientError, match="SlowDown"):
        stager.handle(event(inserted(1)))


def test_no_description_and_no_embedding_is_logged(
    stager: Stager, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(stage, "logger", Logger(service=f"stage-{uuid4().hex}", stream=said))
    stager.handle(event(inserted(1, with_vector(bucket, 1, description="confidential"))))
    logged = said.getvalue()
    assert '"changes":1' in logged
    assert "confidential" not in logged
    assert "embedding" not in logged
