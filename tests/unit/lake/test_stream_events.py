"""Batches of a stream: what changed, in which order, and what only expired."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shardwell.errors import BadItem, SchemaError
from shardwell.stream_events import batch_of, change_of, sequence_of, stream_batch
from tests.support.ambient import START
from tests.support.sale_stream import SHARD, changed, deleted, event, inserted, stored
from tests.support.sales import sale


def test_a_batch_is_its_changes_in_order() -> None:
    before, after = sale(1), sale(1, brand="b")
    batch = stream_batch(event(inserted(1), changed(2, before, after), deleted(10, sale(3))))
    assert batch is not None
    assert (batch.shard, batch.first, batch.last, batch.expired) == (SHARD, "1".zfill(40), "10".zfill(40), 0)
    assert [(one.operation, int(one.sequence), one.at) for one in batch.changes] == [
        ("insert", 1, START),
        ("change", 2, START),
        ("delete", 10, START),
    ]
    assert batch.changes[1].before == stored(before)
    assert batch.changes[1].after == batch.changes[1].item == stored(after)
    assert batch.changes[2].item == stored(sale(3))
    assert batch.changes[0].item["salePrice"] == Decimal("5.50")


def test_what_expired_is_counted_and_its_place_is_covered() -> None:
    batch = stream_batch(event(inserted(1), deleted(2, sale(2), expired=True)))
    assert batch is not None
    assert ([one.operation for one in batch.changes], batch.expired, int(batch.last)) == (["insert"], 1, 2)


@pytest.mark.parametrize(
    "by",
    [
        None,
        {},
        {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"},
        {"type": "User", "principalId": "dynamodb.amazonaws.com"},
    ],
)
def test_a_deletion_by_anybody_else_is_one(by: Any) -> None:
    record = {**deleted(1, sale(1)), "userIdentity": by}
    assert [one.operation for one in batch_of([record], shard="s").changes] == ["delete"]


def test_records_of_the_streams_own_api_are_read_too() -> None:
    record = deleted(1, sale(1), expired=True)
    record["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert batch_of([record], shard="s").expired == 1
    record = inserted(1)
    record["dynamodb"]["ApproximateCreationDateTime"] = datetime(2026, 1, 15, 13, tzinfo=UTC)
    assert change_of(record).at.hour == 13


def test_an_event_without_records_is_no_batch() -> None:
    assert stream_batch({"Records": [], "shardId": SHARD, "isFinalInvokeForWindow": True}) is None
    assert stream_batch({}) is None


def test_an_event_that_names_no_shard_needs_one() -> None:
    plain = event(inserted(1), shard=None)
    with pytest.raises(SchemaError, match="tumbling window"):
        stream_batch(plain)
    named = stream_batch(plain, shard="the-only-one")
    assert named is not None
    assert named.shard == "the-only-one"


def test_the_shard_of_the_event_goes_before_that_of_the_environment() -> None:
    batch = stream_batch(event(inserted(1)), shard="the-only-one")
    assert batch is not None
    assert batch.shard == SHARD


@pytest.mark.parametrize("image", ["NewImage", "OldImage"])
def test_a_stream_without_images_is_refused(image: str) -> None:
    record = inserted(1) if image == "NewImage" else deleted(1, sale(1))
    del record["dynamodb"][image]
    with pytest.raises(SchemaError, match="new and old images"):
        change_of(record)


@pytest.mark.parametrize("number", ["", "-1", "1.5", "x", "1" * 41, "\u0661"])
def test_what_is_no_sequence_is_refused(number: str) -> None:
    with pytest.raises(BadItem, match="sequence"):
        sequence_of(number)


def test_sequences_sort_as_text_as_they_do_as_numbers() -> None:
    numbers = ["9", "10", "099", "100000000000000000000", "99999999999999999999", "9" * 40]
    assert sorted(map(sequence_of, numbers)) == [sequence_of(one) for one in sorted(numbers, key=int)]
