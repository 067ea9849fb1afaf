"""Many inserts at once, each only if its key is free, answered one by one.

25 PartiQL INSERTs travel in one request at the price of plain puts, where 25 conditional puts would be 25 requests.
The IAM action is `dynamodb:PartiQLInsert`, which cannot overwrite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shardwell.batch_read import read_chunk
from shardwell.batch_write import MOST_BYTES, MOST_ITEMS, wire_size
from shardwell.client import REFUSALS, as_ours, call
from shardwell.codec import Codec, Encoded
from shardwell.connection import Connection
from shardwell.errors import BadItem, ShardwellError, Throttled, Unavailable
from shardwell.identity import Identity, identity_of, key_of

MOST_STATEMENT = 8_192


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """What became of one item: `inserted`, `exists` (its key was taken, nothing was written), or `failed`.

    A key that only an expired item holds, which DynamoDB has not deleted yet, is taken.
    """

    item: Mapping[str, Any]
    status: Literal["inserted", "exists", "failed"]
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    identity: Identity
    encoded: Encoded
    request: Mapping[str, Any]


def insert_many(connection: Connection, codec: Codec, items: Iterable[Mapping[str, Any]]) -> list[InsertOutcome]:
    """What became of each item, in order; of several with one key, the first is inserted and the others exist."""
    now = connection.ambient.now()
    given = list(items)
    jobs: dict[Identity, _Job] = {}
    firsts: list[tuple[Identity, bool]] = []
    statements: dict[tuple[str, ...], str] = {}  # most items of a table have one and the same set of attributes
    for item in given:
        encoded = codec.encoded(item, now)
        if codec.table.version is not None:
            encoded[codec.table.version] = {"N": "1"}
        names = tuple(encoded)
        if names not in statements:
            statements[names] = _statement(connection.table_name, names)
        identity = identity_of(codec, encoded)
        firsts.append((identity, identity not in jobs))
        request = {"Statement": statements[names], "Parameters": list(encoded.values())}
        jobs.setdefault(identity, _Job(identity, encoded, request))
    outcomes: dict[Identity, Exception | bool] = {}
    for answered in connection.pool.map(lambda batch: _insert(connection, codec, batch), _batches(jobs.values())):
        outcomes.update(answered)
    return [_outcome(item, outcomes[identity], first) for item, (identity, first) in zip(given, firsts, strict=True)]


def _outcome(item: Mapping[str, Any], answer: Exception | bool, first: bool) -> InsertOutcome:
    if isinstance(answer, Exception):
        return InsertOutcome(item, "failed", answer)
    return InsertOutcome(item, "inserted" if answer and first else "exists")


def _batches(jobs: Iterable[_Job]) -> list[list[_Job]]:
    batches: list[list[_Job]] = []
    size = MOST_BYTES
    for job in jobs:
        wire = wire_size(job.encoded)
        if not batches or len(batches[-1]) == MOST_ITEMS or size + wire > MOST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(job)
        size += wire
    return batches


def _insert(connection: Connection, codec: Codec, batch: list[_Job]) -> dict[Identity, Exception | bool]:
    """For each job whether it was inserted (False: its key was taken), or why neither is known."""
    done: dict[Identity, Exception | bool] = {}
    left = batch
    error: ShardwellError | None = None
    sent_before = False
    for _ in connection.ambient.attempts():
        requests = [job.request for job in left]
        try:
            answer = call(connection.client.batch_execute_statement, Statements=requests)
        except (Throttled, Unavailable) as refused:
            error, sent_before = refused, True
            continue
        except REFUSALS as failed:  # every item of the batch is reported with it
            return done | {job.identity: failed for job in left}
        retried = sent_before or bool(answer["ResponseMetadata"].get("RetryAttempts"))
        taken: list[_Job] = []
        again: list[_Job] = []
        for job, response in zip(left, answer["Responses"], strict=True):
            refusal = _refusal(response, connection.table_name)
            if refusal is None:
                done[job.identity] = True
            elif refusal is _TAKEN:
                taken.append(job)
            elif isinstance(refusal, Throttled | Unavailable):
                error = refusal
                again.append(job)
            else:
                done[job.identity] = refusal
        done |= _own_among(connection, codec, taken) if retried else dict.fromkeys((j.identity for j in taken), False)
        if not again:
            return done
        left, sent_before = again, True
    return done | {job.identity: error or Throttled("DynamoDB gave no answer.") for job in left}


def _own_among(connection: Connection, codec: Codec, taken: list[_Job]) -> dict[Identity, Exception | bool]:
    """Of the keys that are taken, those that an earlier copy of the same request took, as its lost answer would say."""
    if not taken:
        return {}
    wanted = {job.identity: codec.item(job.encoded) for job in taken}
    chunk = {job.identity: (wanted[job.identity], key_of(codec, job.encoded)) for job in taken}
    # Not batch_get: this runs in a thread of the pool, and would wait for another one.
    stored, failures = read_chunk(connection, codec, chunk, consistent=True)
    if failures:
        return dict.fromkeys(wanted, failures[0].error)
    return {identity: stored.get(identity) == item for identity, item in wanted.items()}


_TAKEN = BadItem("The key is taken.")


def _refusal(response: Mapping[str, Any], table: str) -> ShardwellError | None:
    error = response.get("Error")
    if error is None:
        return None
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in ("DuplicateItem", "ConditionalCheckFailed"):
        return _TAKEN
    if code == "InternalServerError":
        return Unavailable(f"DynamoDB had a fault of its own: {message}")
    return as_ours(code, message, table) or BadItem(f"DynamoDB refused the item ({code}): {message}")


def _statement(table: str, names: tuple[str, ...]) -> str:
    """The INSERT of an item with these attributes: AWS's parser takes no parameter in place of the whole item."""
    values = ", ".join("'" + name.replace("'", "''") + "': ?" for name in names)
    statement = f'INSERT INTO "{table}" VALUE {{{values}}}'
    if len(statement) > MOST_STATEMENT:
        raise BadItem(
            f"The names of the item's {len(names)} attributes make a statement of {len(statement)} characters, and "
            f"DynamoDB takes {MOST_STATEMENT}: keep some of them in a map."
        )
    return statement
