"""A client that refuses what DynamoDB refuses, because every emulator accepts some of it.

Each request is checked before it leaves. A refusal is an AssertionError of the test, never an error that the code
under test could catch and retry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.rules import batches, expressions, items
from tests.support.rules.table_keys import TableKeys
from tests.support.rules.verdict import Refused

__all__ = ["Refused", "strict"]


def strict(client: Any) -> Any:
    """The same client, which from here on raises Refused for a request that DynamoDB would refuse."""
    known: dict[str, TableKeys] = {}

    def keys_of(table: str) -> TableKeys:
        if table not in known:
            known[table] = TableKeys.of(client.describe_table(TableName=table)["Table"])
        return known[table]

    def forget(params: Mapping[str, Any], **_: Any) -> None:
        known.pop(params["TableName"], None)

    def check(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        rule = _RULES.get(model.name)
        if rule is not None:
            rule(params, keys_of)

    client.meta.events.register("before-parameter-build.dynamodb.CreateTable", forget)
    client.meta.events.register("before-parameter-build.dynamodb", check)
    return client


KeysOf = Callable[[str], TableKeys]


def _put(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    items.check_item(params["Item"], keys_of(params["TableName"]))
    expressions.check_placeholders(params)
    expressions.check_texts(params)
    items.check_values(params.get("ExpressionAttributeValues", {}))


def _keyed(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    """Get, delete, update, and the check of a transaction."""
    keys = keys_of(params["TableName"])
    items.check_key(params["Key"], keys)
    expressions.check_placeholders(params)
    expressions.check_texts(params)
    expressions.check_update(params, keys)
    items.check_values(params.get("ExpressionAttributeValues", {}))


def _query(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    keys = keys_of(params["TableName"])
    _read(params, keys)
    expressions.check_filter(params, keys)
    expressions.check_key_condition(params, keys)


def _scan(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    _read(params, keys_of(params["TableName"]))
    batches.check_segment(params)


def _read(params: Mapping[str, Any], keys: TableKeys) -> None:
    expressions.check_placeholders(params)
    expressions.check_texts(params)
    expressions.check_index(params, keys)
    items.check_values(params.get("ExpressionAttributeValues", {}))
    batches.check_limit(params)


def _batch_write(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    batches.check_batch_write(params, keys_of)
    for table, requests in params["RequestItems"].items():
        for request in requests:
            if "PutRequest" in request:
                items.check_item(request["PutRequest"]["Item"], keys_of(table))
            else:
                items.check_key(request["DeleteRequest"]["Key"], keys_of(table))


def _batch_get(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    batches.check_batch_get(params, keys_of)
    for table, request in params["RequestItems"].items():
        expressions.check_placeholders(request)
        expressions.check_texts(request)
        for key in request["Keys"]:
            items.check_key(key, keys_of(table))


def _transact(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    batches.check_transaction(params, keys_of)
    for _, write in batches.writes_of(params):
        (_put if "Item" in write else _keyed)(write, keys_of)


def _statements(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    batches.check_statements(params)
    for table, item in batches.inserted(params):
        items.check_item(item, keys_of(table))
    batches.check_inserted_once(params, keys_of)


_RULES: dict[str, Callable[[Mapping[str, Any], KeysOf], None]] = {
    "PutItem": _put,
    "GetItem": _keyed,
    "UpdateItem": _keyed,
    "DeleteItem": _keyed,
    "Query": _query,
    "Scan": _scan,
    "BatchWriteItem": _batch_write,
    "BatchGetItem": _batch_get,
    "TransactWriteItems": _transact,
    "BatchExecuteStatement": _statements,
}
