"""The sales table in moto, and a repository with a clock that stands still until told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import boto3
import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from sales_intelligence.api_answers import sales_handler
from sales_intelligence.repository import Sales
from sales_intelligence.routes import ROUTES
from sales_intelligence.tables import SALES
from shardwell.ambient import Ambient
from shardwell.creation import create_table_request
from shardwell.secrets import SigningKeys
from shardwell.store import Store
from tests.unit.http.gateway import Gateway
from tests.unit.http.secret import Secret

NAME = SALES.physical_name("local")

ApiWith = Callable[[SigningKeys], Gateway]


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
    return Store(SALES, name=NAME, client=client, cursor_keys=(b"k" * 32,), ambient=ambient)


@pytest.fixture
def sales(store: Store, clock: Clock) -> Sales:
    return Sales(store, ambient=Ambient(now=clock, sleep=lambda _seconds: None))


@pytest.fixture
def keys() -> SigningKeys:
    """Keys for cursors, from a secret that never changes."""
    return SigningKeys("secret", client=lambda: Secret("k" * 32))


@pytest.fixture
def logged() -> StringIO:
    """What the API logs."""
    return StringIO()


@pytest.fixture
def api_with(client: object, clock: Clock, logged: StringIO) -> ApiWith:
    """Makes the API over the table, behind a gateway, from the keys that sign its cursors."""
    ambient = Ambient(now=clock, sleep=lambda _seconds: None)
    log = Logger(service=f"api-{uuid4().hex}", stream=logged)

    def sales_with(cursor_keys: tuple[bytes, ...]) -> Sales:
        store = Store(SALES, name=NAME, client=client, cursor_keys=cursor_keys, ambient=ambient)
        return Sales(store, ambient=ambient)

    return lambda keys: Gateway(ROUTES, sales_handler(sales_with=sales_with, keys=keys, ambient=ambient, log=log))


@pytest.fixture
def call(api_with: ApiWith, keys: SigningKeys) -> Gateway:
    """The API behind a gateway."""
    return api_with(keys)
