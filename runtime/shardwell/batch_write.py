"""Many items at once, written or deleted 25 a request."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shardwell.client import REFUSALS, call
from shardwell.codec import Codec, Encoded
from shardwell.connection import Connection
from shardwell.errors import Failure, PartialFailure, ShardwellError, Throttled
from shardwell.identity import Identity, identity_of
from shardwell.values import item_size

MOST_ITEMS = 25
MOST_BYTES = 16 * 1024 * 1024
_MOST_ON_WIRE = 16
"""Bytes on the wire for one byte as DynamoDB counts an item, at most: names of types, quotes, escapes."""
_ROOM_FOR_SYNTAX = 2 * 8_192
"""Bytes on the wire beside an item: of a batch 50, of a statement as many as DynamoDB lets it have."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One write, and the caller's item that a failure is reported by."""

    source: Mapping[str, Any]
    identity: Identity
    request: Mapping[str, Any]
    wire: int


def batch_put(connection: Connection, codec: Codec, items: Iterable[Mapping[str, Any]]) -> int:
    """How many items were written."""
    now = connection.ambient.now()
    jobs: dict[Identity, _Job] = {}
    total = 0
    for item in items:
        total += 1
        encoded = codec.encoded(item, now)
        identity = identity_of(codec, encoded)
        jobs[identity] = _Job(item, identity, {"PutRequest": {"Item": encoded}}, wire_size(encoded))
    _write_all(connection, jobs.values(), codec)
    return total


def batch_delete(connection: Connection, codec: Codec, keys: Iterable[Mapping[str, Any]]) -> int:
    """How many keys were deleted or were not there."""
    jobs: dict[Identity, _Job] = {}
    total = 0
    for key in keys:
        total += 1
        encoded = codec.encoded_key(key)
        identity = identity_of(codec, encoded)
        jobs[identity] = _Job(key, identity, {"DeleteRequest": {"Key": encoded}}, wire_size(encoded))
    _write_all(connection, jobs.values(), codec)
    return total


def wire_size(encoded: Encoded) -> int:
    """Bytes of an item in a request, at most; counted one by one only where that decides what fits."""
    most = item_size(encoded) * _MOST_ON_WIRE + _ROOM_FOR_SYNTAX
    if most * MOST_ITEMS <= MOST_BYTES:
        return most
    return len(json.dumps(encoded, default=lambda value: b64encode(value).decode())) + _ROOM_FOR_SYNTAX


def packed(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    """The jobs in batches that fit one request, by count and by bytes."""
    batch: list[_Job] = []
    size = 0
    for job in jobs:
        if batch and (len(batch) == MOST_ITEMS or size + job.wire > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += job.wire
    if batch:
        yield batch


def _write_all(connection: Connection, jobs: Iterable[_Job], codec: Codec) -> None:
    everything = list(jobs)
    failures = [
        failure
        for found in connection.pool.map(lambda batch: _write(connection, codec, batch), list(packed(everything)))
        for failure in found
    ]
    if failures:
        raise PartialFailure(len(everything) - len(failures), failures)


def _write(connection: Connection, codec: Codec, batch: list[_Job]) -> list[Failure]:
    """The jobs of one batch that could not be done, after asking again for those DynamoDB left unprocessed."""
    left = {job.identity: job for job in batch}
    error: ShardwellError = Throttled("DynamoDB left the item unprocessed each time: slow down, or send it again.")
    for _ in connection.ambient.attempts():
        request = {connection.table_name: [job.request for job in left.values()]}
        try:
            answer = call(connection.client.batch_write_item, RequestItems=request)
        except Throttled as throttled:
            error = throttled
            continue
        except REFUSALS as failed:  # every item of the batch is reported with it
            return [Failure(job.source, failed) for job in left.values()]
        unprocessed = answer.get("UnprocessedItems", {}).get(connection.table_name, [])
        left = {identity: left[identity] for identity in (_identity(codec, one) for one in unprocessed)}
        if not left:
            return []
    return [Failure(job.source, error) for job in left.values()]


def _identity(codec: Codec, request: Mapping[str, Any]) -> Identity:
    found: Encoded = request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
    return identity_of(codec, found)
