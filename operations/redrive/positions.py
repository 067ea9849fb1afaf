"""The changes at a position of a table's stream, read again while the stream still has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.redrive.contents import Position

_LOST = {"TrimmedDataAccessException", "ResourceNotFoundException"}
_MOST_EMPTY_PAGES = 1_000
"""A stream may answer with nothing and go on: a shard of a quiet table has many such pages in a day."""


class Lost(Exception):
    """The stream no longer has every change of a position: it keeps them for 24 hours."""


def changes_at(streams: Any, position: Position) -> Iterator[list[Mapping[str, Any]]]:
    """The records of a position in order, up to a thousand at a time; Lost where not all of them are there any more."""
    found, last = 0, int(position.last)
    for page in _pages(streams, position):
        wanted = [record for record in page if int(record["dynamodb"]["SequenceNumber"]) <= last]
        found += len(wanted)
        if wanted:
            yield wanted
        if page and int(page[-1]["dynamodb"]["SequenceNumber"]) >= last:
            break
    if found < position.count:
        raise Lost(f"the stream has {found:,} of its {position.count:,} changes")


def _pages(streams: Any, position: Position) -> Iterator[list[Mapping[str, Any]]]:
    try:
        token = streams.get_shard_iterator(
            StreamArn=position.stream,
            ShardId=position.shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=position.first,
        )["ShardIterator"]
        empty = 0
        while token and empty < _MOST_EMPTY_PAGES:
            answer = streams.get_records(ShardIterator=token)
            empty = 0 if answer["Records"] else empty + 1
            yield answer["Records"]
            token = answer.get("NextShardIterator")
    except ClientError as error:
        if error.response["Error"]["Code"] not in _LOST:
            raise
        raise Lost(f"the stream has lost it ({error.response['Error']['Message']})") from error
