"""The request that creates a table, for tests and for local servers. On AWS the construct creates it."""

from __future__ import annotations

from typing import Any

from shardwell.keys import Key
from shardwell.schema import Table


def create_table_request(table: Table, *, name: str) -> dict[str, Any]:
    """The arguments of `create_table` for a description; time to live is a call of its own."""
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(table.key),
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": kind} for n, kind in table.attributes.items()],
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _key_schema(key), "Projection": _projection(table, index)}
            for index, key in table.indexes.items()
        ]
    if table.stream:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return request


def _key_schema(key: Key) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": a.name, "KeyType": kind} for a, kind in zip(key.attributes, kinds, strict=False)]


def _projection(table: Table, index: str) -> dict[str, Any]:
    fields = table.projected(index)
    if fields is None:
        return {"ProjectionType": "ALL"}
    if not fields:
        return {"ProjectionType": "KEYS_ONLY"}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(fields)}
