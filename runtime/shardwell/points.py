"""One item at a time: get, put, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shardwell.client import call
from shardwell.codec import Codec, Encoded, Item
from shardwell.connection import Connection
from shardwell.errors import AlreadyExists, BadItem, ConditionFailed, VersionConflict
from shardwell.expressions import Condition, F, Placeholders, every
from shardwell.keypart import shown
from shardwell.values import check_size, decode_item, encode_value


def get(
    connection: Connection, codec: Codec, key: Mapping[str, Any], *, consistent: bool, only: Sequence[str]
) -> Item | None:
    """The live item with this key, or None."""
    request: dict[str, Any] = {"Key": codec.encoded_key(key), "ConsistentRead": consistent}
    if only:
        placeholders = Placeholders()
        names = dict.fromkeys([*only, *codec.own_attributes])
        request["ProjectionExpression"] = ", ".join(placeholders.name(name) for name in names)
        request |= placeholders.request()
    answer = call(connection.client.get_item, TableName=connection.table_name, **request)
    if "Item" not in answer:
        return None
    item = codec.item(answer["Item"])
    if codec.expired(item, connection.ambient.now()):
        return None
    return {name: item[name] for name in only if name in item} if only else item


def put(
    connection: Connection,
    codec: Codec,
    item: Mapping[str, Any],
    *,
    if_absent: bool,
    if_version: int | None,
    condition: Condition | None,
) -> Item:
    """The item as it was stored."""
    encoded, request = put_request(
        connection, codec, item, if_absent=if_absent, if_version=if_version, condition=condition
    )
    try:
        call(connection.client.put_item, TableName=connection.table_name, **request)
    except ConditionFailed as error:
        found = item_found(error)
        if not (asked_again(error) and found is not None and decode_item(found) == decode_item(encoded)):
            raise explained(
                codec, item, if_absent=if_absent, if_version=if_version, error=error, found=found
            ) from error
    return codec.item(encoded)


def put_request(
    connection: Connection,
    codec: Codec,
    item: Mapping[str, Any],
    *,
    if_absent: bool,
    if_version: int | None,
    condition: Condition | None,
) -> tuple[Encoded, dict[str, Any]]:
    """The stored form of an item, and the request that puts it there under its conditions."""
    now = connection.ambient.now()
    if if_absent and if_version is not None:
        raise BadItem("A put is asked for if absent and if of a version: an absent item has none, so give one of them.")
    of_version = version_is(codec, if_version)
    encoded = codec.encoded(item, now)
    version = codec.table.version
    if version is not None:
        before = _version_before(item.get(version), if_absent=if_absent, if_version=if_version)
        encoded[version] = encode_value(version, 1 + before)
        check_size(encoded)
    wanted = every(
        codec.absent(now) if if_absent else None,
        of_version,
        condition,
        _alive(codec, if_version, now),
    )
    placeholders = Placeholders()
    request: dict[str, Any] = {"Item": encoded}
    if wanted is not None:
        request["ConditionExpression"] = wanted.text(placeholders)
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return encoded, {**request, **placeholders.request()}


def delete(
    connection: Connection, codec: Codec, key: Mapping[str, Any], *, if_version: int | None, condition: Condition | None
) -> Item | None:
    """The item that was deleted, or None where there was none."""
    wanted = every(version_is(codec, if_version), condition)
    placeholders = Placeholders()
    request: dict[str, Any] = {"Key": codec.encoded_key(key), "ReturnValues": "ALL_OLD"}
    if wanted is not None:
        request["ConditionExpression"] = wanted.text(placeholders)
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    try:
        answer = call(
            connection.client.delete_item, TableName=connection.table_name, **request, **placeholders.request()
        )
    except ConditionFailed as error:
        found = item_found(error)
        if found is None:
            return None
        raise explained(codec, key, if_absent=False, if_version=if_version, error=error, found=found) from error
    item = codec.item(answer["Attributes"]) if answer.get("Attributes") else None
    return None if item is None or codec.expired(item, connection.ambient.now()) else item


def version_is(codec: Codec, version: int | None) -> Condition | None:
    """The condition that the stored item is of a version."""
    if version is None:
        return None
    if codec.table.version is None:
        raise BadItem(
            f"{codec.name} keeps no version, and version {version} was asked for: describe one with "
            'Table(…, version="version").'
        )
    return F(codec.table.version) == _whole(version)


def item_found(error: BaseException) -> Encoded | None:
    """The stored item that a condition was refused for, or None where there was none."""
    response = getattr(error.__cause__, "response", {})
    found: Encoded | None = response.get("Item")
    return found


def asked_again(error: BaseException) -> bool:
    """Whether the request had been sent before: an earlier copy of it may be what the condition met."""
    response = getattr(error.__cause__, "response", {})
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def explained(
    codec: Codec,
    fields: Mapping[str, Any],
    *,
    if_absent: bool,
    if_version: int | None,
    error: ConditionFailed,
    found: Encoded | None,
) -> ConditionFailed | AlreadyExists:
    """The refusal of a condition as what it means to the caller."""
    key = codec.described_key(fields)
    if if_absent and found is not None:
        return AlreadyExists(f"An item with {key} exists already: update it, or give the new one another key.")
    if if_version is not None:
        stored = decode_item(found).get(codec.table.version or "") if found else None
        if stored != if_version:
            return VersionConflict(
                f"The item with {key} has version {stored or 'none'}, not {if_version}: read it again and repeat the "
                "change."
            )
    return ConditionFailed(f"The item with {key} does not meet the condition of the write: {error}")


def _version_before(given: Any, *, if_absent: bool, if_version: int | None) -> int:
    if if_absent:
        return 0
    return _whole(if_version if if_version is not None else given or 0)


def _whole(version: Any) -> int:
    counted = isinstance(version, Decimal) and version.is_finite() and version == version.to_integral_value()
    if not counted and (isinstance(version, bool) or not isinstance(version, int)):
        raise BadItem(f"The version is {shown(version)}: give the whole number that the item was read with.")
    return int(version)


def _alive(codec: Codec, if_version: int | None, now: Any) -> Condition | None:
    return None if if_version is None else codec.alive(now)
