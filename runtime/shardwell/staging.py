"""Staged objects: Parquet files in a bucket on their way to the lake, their names, and how they are listed.

A name tells which part of a stream's shard an object covers, so that whether the lake has it can be known unread:

    staged/{shard}/{first}-{last}-{digest}.parquet
    staged/.returned/redriven/{shard}/{first}-{last}-{digest}.parquet
    staged/.returned/replayed/{digest}.parquet

Returned rows are listed before all others, and those of a shard in their order: see `commit.py` for why this matters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from shardwell.errors import BadItem, ShardwellError
from shardwell.keypart import shown
from shardwell.stream_events import SEQUENCE_DIGITS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

Kind = Literal["staged", "redriven", "replayed"]

PREFIX = "staged/"
REPLAYED_SEQUENCE = "0" * SEQUENCE_DIGITS
"""What a replayed row has: it is older than any change that a stream tells of."""
MOST_LISTED = 50_000
"""So many objects are looked at in one run: a longer list would cost more memory than its rows."""

_PREFIXES: dict[Kind, str] = {
    "redriven": f"{PREFIX}.returned/redriven/",
    "replayed": f"{PREFIX}.returned/replayed/",
    "staged": PREFIX,
}
_SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", re.ASCII)
_OF_SHARD = re.compile(
    rf"(?P<shard>{_SHARD.pattern})/(?P<first>\d{{40}})-(?P<last>\d{{40}})-(?P<digest>[0-9a-f]{{32}})\.parquet", re.ASCII
)
_OF_NONE = re.compile(r"(?P<digest>[0-9a-f]{32})\.parquet", re.ASCII)
_DELETED_AT_ONCE = 1_000


class Vanished(ShardwellError):
    """A listed object is not there any more: another process has committed and deleted it."""


@dataclass(frozen=True, slots=True)
class Staged:
    """One staged object. Replayed rows are of no shard and cover no part of one: their texts are empty."""

    key: str
    kind: Kind
    shard: str
    first: str
    last: str
    digest: str
    bytes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """What is staged; `complete` unless there was more than is looked at in one run."""

    objects: tuple[Staged, ...]
    complete: bool

    @property
    def bytes(self) -> int:
        """How much it is."""
        return sum(one.bytes for one in self.objects)

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest waits."""
        return min((one.at for one in self.objects), default=None)

    @property
    def shards(self) -> frozenset[str]:
        """The shards of which something is staged."""
        return frozenset(one.shard for one in self.objects)


def staged_key(
    content: bytes, *, shard: str, first: str, last: str, kind: Literal["staged", "redriven"] = "staged"
) -> str:
    """The name of an object that covers a shard of a stream from `first` to `last`."""
    if not _SHARD.fullmatch(shard):
        raise BadItem(f"The shard {shown(shard)} cannot be part of an object's name: use A to Z, 0 to 9, _ and -.")
    return f"{_PREFIXES[kind]}{shard}/{first}-{last}-{digest_of(content)}.parquet"


def replayed_key(content: bytes) -> str:
    """The name of an object with rows that were read from the table again."""
    return f"{_PREFIXES['replayed']}{digest_of(content)}.parquet"


def digest_of(content: bytes) -> str:
    """What a name says about its object's content."""
    return hashlib.sha256(content).hexdigest()[:32]


def list_staged(objects: S3Client, bucket: str, *, most: int = MOST_LISTED) -> Listing:
    """What is staged, by name. A list that is cut off has for every shard a beginning without gaps."""
    found: list[Staged] = []
    token: dict[str, str] = {}
    while True:
        page = objects.list_objects_v2(Bucket=bucket, Prefix=PREFIX, **token)  # type: ignore[arg-type]  # one name only
        found += (_parsed(one["Key"], one["Size"], one["LastModified"]) for one in page.get("Contents", []))
        if not page.get("IsTruncated"):
            return Listing(tuple(found), complete=True)
        if len(found) >= most:
            return Listing(tuple(found), complete=False)
        token = {"ContinuationToken": page["NextContinuationToken"]}


def read_staged(objects: S3Client, bucket: str, staged: Staged) -> bytes:
    """The content of a staged object, compared with what its name says of it."""
    try:
        content = objects.get_object(Bucket=bucket, Key=staged.key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise Vanished(f"The staged object {staged.key} was listed and is gone.") from error
        raise
    if digest_of(content) != staged.digest:
        raise BadItem(
            f"The staged object {staged.key} has the digest {digest_of(content)}, not that of its name: it was "
            "damaged or written by something else; move it away and replay its rows."
        )
    return content


def delete_staged(objects: S3Client, bucket: str, staged: Iterable[Staged]) -> None:
    """Delete staged objects; those that are gone already do not matter."""
    keys = sorted(one.key for one in staged)
    for start in range(0, len(keys), _DELETED_AT_ONCE):
        some = keys[start : start + _DELETED_AT_ONCE]
        wanted: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in some]
        answer = objects.delete_objects(Bucket=bucket, Delete={"Objects": wanted, "Quiet": True})
        if refused := answer.get("Errors"):
            raise ShardwellError(
                f"{len(refused)} of {len(some)} staged objects were not deleted, the first with {refused[0]}: their "
                "rows are in the lake and will not be added again, but grant the deletion."
            )


def _parsed(key: str, size: int, at: datetime) -> Staged:
    for kind, prefix in _PREFIXES.items():
        rest = key.removeprefix(prefix)
        pattern = _OF_NONE if kind == "replayed" else _OF_SHARD
        if rest != key and (found := pattern.fullmatch(rest)):
            of = {"shard": "", "first": "", "last": "", **found.groupdict()}
            return Staged(key=key, kind=kind, bytes=size, at=at, **of)
    raise BadItem(
        f"The object {shown(key, 200)} is in the folder of staged rows and is none: move it away, nothing is committed "
        "before, because it may hide rows."
    )
