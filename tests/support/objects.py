"""A bucket in memory, with the calls of an S3 client that the lake makes, to watch and to disturb."""

# ruff: noqa: N803 (the names of arguments are S3's)

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

Call = tuple[str, str]
"""The operation, and the key (or the first of several)."""


@dataclass
class Bucket:
    """An S3 client whose one bucket is here. `now` dates what is put."""

    now: Callable[[], datetime]
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _operation, _key: None
    """Called before each operation: raises what the operation is to fail with."""
    after: Callable[[str, str], None] = lambda _operation, _key: None
    """Called once it is done: what it raises is a lost answer."""
    page: int = 1000

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        """As S3 does."""
        with self._call("PutObject", Key):
            self.objects[Key] = (bytes(Body), self.now().replace(microsecond=0))
        return {}

    def get_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """As S3 does."""
        with self._call("GetObject", Key):
            if Key not in self.objects:
                raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject")
            return {"Body": io.BytesIO(self.objects[Key][0])}

    def list_objects_v2(
        self,
        *,
        Bucket: str,
        Prefix: str,
        ContinuationToken: str = "",
        **_: Any,
    ) -> dict[str, Any]:
        """As S3 does: in the order of UTF-8, a page at a time, each as the bucket is then."""
        with self._call("ListObjectsV2", Prefix):
            keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > ContinuationToken)
            shown = keys[: self.page]
            found = [
                {"Key": key, "Size": len(self.objects[key][0]), "LastModified": self.objects[key][1]} for key in shown
            ]
            more = {"NextContinuationToken": shown[-1]} if len(keys) > len(shown) else {}
            return {"Contents": found, "IsTruncated": bool(more), **more}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As S3 does, one object after the other: `before` and `after` are called for each."""
        assert len(Delete["Objects"]) <= 1000
        for one in Delete["Objects"]:
            with self._call("DeleteObjects", one["Key"]):
                self.objects.pop(one["Key"], None)
        return {}

    def keys(self, prefix: str = "") -> list[str]:
        """The keys that begin so."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def _call(self, operation: str, key: str) -> _Call:
        return _Call(self, operation, key)


@dataclass
class _Call:
    bucket: Bucket
    operation: str
    key: str

    def __enter__(self) -> None:
        self.bucket.calls.append((self.operation, self.key))
        self.bucket.before(self.operation, self.key)

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.bucket.after(self.operation, self.key)
