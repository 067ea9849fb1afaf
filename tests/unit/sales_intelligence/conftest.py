"""The sales table in moto, and a repository with a clock that stands still until told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.ambient import Ambient
from shardwell.creation import create_table_request
from shardwell.store import Store

NAME = SALES.physical_name("local")


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, *, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 1, 15, 12, tzinfo=UTC))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(**create_table_request(SALES, name=NAME))
        yield client


@pytest.fixture
def store(client: object, clock: Clock) -> Store:
    ambient = Ambient(now=clock, sleep=lambda _seconds: None)
    return Store(SALES, name=NAME, client=client, cursor_keys=(b"k" * 32,), ambient=ambient)  # type: ignore[arg-type]


@pytest.fixture
def sales(store: Store, clock: Clock) -> Sales:
    return Sales(store, ambient=Ambient(now=clock, sleep=lambda _seconds: None))
