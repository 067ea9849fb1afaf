"""The request of an update, alone or in a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shardwell.change import Plan
from shardwell.codec import Codec
from shardwell.connection import Connection
from shardwell.errors import BadItem
from shardwell.expressions import Condition, Placeholders, every
from shardwell.values import check_size, encode_item


def update_request(
    connection: Connection, codec: Codec, key: Mapping[str, Any], planned: Plan, condition: Condition | None
) -> dict[str, Any]:
    """The request of a planned change, under its own conditions and the caller's."""
    check_size(encode_item(planned.set))
    placeholders = Placeholders()
    expression = planned.request(placeholders, codec.table.version)
    if not expression:
        raise BadItem("The update gives the item the key that it has and changes nothing else: give another field.")
    wanted = every(codec.present(connection.ambient.now()), planned.assumed, condition)
    request: dict[str, Any] = {
        "Key": codec.encoded_key(key),
        "UpdateExpression": expression,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if wanted is not None:
        request["ConditionExpression"] = wanted.text(placeholders)
    return {**request, **placeholders.request()}
