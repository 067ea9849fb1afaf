"""Carousel sync as deployed: events in by the bus, sales in the table, rows in the lake, and what goes wrong aside."""

from __future__ import annotations

import io
import json
import os
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from carousel_sync.embeddings import read_embeddings
from carousel_sync.sweep import DAYS_BACK
from operations.local import guard
from operations.redrive import __main__ as redrive
from operations.stage import local_stage
from sales_intelligence.repository import Sales
from shardwell.fields import to_item
from shardwell.vector_objects import Pointer, VectorObjects
from shardwell.vectors import Vector, float32
from tests.e2e.conftest import Cloud
from tests.e2e.sales_pipeline import CURRENT, EVERY, TENANT, Pipeline, vectors
from tests.support import sale_stream, sold
from tests.unit.sales_intelligence.sample import a_sale

pytestmark = pytest.mark.heavy

DLQ = "carousel-sync-dlq-local"
DIMENSIONS = 1_024
LAMBDA_MOST_BYTES = 250 * 1024 * 1024
TODAY = datetime.now(UTC).date()
RECENT = (TODAY - timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def pipeline(cloud: Cloud) -> Iterator[Pipeline]:
    before = dict(os.environ)
    guard.enclose(port=cloud.port)  # PyIceberg finds its keys and its region in the environment
    yield Pipeline.of(cloud, local_stage(port=cloud.port))
    os.environ.clear()
    os.environ.update(before)


def a_sold(number: int, product: str, *, dimensions: int = 4, **changes: Any) -> dict[str, Any]:
    """The detail of a sold product of a test's own, with an embedding."""
    own = {"tenantId": TENANT, "productId": product, "saleId": f"{product}-{number:03d}", "soldDate": RECENT}
    return sold.sold(number, **{"embedding": sold.numbers(number, dimensions), **own, **changes})


def items(pipeline: Pipeline, product: str) -> list[dict[str, Any]]:
    """The sales of a product in the table."""
    return list(pipeline.store.query(tenant=TENANT, productId=product).consistent())


def test_events_single_and_packed_are_in_both_stores_embeddings_bit_for_bit_and_once(pipeline: Pipeline) -> None:
    product = "both-stores"
    sales = [a_sold(number, product, dimensions=DIMENSIONS) for number in range(50)]
    pipeline.publish(*sales[:20])
    assert pipeline.publish_packed(sales[20:]) > 1
    pipeline.settle()
    stored = items(pipeline, product)
    assert {item["saleId"]: float(item["salePrice"]) for item in stored} == dict.fromkeys(
        (sale["saleId"] for sale in sales), 450.0
    )

    rows = pipeline.wait_for_rows(50, product_id=product)
    expected = {sale["saleId"]: sale["embedding"] for sale in sales}
    assert vectors(rows) == expected, "what DuckDB reads, every float the one that was sent"
    assert {(row["tenant_id"], row["year"], row["month"]) for row in rows} == {
        (TENANT, int(RECENT[:4]), int(RECENT[5:7]))
    }
    assert {row["operation"] for row in rows} == {"insert"}
    by_iceberg = read_embeddings(pipeline.lake(), TENANT, product_id=product).to_pylist()
    assert {row["sale_id"]: float32(row["embedding"]) for row in by_iceberg} == {
        sale_id: float32(numbers) for sale_id, numbers in expected.items()
    }

    pipeline.publish(*sales[:20], *sales[15:20])
    pipeline.publish_packed(sales)
    pipeline.settle()
    assert items(pipeline, product) == stored, "repeats change nothing"
    # Whatever a repeat had put into the stream would be in the lake with this sale, which comes after it.
    pipeline.publish(a_sold(99, f"{product}-after"))
    pipeline.wait_for_rows(1, product_id=f"{product}-after")
    assert len(pipeline.rows(EVERY, product_id=product)) == 50


def test_bad_events_are_dead_letters_and_harm_no_other(pipeline: Pipeline) -> None:
    product, before = "bad-ones", pipeline.count("DeadLettersUrl")
    pipeline.publish(
        a_sold(1, product, salePrice=0),
        a_sold(2, product),
        a_sold(3, product, tenantId="nobody"),
        a_sold(4, product, soldDate=(TODAY + timedelta(days=900)).isoformat()),
        a_sold(5, product, embedding=[1e300]),
    )
    pipeline.publish_packed([a_sold(6, product), a_sold(7, product, salePrice=-1), a_sold(8, product)])
    pipeline.client("sqs").send_message(QueueUrl=pipeline.outputs["QueueUrl"], MessageBody="not JSON at all")
    # The queue hides what fails for minutes: this returns before, as the function shows it again at once.
    pipeline.settle()
    assert pipeline.count("DeadLettersUrl") - before == 6
    assert [item["saleId"] for item in items(pipeline, product)] == [f"{product}-{n:03d}" for n in (2, 6, 8)]
    assert len(pipeline.wait_for_rows(3, product_id=product)) == 3
    assert pipeline.logged("SyncFunction", "shown") == []


def test_a_correction_and_a_deletion_are_in_the_current_state_and_all_of_it_in_the_history(pipeline: Pipeline) -> None:
    product = "corrected"
    pipeline.publish(*(a_sold(number, product) for number in range(3)))
    pipeline.settle()
    first, second, third = (f"{product}-{number:03d}" for number in range(3))
    repository = Sales(pipeline.store)
    repository.update_sale(TENANT, product, RECENT, first, {"brand": "Fjordholm"})
    repository.delete_sale(TENANT, product, RECENT, second)

    history = pipeline.wait_for_rows(5, product_id=product)
    assert [row["operation"] for row in history] == ["insert", "insert", "insert", "change", "delete"]
    assert {row["sale_id"]: row["brand"] for row in pipeline.rows(CURRENT, product_id=product)} == {
        first: "Fjordholm",
        third: "Aurelle",
    }
    assert vectors(history[3:4]) == {first: sold.numbers(0)}, "a corrected sale keeps its embedding"


def test_a_conflict_is_a_dead_letter_that_a_person_can_drop(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    product = "conflicting"
    pipeline.publish(a_sold(1, product))
    pipeline.settle()
    assert redrive.main(["drop", DLQ, "--all", "--yes", "--port", f"{pipeline.cloud.port}"]) == 0
    pipeline.publish(a_sold(1, product, salePrice=440))
    pipeline.settle()
    assert [item["salePrice"] for item in items(pipeline, product)] == [450]
    assert pipeline.count("DeadLettersUrl") == 1
    capsys.readouterr()
    assert redrive.main(["show", DLQ, "--port", f"{pipeline.cloud.port}"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "conflict: sale 'conflicting-001' of 'carousel-labs' is stored with another payload" in said
    assert redrive.main(["drop", DLQ, "--all", "--yes", "--port", f"{pipeline.cloud.port}"]) == 0
    assert pipeline.count("DeadLettersUrl") == 0


def test_what_expires_stays_in_the_lake(pipeline: Pipeline) -> None:
    product = "expired"
    pipeline.publish(a_sold(1, product))
    pipeline.settle()
    pipeline.wait_for_rows(1, product_id=product)
    (item,) = items(pipeline, product)
    # The emulator deletes what has expired without telling its stream, so Lambda's event is made here.
    record = sale_stream.deleted(10**30, item, expired=True)
    assert pipeline.invoke("StageFunction", sale_stream.event(record, shard="emulator")) == {"state": {}}
    pipeline.publish(a_sold(2, product))
    pipeline.wait_for_rows(2, product_id=product)
    assert len(pipeline.rows(CURRENT, product_id=product)) == 2


def test_the_sweep_deletes_vectors_that_no_sale_points_at_and_no_others(pipeline: Pipeline) -> None:
    objects = VectorObjects(pipeline.client("s3"), pipeline.outputs["StagingBucket"])
    day = TODAY - timedelta(days=DAYS_BACK)
    kept, orphan = (written(objects, day, f"swept-{number}") for number in range(2))
    sale = a_sale(1, tenant=TENANT, product_id="swept-0", sale_date=RECENT, embedding_s3_key=str(kept))
    pipeline.store.put(to_item(sale))
    assert set(objects.list(day)) == {kept.key, orphan.key}
    rehearsed = pipeline.invoke("SweepFunction", {"dryRun": True})
    assert (rehearsed["kept"], rehearsed["deleted"], len(list(objects.list(day)))) == (1, 1, 2)
    swept = pipeline.invoke("SweepFunction", {})
    assert (swept["kept"], swept["deleted"], swept["unreadable"], swept["complete"]) == (1, 1, 0, True)
    assert list(objects.list(day)) == [kept.key]


def written(objects: VectorObjects, day: Any, product: str) -> Pointer:
    """An object with the vector of one sale."""
    key = {"tenant": TENANT, "productId": product, "saleDate": RECENT, "saleId": "S0001"}
    (pointer,) = objects.write([Vector(key, float32(sold.numbers(len(product))))], day)
    return pointer


def test_the_deployed_functions_are_well_below_what_lambda_takes(pipeline: Pipeline) -> None:
    for name in ("SyncFunction", "StageFunction", "CommitFunction", "SweepFunction"):
        location = pipeline.client("lambda").get_function(FunctionName=pipeline.outputs[name])["Code"]["Location"]
        with urllib.request.urlopen(location) as answer:  # noqa: S310 (the emulator's own address)
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
        size = sum(entry.file_size for entry in archive.infolist())
        assert 0 < size < 0.85 * LAMBDA_MOST_BYTES, f"{name}: {size / 1e6:.0f} MB"


def test_a_forgotten_grant_fails_as_it_would_on_aws(pipeline: Pipeline) -> None:
    product, app = "without-grants", Path(__file__).parent / "app_without_grants.py"
    message = sold.message(1, a_sold(1, product))
    failed = {"batchItemFailures": [{"itemIdentifier": message.id}]}
    try:
        pipeline.cloud.deploy("--app", f"{sys.executable} {app}")
        assert pipeline.invoke("SyncFunction", sold.queue_event(message)) == failed
    finally:
        pipeline.cloud.deploy()
    assert items(pipeline, product) == []
    refused = [json.loads(line)["reason"] for line in pipeline.logged("SyncFunction", '"sale not stored"')]
    assert "AccessDenied" in refused[-1]
    assert pipeline.invoke("SyncFunction", sold.queue_event(message)) == {"batchItemFailures": []}
    assert [item["saleId"] for item in items(pipeline, product)] == [f"{product}-001"]
