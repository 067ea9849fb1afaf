"""A bucket in memory, behind S3's protocol: what is written is there for every reader and every list at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

from botocore.awsrequest import AWSResponse

from tests.support.pipeline.line import Request, response

_KEY = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)
_RANGE = re.compile(r"bytes=0-(\d+)")
_XML = {"content_type": "application/xml"}


class MemoryBucket:
    """The bucket's objects; lists come in pages of `page`."""

    def __init__(self, *, name: str, now: Callable[[], datetime], page: int = 1_000) -> None:
        self.name = name
        self.page = page
        self._now = now
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def answer(self, request: Request) -> AWSResponse:
        """As S3 does."""
        parts = urlsplit(request.url)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket != self.name:
            return _error(404, "NoSuchBucket")
        match request.operation:
            case "PutObject":
                self.objects[key] = (request.body, self._now().astimezone(UTC).replace(microsecond=0))
                return response(200, b"")
            case "GetObject":
                return self._get(key, request.headers.get("Range"))
            case "ListObjectsV2":
                return self._list({name: found[0] for name, found in parse_qs(parts.query).items()})
            case "DeleteObjects":
                for found in _KEY.findall(request.body.decode()):
                    self.objects.pop(unescape(found), None)
                return response(200, b"<DeleteResult/>", **_XML)
        raise NotImplementedError(request.operation)

    def refusal(self) -> AWSResponse:
        """Too much was asked of the bucket."""
        return _error(503, "SlowDown")

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin so, in order."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def _get(self, key: str, part: str | bytes | None) -> AWSResponse:
        if key not in self.objects:
            return _error(404, "NoSuchKey")
        content, at = self.objects[key]
        if part is not None and (found := _RANGE.fullmatch(part if isinstance(part, str) else part.decode())):
            content = content[: int(found[1]) + 1]
        return response(200, content, last_modified=format_datetime(at, usegmt=True))

    def _list(self, query: dict[str, str]) -> AWSResponse:
        after = query.get("continuation-token") or query.get("start-after", "")
        keys = [key for key in self.keys(query.get("prefix", "")) if key > after]
        shown = keys[: self.page]
        more = len(keys) > len(shown)
        contents = "".join(
            f"<Contents><Key>{escape(quote(key))}</Key><Size>{len(self.objects[key][0])}</Size>"
            f"<LastModified>{self.objects[key][1].strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified></Contents>"
            for key in shown
        )
        token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        text = (
            f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{token}{contents}</ListBucketResult>"
        )
        return response(200, text.encode(), **_XML)


def _error(status: int, code: str) -> AWSResponse:
    return response(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), **_XML)
