"""The way from a real boto3 client to a service in memory: it signs, sends, tries again and parses as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from tests.support.pipeline.calls import Calls, Errors

NOWHERE = {
    "endpoint_url": "http://127.0.0.1:9",
    "region_name": "eu-west-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
"""Settings of a client whose requests reach nobody, should one leave: port 9 discards."""


@dataclass(frozen=True)
class Request:
    """A request as it would leave."""

    operation: str
    method: str
    url: str
    headers: Any
    body: bytes


class Service(Protocol):
    """What is at the other end."""

    def answer(self, request: Request) -> AWSResponse:
        """The answer to a request, once it is carried out."""

    def refusal(self) -> AWSResponse:
        """The answer to one that is not carried out, and may be sent again."""


class Line:
    """One client's way to a service. Both may be changed from one pipeline to the next: making a client is slow."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.calls = Calls()
        self.service: Service | None = None
        self.heard: Callable[[Request, AWSResponse], None] = lambda _request, _answer: None
        """Told of every request that was carried out."""
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send", self._pass)

    def connect(self, service: Service, calls: Calls) -> None:
        """From here on requests go to this service, by way of these calls."""
        self.service, self.calls = service, calls

    def _pass(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        sent = Request(operation, request.method, request.url, dict(request.headers), _content(request.body))
        service = self.service
        if service is None:
            raise AssertionError(f"{request.url} would have been called: the line is connected to nothing.")

        def carry_out() -> AWSResponse:
            found = service.answer(sent)
            self.heard(sent, found)
            return found

        # A description of a table is asked for by the tests' own checks, not by a function.
        if operation == "DescribeTable":
            return carry_out()
        return self.calls.make(operation, carry_out, Errors(_no_answer, service.refusal))


def response(status: int, body: bytes, **headers: str) -> AWSResponse:
    """An answer as a client gets it."""
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return AWSResponse("http://test", status, {"content-length": str(len(body)), **found}, MockRawResponse(body))


def _content(body: Any) -> bytes:
    if body is None or isinstance(body, str | bytes | bytearray):
        return body.encode() if isinstance(body, str) else bytes(body or b"")
    return bytes(body.read())


def _no_answer() -> Any:
    raise ReadTimeoutError(endpoint_url="the test")
