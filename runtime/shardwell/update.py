"""Updates: in one request where that says it all, else read, decided, and written if unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shardwell.change import Change, Plan, changed_item, check_change, moves, plan, unchanged, unknown_fields
from shardwell.client import call
from shardwell.codec import Codec, Encoded, Item
from shardwell.connection import Connection
from shardwell.errors import AlreadyExists, ConditionFailed, NotFound, Throttled, TransactionFailed, VersionConflict
from shardwell.expressions import Condition, every
from shardwell.points import asked_again, explained, get, item_found, version_is
from shardwell.transaction import delete_write, put_write, transact
from shardwell.update_request import update_request
from shardwell.values import decode_item, encode_item

_ATTEMPTS = 8


def update(
    connection: Connection,
    codec: Codec,
    key: Mapping[str, Any],
    change: Change,
    *,
    if_version: int | None,
    condition: Condition | None,
) -> Item:
    """The item after the change."""
    codec.key(key)
    check_change(codec, change)
    version = version_is(codec, if_version)
    if moves(codec, key, change):
        return _move(connection, codec, key, change, if_version=if_version, condition=condition)
    current: Item | None = None
    needed = unknown_fields(codec, change)
    for _ in connection.ambient.attempts(_ATTEMPTS):
        if needed and current is None:
            current = _live(connection, codec, key)
        planned = plan(codec, key, change, current)
        try:
            return _send(connection, codec, key, planned, version, condition)
        except ConditionFailed as error:
            found = item_found(error)
            item = None if found is None else codec.item(found)
            if item is None or codec.expired(item, connection.ambient.now()):
                raise _not_found(codec, key) from error
            if asked_again(error) and if_version is not None and _is_done(codec, planned, found, if_version):
                return item
            if not _assumed_wrongly(planned, item, current, needed):
                raise explained(codec, key, if_absent=False, if_version=if_version, error=error, found=found) from error
            current = item
    raise _given_up(codec, key)


def _send(
    connection: Connection,
    codec: Codec,
    key: Mapping[str, Any],
    planned: Plan,
    version: Condition | None,
    condition: Condition | None,
) -> Item:
    request = update_request(connection, codec, key, planned, every(version, condition))
    answer = call(connection.client.update_item, TableName=connection.table_name, ReturnValues="ALL_NEW", **request)
    return codec.item(answer["Attributes"])


def _move(
    connection: Connection,
    codec: Codec,
    key: Mapping[str, Any],
    change: Change,
    *,
    if_version: int | None,
    condition: Condition | None,
) -> Item:
    """The item under its new key: put there and deleted here in one transaction, if nobody changed it meanwhile."""
    for _ in connection.ambient.attempts(_ATTEMPTS):
        current = _live(connection, codec, key)
        version = codec.table.version
        if if_version is not None and version is not None and current.get(version) != if_version:
            raise VersionConflict(
                f"The item with {codec.described_key(key)} has version {current.get(version) or 'none'}, not "
                f"{if_version}: read it again and repeat the change."
            )
        moved = changed_item(codec, current, change)
        if version is not None:
            moved[version] = int(current.get(version, 0)) + 1
        put = put_write(
            connection, codec, moved, if_absent=True, if_version=None, condition=None, version=moved.get(version or "")
        )
        drop = delete_write(
            connection, codec, key, if_version=None, condition=every(unchanged(codec, current), condition)
        )
        try:
            transact(put, drop)
        except TransactionFailed as error:
            there, here = error.reasons
            if isinstance(there, AlreadyExists):
                raise there from error
            if isinstance(refused := here or there, Throttled):
                raise refused from error
            if here is None:
                raise
            if condition is not None and _live(connection, codec, key) == current:
                raise ConditionFailed(
                    f"The item with {codec.described_key(key)} does not meet the condition of the update."
                ) from error
            continue
        return codec.item(put.encoded or {})
    raise _given_up(codec, key)


def _live(connection: Connection, codec: Codec, key: Mapping[str, Any]) -> Item:
    current = get(connection, codec, key, consistent=True, only=())
    if current is None:
        raise _not_found(codec, key)
    return current


def _assumed_wrongly(planned: Plan, found: Item, current: Item | None, needed: frozenset[str]) -> bool:
    return planned.assumed is not None and any(found.get(name) != (current or {}).get(name) for name in needed)


def _is_done(codec: Codec, planned: Plan, found: Encoded | None, version: int) -> bool:
    """Whether the stored item is what this very change made of it: its version, and every field it set."""
    stored = decode_item(found or {})
    wanted = decode_item(encode_item({**planned.set, codec.table.version or "version": version + 1}))
    return not planned.add and all(stored.get(n) == v for n, v in wanted.items()) and not planned.remove & stored.keys()


def _not_found(codec: Codec, key: Mapping[str, Any]) -> NotFound:
    return NotFound(f"{codec.name} has no item with {codec.described_key(key)}: put it first.")


def _given_up(codec: Codec, key: Mapping[str, Any]) -> VersionConflict:
    return VersionConflict(
        f"The item with {codec.described_key(key)} was changed by others {_ATTEMPTS} times in a row while it was being "
        "updated: try again."
    )
