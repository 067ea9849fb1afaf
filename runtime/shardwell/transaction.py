"""Transactions: up to 100 writes, to any tables, of which all or none are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from shardwell.change import Change, check_change, moves, plan
from shardwell.client import as_ours, call
from shardwell.codec import Codec, Encoded
from shardwell.connection import Connection
from shardwell.errors import (
    BadItem,
    ConditionFailed,
    NotFound,
    ShardwellError,
    Throttled,
    TooLarge,
    TransactionFailed,
)
from shardwell.expressions import Condition, Placeholders, every
from shardwell.identity import Identity, identity_of
from shardwell.points import explained, put_request, version_is
from shardwell.update_request import update_request
from shardwell.values import item_size

MOST_WRITES = 100
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Write:
    """One write of a transaction, made by a store's `to_put`, `to_update`, `to_delete` or `to_check`."""

    connection: Connection
    place: tuple[str, Identity]
    request: Mapping[str, Any]
    size: int
    refused: Callable[[Encoded | None], ShardwellError]
    encoded: Encoded | None = None


def transact(*writes: Write) -> None:
    """Do all of the writes or none; TransactionFailed says, one by one, which were refused and why.

    The request carries a token of its own, so that sending it again after a lost answer does nothing twice.
    """
    if not 1 <= len(writes) <= MOST_WRITES:
        raise TooLarge(f"The transaction has {len(writes)} writes and DynamoDB takes 1 to {MOST_WRITES}: split it.")
    if len({write.place for write in writes}) < len(writes):
        raise BadItem("The transaction writes to one item twice, which DynamoDB refuses: join the two writes.")
    size = sum(write.size for write in writes)
    if size > MOST_BYTES:
        raise TooLarge(f"The transaction is {size:,} bytes and DynamoDB takes at most {MOST_BYTES:,}: split it.")
    connection = writes[0].connection
    request = {"TransactItems": [write.request for write in writes], "ClientRequestToken": str(uuid4())}
    failure: ShardwellError | None = None
    for _ in connection.ambient.attempts():
        try:
            call(connection.client.transact_write_items, **request)
        except Throttled as throttled:
            failure = throttled
        except ClientError as error:
            if error.response["Error"].get("Code") != "TransactionCanceledException":
                raise
            reasons = _reasons(writes, error)
            failure = TransactionFailed(_summary(reasons), reasons)
            if any(reason is not None and not isinstance(reason, Throttled) for reason in reasons):
                raise failure from error
        else:
            return
    raise failure or Throttled("The transaction was refused for contention each time: try again.")


def put_write(
    connection: Connection,
    codec: Codec,
    item: Mapping[str, Any],
    *,
    if_absent: bool,
    if_version: int | None,
    condition: Condition | None,
    version: int | None = None,
) -> Write:
    """A put; `version` is the one to write where it is not to be counted from the conditions."""
    encoded, request = put_request(
        connection, codec, item, if_absent=if_absent, if_version=if_version, condition=condition
    )
    if version is not None and codec.table.version is not None:
        encoded[codec.table.version] = {"N": str(version)}
    refused = _refusal(codec, item, if_absent=if_absent, if_version=if_version)
    return _write(connection, codec, "Put", item, request, refused, encoded)


def update_write(
    connection: Connection,
    codec: Codec,
    key: Mapping[str, Any],
    change: Change,
    *,
    if_version: int | None,
    condition: Condition | None,
    current: Mapping[str, Any] | None,
) -> Write:
    """An update that keeps the item's key."""
    check_change(codec, change)
    if moves(codec, key, change):
        raise BadItem("An update in a transaction cannot give an item another key: put the new one and delete the old.")
    wanted = every(version_is(codec, if_version), condition)
    request = update_request(connection, codec, key, plan(codec, key, change, current), wanted)
    return _write(connection, codec, "Update", key, request, _refusal(codec, key, if_version=if_version))


def delete_write(
    connection: Connection, codec: Codec, key: Mapping[str, Any], *, if_version: int | None, condition: Condition | None
) -> Write:
    """A deletion."""
    wanted = every(version_is(codec, if_version), condition)
    return _keyed(connection, codec, "Delete", key, wanted, if_version=if_version)


def check_write(connection: Connection, codec: Codec, key: Mapping[str, Any], condition: Condition | None) -> Write:
    """A demand on an item that is not written."""
    wanted = every(codec.present(connection.ambient.now()), condition)
    return _keyed(connection, codec, "ConditionCheck", key, wanted, if_version=None)


def _keyed(
    connection: Connection,
    codec: Codec,
    kind: str,
    key: Mapping[str, Any],
    wanted: Condition | None,
    *,
    if_version: int | None,
) -> Write:
    placeholders = Placeholders()
    request: dict[str, Any] = {"Key": codec.encoded_key(key)}
    if wanted is not None:
        request["ConditionExpression"] = wanted.text(placeholders)
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    request |= placeholders.request()
    return _write(connection, codec, kind, key, request, _refusal(codec, key, if_version=if_version))


def _write(
    connection: Connection,
    codec: Codec,
    kind: str,
    fields: Mapping[str, Any],
    request: Mapping[str, Any],
    refused: Callable[[Encoded | None], ShardwellError],
    encoded: Encoded | None = None,
) -> Write:
    key = codec.encoded_key(fields)
    place = (connection.table_name, identity_of(codec, key))
    size = item_size(encoded or key) + item_size(request.get("ExpressionAttributeValues", {}))
    return Write(connection, place, {kind: {"TableName": connection.table_name, **request}}, size, refused, encoded)


def _refusal(
    codec: Codec, fields: Mapping[str, Any], *, if_absent: bool = False, if_version: int | None = None
) -> Callable[[Encoded | None], ShardwellError]:
    def refused(found: Encoded | None) -> ShardwellError:
        error = ConditionFailed("the condition does not hold")
        if found is None and not if_absent and if_version is None:
            return NotFound(f"{codec.name} has no item with {codec.described_key(fields)}.")
        return explained(codec, fields, if_absent=if_absent, if_version=if_version, error=error, found=found)

    return refused


def _reasons(writes: Sequence[Write], error: ClientError) -> list[ShardwellError | None]:
    given: Any = error.response.get("CancellationReasons", [])
    if len(given) != len(writes):
        return [ConditionFailed(str(error)) for _ in writes]
    return [_reason(write, reason) for write, reason in zip(writes, given, strict=True)]


def _reason(write: Write, reason: Mapping[str, Any]) -> ShardwellError | None:
    code = reason.get("Code", "None")
    if code == "None":
        return None
    if code == "ConditionalCheckFailed":
        return write.refused(reason.get("Item"))
    message = f"{code}: {reason.get('Message', '')}"
    return as_ours(code, message, write.place[0]) or BadItem(f"DynamoDB refused the write: {message}")


def _summary(reasons: Sequence[ShardwellError | None]) -> str:
    refused = [f"write {number}: {reason}" for number, reason in enumerate(reasons, 1) if reason is not None]
    return "The transaction was cancelled and nothing was written; " + " ".join(refused)
