"""A connection: the client, the table's name, and what else every request of a store needs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shardwell.ambient import Ambient
from shardwell.client import shared_client, shared_pool

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Connection:
    """Where a store sends its requests."""

    table_name: str
    client: DynamoDBClient = field(default_factory=shared_client)
    cursor_keys: Sequence[bytes] = ()
    ambient: Ambient = field(default_factory=Ambient)
    pool: Executor = field(default_factory=shared_pool)
