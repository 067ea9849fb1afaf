"""The stager: batches of the sales table's stream as Parquet files, one a batch, on their way to the lake.

Any failure is raised: Lambda then halves the batch, tries again a bounded number of times and keeps the position of
what is left. Nothing is skipped, because the ledger of the lake goes past all that comes after it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from aws_lambda_powertools import Logger

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import described, sale_row, tells_something
from shardwell.errors import BadItem
from shardwell.keypart import normalise
from shardwell.lake_parquet import to_parquet
from shardwell.object_client import make_object_client
from shardwell.staging import staged_key
from shardwell.stream_events import Change, StreamBatch, stream_batch
from shardwell.vector_objects import FOLDER, Pointer, VectorObjects, read_pointer
from shardwell.vectors import Vector

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OF_A_SALE = ("tenant", "productId", "saleId")

logger = Logger()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 (the signature is Lambda's)
    """The state of the tumbling window, of which there is none: the window is there for the shard's name alone."""
    return _stager().handle(event)


@dataclass(frozen=True)
class Stager:
    """Stages batches in a bucket; `shard` is the one of events that name none."""

    objects: S3Client
    bucket: str
    shard: str | None = None

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Stage an event's batch."""
        batch = stream_batch(event, shard=self.shard)
        if batch is not None:
            key = self.stage(batch)
            told = {"shard": batch.shard, "changes": len(batch.changes), "expired": batch.expired, "object": key}
            logger.info("batch staged", extra=told)
        return {"state": {}}

    def stage(self, batch: StreamBatch, *, kind: Literal["staged", "redriven"] = "staged") -> str | None:
        """The key of the object that now has the batch's rows; None where none of its changes makes a row."""
        rows = self.rows(batch.changes)
        if not rows:
            return None
        content = to_parquet(SALES_HISTORY, rows)
        key = staged_key(content, shard=batch.shard, first=batch.first, last=batch.last, kind=kind)
        self.objects.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def rows(self, changes: Sequence[Change]) -> list[dict[str, Any]]:
        """The rows of these changes, each with its vector."""
        telling = [(change, self._pointer(change)) for change in changes if tells_something(change)]
        stored = VectorObjects(self.objects, self.bucket)
        # Neighbours in a stream were mostly written together: an object is read once for all of them.
        vectors = {key: stored.read(key) for key in dict.fromkeys(found.key for _, found in telling if found)}
        return [
            sale_row(change, None if pointer is None else _vector(change, pointer, vectors[pointer.key]))
            for change, pointer in telling
        ]

    def _pointer(self, change: Change) -> Pointer | None:
        """Where the vector of a change is, if it is of a sale that was synchronised.

        A sale that came another way may name any place for its embedding: that is kept as text, and not followed.
        """
        place = change.after.get("embeddingS3Key")
        if "fingerprint" not in change.after or not str(place).startswith(f"s3://{self.bucket}/{FOLDER}/"):
            return None
        try:
            return read_pointer(str(place))
        except BadItem as error:
            raise BadItem(f"The item {described(change.after)} has lost its vector. {error}") from error


def _vector(change: Change, pointer: Pointer, found: Sequence[Vector]) -> bytes:
    item = change.after
    if pointer.row < len(found) and _is_of(found[pointer.row], item):
        return found[pointer.row].data
    raise BadItem(
        f"The item {described(item)} points at row {pointer.row} of {pointer.key}, which is not its vector: correct "
        "its embeddingS3Key, or take it out."
    )


def _is_of(vector: Vector, item: Mapping[str, Any]) -> bool:
    # An item's key is in the one Unicode form of keys; a vector's is as the event had it. A day may be corrected.
    return all(item.get(name) == normalise(name, vector.key.get(name, "")) for name in _OF_A_SALE)


@cache
def _stager() -> Stager:
    return Stager(make_object_client(), os.environ["LAKE_BUCKET"], os.environ.get("STREAM_SHARD"))
