"""Many items at once, read 100 a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shardwell.client import REFUSALS, call
from shardwell.codec import Codec, Encoded, Item
from shardwell.connection import Connection
from shardwell.errors import Failure, PartialFailure, ShardwellError, Throttled
from shardwell.identity import Identity, identity_of

MOST_KEYS = 100


def batch_get(
    connection: Connection, codec: Codec, keys: Iterable[Mapping[str, Any]], *, consistent: bool
) -> list[Item | None]:
    """The live item of each key, in the order of the keys."""
    asked = [(key, codec.encoded_key(key)) for key in keys]
    identities = [identity_of(codec, encoded) for _, encoded in asked]
    unique = dict(zip(identities, asked, strict=True))
    ordered = list(unique.items())
    chunks = [dict(ordered[start : start + MOST_KEYS]) for start in range(0, len(ordered), MOST_KEYS)]
    found: dict[Identity, Item] = {}
    failures: list[Failure] = []
    for items, failed in connection.pool.map(lambda chunk: read_chunk(connection, codec, chunk, consistent), chunks):
        found.update(items)
        failures.extend(failed)
    if failures:
        raise PartialFailure(len(unique) - len(failures), failures)
    now = connection.ambient.now()
    live = {identity: item for identity, item in found.items() if not codec.expired(item, now)}
    return [live.get(identity) for identity in identities]


def read_chunk(
    connection: Connection,
    codec: Codec,
    chunk: Mapping[Identity, tuple[Mapping[str, Any], Encoded]],
    consistent: bool,
) -> tuple[dict[Identity, Item], list[Failure]]:
    """The stored items of at most 100 keys, expired ones too, and the keys that could not be read."""
    found: dict[Identity, Item] = {}
    left = dict(chunk)
    error: ShardwellError = Throttled("DynamoDB left the key unprocessed each time: slow down, or ask again.")
    for _ in connection.ambient.attempts():
        request = {"Keys": [encoded for _, encoded in left.values()], "ConsistentRead": consistent}
        try:
            answer = call(connection.client.batch_get_item, RequestItems={connection.table_name: request})
        except Throttled as throttled:
            error = throttled
            continue
        except REFUSALS as failed:  # every key of the chunk is reported with it
            return found, [Failure(key, failed) for key, _ in left.values()]
        for encoded in answer.get("Responses", {}).get(connection.table_name, []):
            found[identity_of(codec, encoded)] = codec.item(encoded)
        unprocessed = answer.get("UnprocessedKeys", {}).get(connection.table_name, {}).get("Keys", [])
        left = {identity: chunk[identity] for identity in (identity_of(codec, one) for one in unprocessed)}
        if not left:
            return found, []
    return found, [Failure(key, error) for key, _ in left.values()]
