"""The sweep: objects that no sale points at go, every other one stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from carousel_sync.sweep import MOST_LEGS, RESERVE_MS, Sweep, handler, order_of, run
from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.errors import PartialFailure
from shardwell.store import Store
from tests.support.ambient import START
from tests.support.backends import Backend
from tests.support.faults import always, denied
from tests.support.sold import numbers, sold
from tests.support.vector_bucket import NAME
from tests.unit.carousel_sync.scene import Scene

DAY = date(2026, 1, 15)
TODAY = date(2026, 2, 4)
LONG = 900_000


@pytest.fixture
def store(emulator: Backend) -> Store:
    return emulator.store(SALES)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(table=store)


def sweep(scene: Scene, store: Store, **event: Any) -> dict[str, Any]:
    """What a sweep of the day says, and that it needed one call."""
    order = order_of({"day": DAY.isoformat(), **event}, today=TODAY)
    return run(store, scene.bucket.vectors(), order, lambda: LONG, _never)


def _never(_order: Sweep) -> None:
    raise AssertionError("It called itself again.")


def counts(told: dict[str, Any]) -> tuple[int, int, int]:
    return told["kept"], told["deleted"], told["unreadable"]


def orphan(scene: Scene, *numbered: int) -> str:
    """An object of sales that were never inserted."""
    other = Scene(bucket=scene.bucket)
    before = set(scene.bucket.keys())
    other.send(*(sold(n) for n in numbered))
    (key,) = set(scene.bucket.keys()) - before
    return key


def test_what_a_sale_points_at_stays_and_what_none_does_goes(scene: Scene, store: Store) -> None:
    scene.send(sold(1), sold(2))
    kept = scene.bucket.keys()
    orphan(scene, 7, 8, 9)
    assert counts(sweep(scene, store)) == (1, 1, 0)
    assert scene.bucket.keys() == kept


def test_an_object_stays_that_one_of_its_sales_points_at(scene: Scene, store: Store) -> None:
    scene.send(sold(3))
    scene.send(*(sold(n) for n in range(1, 121)))
    first, second = scene.bucket.keys()
    for n in range(1, 120):
        if n != 3:
            store.delete(sold_key(n))
    assert counts(sweep(scene, store)) == (2, 0, 0)
    store.delete(sold_key(120))
    assert counts(sweep(scene, store)) == (1, 1, 0)
    (left,) = scene.bucket.keys()
    assert left in (first, second)
    assert scene.bucket.pointed_at(stored(store, 3)["embeddingS3Key"]).data


def test_the_object_of_a_repeat_goes_and_that_of_its_sale_stays(scene: Scene, store: Store) -> None:
    scene.send(sold(1))
    kept = scene.bucket.keys()
    scene.send(sold(1), sold(1, embedding=numbers(9)))
    assert len(scene.bucket.keys()) == 2
    assert counts(sweep(scene, store)) == (1, 1, 0)
    assert scene.bucket.keys() == kept


def test_the_object_of_a_sale_that_has_moved_to_another_day_stays(scene: Scene, store: Store) -> None:
    scene.send(sold(1))
    Sales(store, ambient=scene.surroundings.ambient).update_sale(
        "north", "PROD-1", "2025-12-30", "S0001", {"sale_date": "2025-12-29", "sale_price": Decimal(7)}
    )
    assert counts(sweep(scene, store)) == (1, 0, 0)


def test_another_bucket_is_another_place(scene: Scene, store: Store) -> None:
    scene.send(sold(1))
    elsewhere = f"s3://other/{scene.bucket.keys()[0]}#0"
    store.update(sold_key(1), {"embeddingS3Key": elsewhere})
    assert counts(sweep(scene, store)) == (0, 1, 0)


def test_other_days_are_not_looked_at(scene: Scene, store: Store) -> None:
    orphan(scene, 1)
    scene.surroundings.forward(days=1)
    Scene(bucket=scene.bucket, surroundings=scene.surroundings).send(sold(2))
    assert counts(sweep(scene, store)) == (0, 1, 0)
    assert len(scene.bucket.keys("vectors/2026-01-16/")) == len(scene.bucket.keys()) == 1


def test_a_dry_run_deletes_nothing(scene: Scene, store: Store) -> None:
    scene.send(sold(1))
    orphan(scene, 2)
    before = scene.bucket.keys()
    assert counts(sweep(scene, store, dryRun=True)) == (1, 1, 0)
    assert scene.bucket.keys() == before
    assert {operation for operation, _ in scene.bucket.calls} == {"PutObject", "ListObjectsV2", "GetObject"}


def test_what_cannot_be_read_is_left_for_somebody_to_look_at(scene: Scene, store: Store) -> None:
    key = orphan(scene, 1)
    content = scene.bucket.objects[key][0]
    for name, damaged in {
        "a": b"",
        "b": b"x" * 100,
        "c": content[:30],
        "d": content[:60] + b"?" + content[61:],
    }.items():
        scene.bucket.put_object(Bucket=NAME, Key=f"vectors/2026-01-15/{name}", Body=damaged)
    assert counts(sweep(scene, store)) == (0, 1, 4)
    assert len(scene.bucket.keys()) == 4


def test_where_the_table_cannot_be_read_nothing_is_deleted(scene: Scene, store: Store, emulator: Backend) -> None:
    orphan(scene, 1)
    emulator.wire.fault = always(denied)
    with pytest.raises(PartialFailure):
        sweep(scene, store)
    assert len(scene.bucket.keys()) == 1


def test_short_of_time_it_calls_itself_and_the_parts_make_the_whole(scene: Scene, store: Store) -> None:
    scene.send(sold(1))
    for n in range(2, 8):
        orphan(scene, n)
    orders: list[Sweep] = []
    told: dict[str, Any] = {"complete": False}
    order = order_of({}, today=TODAY)
    assert order.day == DAY
    while not told["complete"]:
        time = iter([LONG, LONG, LONG, RESERVE_MS - 1])
        told = run(store, scene.bucket.vectors(), order, lambda time=_last_stays(time): next(time), orders.append)
        if not told["complete"]:
            order = order_of(json.loads(json.dumps(orders[-1].to_event())), today=TODAY)
            assert order == orders[-1]
    assert [one.leg for one in orders] == [1, 2, 3]
    assert counts(told) == (1, 6, 0)
    assert len(scene.bucket.keys()) == 1


def _last_stays(values: Iterator[int]) -> Iterator[int]:
    last = 0
    for last in values:
        yield last
    while True:
        yield last


def test_it_does_not_begin_without_time(scene: Scene, store: Store) -> None:
    with pytest.raises(RuntimeError, match="raise its timeout"):
        run(store, scene.bucket.vectors(), Sweep(DAY), lambda: 2 * RESERVE_MS - 1, _never)


def test_the_event_of_a_schedule_asks_for_the_day_that_is_due() -> None:
    event = {"version": "0", "detail-type": "Scheduled Event", "time": "2026-02-04T03:00:00Z", "detail": {}}
    assert order_of(event, today=TODAY) == Sweep(DAY)
    assert START.date() == DAY


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"day": "2026-02-03"}, "too near"),
        ({"day": "2027-01-01"}, "too near"),
        ({"day": "yesterday"}, "YYYY-MM-DD"),
        ({"day": 5}, "YYYY-MM-DD"),
        ({"dryRun": "yes"}, "must be true or false"),
        ({"after": 5}, "name of an object"),
        ({"leg": -1}, "leg is -1"),
        ({"kept": True}, "kept is True"),
        ({"leg": MOST_LEGS + 1}, "raise its timeout"),
    ],
)
def test_what_cannot_be_asked_for(event: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        order_of(event, today=TODAY)


def test_the_function_sweeps_the_bucket_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in {**environment, "TABLE_NAME": "sales", "LAKE_BUCKET": NAME}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_object(Bucket=NAME, Key="vectors/2026-01-15/damaged.vec", Body=b"x")
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: LONG)
        told = handler({"day": "2026-01-15"}, context)
    assert (told["complete"], *counts(told)) == (True, 0, 0, 1)


def sold_key(number: int) -> dict[str, str]:
    detail = sold(number)
    return {
        "tenant": detail["tenantId"],
        "productId": detail["productId"],
        "saleDate": detail["soldDate"],
        "saleId": detail["saleId"],
    }


def stored(store: Store, number: int) -> dict[str, Any]:
    found = store.get(sold_key(number))
    assert found is not None
    return found
