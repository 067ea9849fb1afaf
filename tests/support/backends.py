"""The servers that one suite runs against, each behind the strict client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import current_thread
from typing import Any, TypeVar
from uuid import uuid4

from botocore.config import Config

from shardwell.client import CONFIG, FAN_OUT, make_client
from shardwell.creation import create_table_request
from shardwell.schema import Table
from shardwell.store import Store
from tests.support.ambient import Surroundings
from tests.support.strict_client import strict
from tests.support.wire import Wire

CURSOR_KEY = b"k" * 32
_NOWHERE = "http://127.0.0.1:9"
T = TypeVar("T")


class Pool(ThreadPoolExecutor):
    """Threads as a store uses them, one of which never waits for another: a full pool would wait for ever."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        if current_thread() in self._threads:
            raise AssertionError("A thread of the pool asks for another one.")
        return super().submit(fn, *args, **kwargs)


POOL = Pool(FAN_OUT)


@dataclass(frozen=True)
class Backend:
    """A server by name, a strict client to it, and what passes between them."""

    name: str
    client: Any
    wire: Wire
    surroundings: Surroundings

    def store(self, table: Table, **further: Any) -> Store:
        """A store of a new and empty table."""
        name = f"test-{uuid4().hex}"
        self.client.create_table(**create_table_request(table, name=name))
        self.wire.forget("CreateTable")
        return self.store_of(table, name, **further)

    def store_of(self, table: Table, name: str, **further: Any) -> Store:
        """Another store of a table that is there, by this or by another description."""
        settings = {"cursor_keys": (CURSOR_KEY,), "ambient": self.surroundings.ambient, **further}
        store = Store(table, name=name, client=self.client, **settings)
        store._connection = replace(store._connection, pool=POOL)
        return store

    def raw(self, store: Store) -> list[dict[str, Any]]:
        """Every item of a store's table as DynamoDB has it."""
        items: list[dict[str, Any]] = []
        for page in self.client.get_paginator("scan").paginate(TableName=store.name):
            items.extend(page["Items"])
        return items


def connect(endpoint: str | None) -> tuple[Any, Wire]:
    """A strict client of an endpoint, or of moto where there is none: without moto it reaches nobody."""
    proxies = {} if endpoint else {"https": _NOWHERE, "http": _NOWHERE}
    client = make_client(
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=CONFIG.merge(Config(proxies=proxies, connect_timeout=5, read_timeout=60)),
    )
    return strict(client), Wire(client)
