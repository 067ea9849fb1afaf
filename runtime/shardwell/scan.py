"""The whole table, read from several segments side by side, with a checkpoint to resume from."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from shardwell.client import call
from shardwell.codec import Codec, Encoded, Item
from shardwell.connection import Connection
from shardwell.errors import BadQuery
from shardwell.expressions import Condition, Placeholders, every
from shardwell.projection import Projection

MOST_SEGMENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a scan has come: for each segment the key it goes on after, None once it has been read to its end."""

    segments: int
    positions: Mapping[int, Encoded | None] = field(default_factory=dict)

    def to_json(self) -> str:
        """Text to keep, for `from_json`."""
        positions = {str(segment): position and _plain(position) for segment, position in self.positions.items()}
        return json.dumps({"segments": self.segments, "positions": positions}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Checkpoint:
        """The checkpoint that `to_json` wrote."""
        try:
            plain = json.loads(text)
            positions = {
                int(segment): position and _encoded(position) for segment, position in plain["positions"].items()
            }
            return cls(int(plain["segments"]), positions)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadQuery(f"The checkpoint cannot be read ({error}): start the scan from the beginning.") from error


@dataclass(frozen=True, slots=True)
class ScanPage:
    """Some items of one segment; once they are dealt with, `checkpoint` is where to resume."""

    segment: int
    items: list[Item]
    checkpoint: Checkpoint


def scan(
    connection: Connection,
    codec: Codec,
    index_name: str | None,
    *,
    segments: int,
    resume: Checkpoint | None,
    where: Condition | None,
    only: Sequence[str],
    expired_too: bool,
) -> Iterator[ScanPage]:
    """Every item of the shape, page by page; one page of each segment is read ahead."""
    if isinstance(segments, bool) or not isinstance(segments, int) or not 1 <= segments <= MOST_SEGMENTS:
        raise BadQuery(f"The scan has {segments!r} segments: it must be a whole number from 1 to {MOST_SEGMENTS}.")
    if resume is not None and resume.segments != segments:
        raise BadQuery(f"The checkpoint is of {resume.segments} segments and the scan has {segments}: use the same.")
    projection = Projection(codec, index_name)
    projection.check_fields(only)
    if where is not None:
        projection.check_condition(where)
    alive = None if expired_too else codec.alive(connection.ambient.now())
    request = _request(connection, projection, every(where, alive), only)
    return _pages(connection, projection, request, resume or Checkpoint(segments), only)


def _pages(
    connection: Connection, projection: Projection, request: Mapping[str, Any], start: Checkpoint, only: Sequence[str]
) -> Iterator[ScanPage]:
    positions = dict(start.positions)

    def read(segment: int) -> Mapping[str, Any]:
        asked = {**request, "Segment": segment, "TotalSegments": start.segments}
        if (position := positions.get(segment)) is not None:
            asked["ExclusiveStartKey"] = position
        answer: Mapping[str, Any] = call(connection.client.scan, **asked)
        return answer

    waiting = (segment for segment in range(start.segments) if positions.get(segment, {}) is not None)
    ahead: dict[Future[Mapping[str, Any]], int] = {}
    for segment in islice(waiting, _AT_ONCE):
        ahead[connection.pool.submit(read, segment)] = segment
    while ahead:
        done, _ = wait(ahead, return_when=FIRST_COMPLETED)
        for future in done:
            segment = ahead.pop(future)
            answer = future.result()
            positions[segment] = answer.get("LastEvaluatedKey")
            following = segment if positions[segment] is not None else next(waiting, None)
            if following is not None:
                ahead[connection.pool.submit(read, following)] = following
            items = [projection.item(one, only) for one in answer["Items"] if projection.codec.owns(one)]
            yield ScanPage(segment, items, Checkpoint(start.segments, dict(positions)))


_AT_ONCE = 16


def _request(
    connection: Connection, projection: Projection, wanted: Condition | None, only: Sequence[str]
) -> dict[str, Any]:
    placeholders = Placeholders()
    request: dict[str, Any] = {"TableName": connection.table_name}
    if projection.index_name is not None:
        request["IndexName"] = projection.index_name
    if wanted is not None:
        request["FilterExpression"] = wanted.text(placeholders)
    if only:
        names = map(placeholders.name, projection.request_names(only))
        request["ProjectionExpression"] = ", ".join(names)
    return {**request, **placeholders.request()}


def _plain(position: Encoded) -> dict[str, dict[str, str]]:
    return {n: {k: b64encode(v).decode() if k == "B" else v for k, v in one.items()} for n, one in position.items()}


def _encoded(plain: Mapping[str, Mapping[str, str]]) -> Encoded:
    return {n: {k: b64decode(v) if k == "B" else v for k, v in one.items()} for n, one in plain.items()}
