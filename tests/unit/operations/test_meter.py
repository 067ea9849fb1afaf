"""Counting what a piece of code reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.meter import Reading, metered


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        dynamodb = boto3.client(
            "dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        dynamodb.create_table(
            TableName="sales",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for partition in "ab":
            for number in range(3):
                dynamodb.put_item(TableName="sales", Item={"PK": {"S": partition}, "SK": {"S": str(number)}})
        yield dynamodb


def query(client: Any, partition: str, **more: Any) -> None:
    client.query(
        TableName="sales",
        KeyConditionExpression="#k = :p AND SK >= :s",
        ExpressionAttributeNames={"#k": "PK"},
        ExpressionAttributeValues={":p": {"S": partition}, ":s": {"S": "0"}},
        **more,
    )


def test_items_pages_and_partitions_are_counted_while_the_block_runs(client: Any) -> None:
    query(client, "a")
    with metered(client) as reading:
        query(client, "a", Limit=2)
        query(client, "a")
        query(client, "b")
    query(client, "b")

    assert (reading.items, reading.pages, len(reading.partitions)) == (8, 3, 2)
    assert reading.seconds > 0
    assert str(reading).startswith("8 items, 3 pages of 2 partitions, ")


def test_a_block_that_fails_leaves_nothing_behind_at_the_client(client: Any) -> None:
    seen: list[Reading] = []
    with pytest.raises(RuntimeError):
        query_and_fail(client, seen)

    query(client, "a")
    assert seen[0].pages == 1


def query_and_fail(client: Any, seen: list[Reading]) -> None:
    with metered(client) as reading:
        seen.append(reading)
        query(client, "a")
        raise RuntimeError("stop")
