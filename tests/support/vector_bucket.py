"""A bucket in memory that can also be read in parts, listed from a key on, and deleted from key by key."""

# ruff: noqa: N803 (the names of arguments are S3's)

from __future__ import annotations

import io
from typing import Any

from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector
from tests.support.ambient import START
from tests.support.objects import Bucket

NAME = "lake-staging"


class VectorBucket(Bucket):
    """The bucket, and what is read from it."""

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:
        """As S3 does, of a range from the first byte on too."""
        answer = super().get_object(Bucket=Bucket, Key=Key)
        if not Range:
            return answer
        assert Range.startswith("bytes=0-")
        return {"Body": io.BytesIO(answer["Body"].read()[: int(Range.removeprefix("bytes=0-")) + 1])}

    def list_objects_v2(
        self, *, Bucket: str, Prefix: str, ContinuationToken: str = "", StartAfter: str = "", **_: Any
    ) -> dict[str, Any]:
        """As S3 does."""
        return super().list_objects_v2(Bucket=Bucket, Prefix=Prefix, ContinuationToken=ContinuationToken or StartAfter)

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """As S3 does."""
        return self.delete_objects(Bucket=Bucket, Delete={"Objects": [{"Key": Key}]})

    def vectors(self) -> VectorObjects:
        """Its objects of vectors."""
        return VectorObjects(self, NAME)

    def pointed_at(self, pointer: str) -> Vector:
        """The vector that a pointer is to."""
        key, _, row = pointer.removeprefix(f"s3://{NAME}/").rpartition("#")
        return self.vectors().read(key)[int(row)]


def empty_bucket() -> VectorBucket:
    """A bucket with nothing in it."""
    return VectorBucket(now=lambda: START)
