"""Batches of a table's stream as changes: inserts, changes and deletions in their order, without what expired."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from shardwell.errors import BadItem, SchemaError
from shardwell.keypart import shown
from shardwell.values import decode_item

Operation = Literal["insert", "change", "delete"]

SEQUENCE_DIGITS = 40
"""The most that a stream's own numbers have."""

_OPERATIONS: Mapping[str, Operation] = {"INSERT": "insert", "MODIFY": "change", "REMOVE": "delete"}
_EXPIRED_BY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_DIGITS = re.compile(rf"[0-9]{{1,{SEQUENCE_DIGITS}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one item: its place in the order of changes, when, and the item before and after."""

    operation: Operation
    sequence: str
    at: datetime
    before: Mapping[str, Any]
    """Empty where the item was not there."""
    after: Mapping[str, Any]
    """Empty where the item is gone."""

    @property
    def item(self) -> Mapping[str, Any]:
        """The item as it is now, or as it was last."""
        return self.after or self.before


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """Neighbours of one shard of a stream, the first and the last of them by their sequence."""

    shard: str
    first: str
    last: str
    changes: tuple[Change, ...]
    expired: int
    """How many records tell of an item that its time to live has deleted: they are not among the changes."""


def stream_batch(event: Mapping[str, Any], *, shard: str | None = None) -> StreamBatch | None:
    """The batch of a Lambda event, None where it has no records; `shard` is the one of an event that names none.

    A plain event of a DynamoDB stream does not say which shard it is from. With a tumbling window it does.
    """
    records = event.get("Records", [])
    if not records:
        return None
    named = event.get("shardId") or shard
    if not named:
        raise SchemaError(
            "The event does not say which shard of the stream it is from: give the event source mapping a tumbling "
            "window, or name the only shard there is."
        )
    return batch_of(records, shard=named)


def batch_of(records: Sequence[Mapping[str, Any]], *, shard: str) -> StreamBatch:
    """The batch that these records of a shard make: those of a Lambda event, or of `GetRecords`; at least one."""
    sequences = [sequence_of(record["dynamodb"]["SequenceNumber"]) for record in records]
    living = [record for record in records if not _has_expired(record)]
    changes = tuple(change_of(record) for record in living)
    return StreamBatch(shard, min(sequences), max(sequences), changes, len(records) - len(living))


def change_of(record: Mapping[str, Any]) -> Change:
    """The change that one record of a stream tells of."""
    told = record["dynamodb"]
    operation = _OPERATIONS[record["eventName"]]
    before, after = (decode_item(told.get(image) or {}) for image in ("OldImage", "NewImage"))
    if (not after) if operation != "delete" else (not before):
        raise SchemaError(
            f"The stream tells of a {operation} of {shown(told.get('Keys'))} without the item: let it have new and "
            "old images."
        )
    return Change(
        operation, sequence_of(told["SequenceNumber"]), _moment(told["ApproximateCreationDateTime"]), before, after
    )


def sequence_of(number: str) -> str:
    """A stream's number as text that sorts as the number does."""
    if not _DIGITS.fullmatch(number):
        raise BadItem(f"The sequence number {shown(number)} is not one of at most {SEQUENCE_DIGITS} digits.")
    return number.zfill(SEQUENCE_DIGITS)


def _has_expired(record: Mapping[str, Any]) -> bool:
    by = record.get("userIdentity") or {}
    # Lambda spells the names small, the streams' own API large.
    spelled = {name[:1].lower() + name[1:]: value for name, value in by.items()}
    return record["eventName"] == "REMOVE" and all(spelled.get(name) == value for name, value in _EXPIRED_BY.items())


def _moment(told: float | datetime) -> datetime:
    return told.astimezone(UTC) if isinstance(told, datetime) else datetime.fromtimestamp(told, UTC)
