"""Objects of vectors in S3: each is written once, under a name that says its content, and pointed at row by row.

A pointer is the text `s3://{bucket}/vectors/{day of writing}/{SHA-256 of the content}.vec#{row}`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shardwell.errors import BadItem, Damaged
from shardwell.keypart import shown
from shardwell.vectors import PREFIX, Row, Vector, header_end, pack, read_header, unpack

if TYPE_CHECKING:
    from datetime import date

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2RequestTypeDef

FOLDER: Final = "vectors"
_FIRST_BYTES = 65_536
"""Read of an object to see its header: enough for some 300 rows, and a second read gets the rest."""
_POINTER = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(vectors/\d{4}-\d{2}-\d{2}/[0-9a-f]{64}\.vec)#(0|[1-9]\d{0,8})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a vector is: a row, from 0, of an object in a bucket."""

    bucket: str
    key: str
    row: int

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}#{self.row}"


def read_pointer(text: str) -> Pointer:
    """The pointer that a text is; BadItem where it is none."""
    found = _POINTER.fullmatch(text)
    if found is None:
        raise BadItem(
            f"{shown(text)} points at no vector: a pointer is s3://BUCKET/{FOLDER}/YYYY-MM-DD/SHA256.vec#ROW."
        )
    return Pointer(found[1], found[2], int(found[3]))


def object_key(content: bytes, day: date) -> str:
    """The name of an object with this content, written on that day."""
    return f"{day_prefix(day)}{hashlib.sha256(content).hexdigest()}.vec"


def day_prefix(day: date) -> str:
    """What the names of all objects begin with that were written on a day."""
    return f"{FOLDER}/{day.isoformat()}/"


class VectorObjects:
    """The objects of vectors in one bucket. Errors of S3 are botocore's own."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def write(self, vectors: Sequence[Vector], day: date) -> list[Pointer]:
        """The pointer to each vector, once all of them are written as one object."""
        content = pack(vectors)
        key = object_key(content, day)
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType="application/octet-stream")
        return [Pointer(self.bucket, key, row) for row in range(len(vectors))]

    def read(self, key: str) -> list[Vector]:
        """Every vector of an object, in order; Damaged where its content is not what its name says."""
        content = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        digest = hashlib.sha256(content).hexdigest()
        if key.rpartition("/")[2] != f"{digest}.vec":
            raise Damaged(f"The object {key} has the SHA-256 {digest}, which is not the one in its name.")
        return unpack(content)

    def read_rows(self, key: str) -> list[Row]:
        """What the header of an object says of its rows, without reading their data."""
        start = self._first(key, _FIRST_BYTES)
        end = header_end(start) if len(start) >= PREFIX.size else 0
        return read_header(start if len(start) >= end else self._first(key, end))

    def list(self, day: date, *, after: str = "") -> Iterator[str]:
        """The keys of the objects written on a day, in order; `after` leaves out those up to and with that key."""
        # Nothing of the day sorts before its prefix, which stands in where there is no other place to start after.
        prefix = day_prefix(day)
        request: ListObjectsV2RequestTypeDef = {"Bucket": self.bucket, "Prefix": prefix, "StartAfter": after or prefix}
        while True:
            answer = self.client.list_objects_v2(**request)
            yield from (found["Key"] for found in answer.get("Contents", []))
            if not (token := answer.get("NextContinuationToken")):
                return
            request["ContinuationToken"] = token

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def _first(self, key: str, most: int) -> bytes:
        answer = self.client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes=0-{most - 1}")
        return answer["Body"].read()
