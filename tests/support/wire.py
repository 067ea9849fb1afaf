"""What passes between a client and its server: recorded, and disturbed where a test asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

WRITES = frozenset(
    {
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "TransactWriteItems",
        "ExecuteStatement",
        "BatchExecuteStatement",
        "ExecuteTransaction",
    }
)


class Forward(Protocol):
    """Sends the request on, with another body where one is given."""

    def __call__(self, body: dict[str, Any] | None = None) -> AWSResponse: ...


@dataclass(frozen=True)
class Sent:
    """A request as it left: the operation, and its body as DynamoDB gets it."""

    operation: str
    body: dict[str, Any]


Fault = Callable[[Sent, Forward], AWSResponse]
"""What happens to a request: it may be forwarded, its answer changed or lost, or it may never arrive."""


class Wire:
    """The way from a client to its server."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()
        self.sent: list[Sent] = []
        self.fault: Fault | None = None
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send.dynamodb", self._pass)

    @property
    def writes(self) -> list[Sent]:
        """The requests that could change something."""
        return [one for one in self.sent if one.operation in WRITES]

    def clear(self) -> None:
        """Forget what was sent, and disturb nothing from here on."""
        self.sent = []
        self.fault = None

    def forget(self, operation: str) -> None:
        """Leave the requests of an operation out of what was sent."""
        self.sent = [one for one in self.sent if one.operation != operation]

    def _pass(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        sent = Sent(event_name.rpartition(".")[2], json.loads(request.body or b"{}"))
        with self._lock:
            self.sent.append(sent)

        def forward(body: dict[str, Any] | None = None) -> AWSResponse:
            if body is not None:
                request.body = json.dumps(body).encode()
                request.headers["Content-Length"] = str(len(request.body))
            return self._forward(request, event_name)

        return forward() if self.fault is None else self.fault(sent, forward)

    def _forward(self, request: AWSPreparedRequest, event_name: str) -> AWSResponse:
        if not request.url.endswith(".amazonaws.com/"):
            answer: AWSResponse = self._client._endpoint.http_session.send(request)
            return answer
        with self._lock:  # moto is not made for several threads
            mocked = botocore_stubber(event_name, request)
        if mocked is None:
            raise AssertionError(f"{request.url} would have been called: moto is not active.")
        return mocked


def answer(status: int, body: dict[str, Any]) -> AWSResponse:
    """An answer as DynamoDB would give it."""
    return AWSResponse("http://test", status, {}, MockRawResponse(json.dumps(body)))


def refusal(code: str, *, status: int = 400, message: str = "refused by the test") -> AWSResponse:
    """DynamoDB's answer that it will not."""
    return answer(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message})
