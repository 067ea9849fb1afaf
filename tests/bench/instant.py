"""Answers that cost nothing: any boto3 client, its requests answered from memory just before they would be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse

FAKE = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "endpoint_url": "http://127.0.0.1:9",
}
"""Settings of a client that has no one to talk to: port 9 discards."""


class Instant:
    """The service behind a client: it answers every request with what was last put into it."""

    def __init__(self, client: Any) -> None:
        self._body = b"{}"
        client.meta.events.register("before-send.dynamodb", self._answer)

    def answer(self, body: Mapping[str, Any]) -> None:
        """Answer every request from now on with this."""
        self._body = json.dumps(body).encode()

    def _answer(self, request: Any, **_kwargs: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, Raw(self._body))


class Raw:
    """The body of an answer, as urllib3 would give it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_kwargs: Any) -> Iterator[bytes]:
        yield self._body
