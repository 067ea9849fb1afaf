"""Stream records of sales, as Lambda gets them: valid, distinct, and the same in every run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sales_intelligence.tables import SALES
from shardwell.values import encode_item
from tests.support.ambient import START
from tests.support.sales import sale

SHARD = "shardId-00000001731672000000-1a2b3c4d"
EXPIRY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def stored(item: Mapping[str, Any]) -> dict[str, Any]:
    """A sale as it is in its table, with its key."""
    return {**item, **SALES.key.values(item)}


def inserted(sequence: int, item: Mapping[str, Any] | None = None, *, at: datetime = START) -> dict[str, Any]:
    """The record of a new sale; the one of its number where none is given."""
    return _record("INSERT", sequence, at, NewImage=item or sale(sequence))


def changed(
    sequence: int, before: Mapping[str, Any], after: Mapping[str, Any], *, at: datetime = START
) -> dict[str, Any]:
    """The record of a sale that has changed."""
    return _record("MODIFY", sequence, at, OldImage=before, NewImage=after)


def deleted(sequence: int, item: Mapping[str, Any], *, at: datetime = START, expired: bool = False) -> dict[str, Any]:
    """The record of a sale that was deleted, by somebody or by its time to live."""
    by = {"userIdentity": EXPIRY} if expired else {}
    return {**_record("REMOVE", sequence, at, OldImage=item), **by}


def event(*records: Mapping[str, Any], shard: str | None = SHARD) -> dict[str, Any]:
    """A Lambda event with these records, of a mapping with a tumbling window if it names the shard."""
    named = {"shardId": shard, "state": {}, "isFinalInvokeForWindow": False} if shard else {}
    return {"Records": list(records), **named}


def _record(name: str, sequence: int, at: datetime, **images: Mapping[str, Any]) -> dict[str, Any]:
    encoded = {image: encode_item(stored(item)) for image, item in images.items()}
    return {
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": at.timestamp(),
            "Keys": {name: next(iter(encoded.values()))[name] for name in ("PK", "SK")},
            "SequenceNumber": str(sequence),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **encoded,
        },
    }
