"""API Gateway's HTTP API as far as a handler can tell: it decodes, finds the route, and makes the event."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes

from shardwell.http_routes import Route

_ESCAPE = re.compile("(?:%(?!25)[0-9A-Fa-f]{2})+")
_TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class Answered:
    """An answer as its caller gets it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Gateway:
    """Calls a handler as the gateway does; what it would answer itself is a 404 without a correlation id."""

    def __init__(self, routes: Sequence[Route], handler: Callable[[Mapping[str, Any], Any], dict[str, Any]]) -> None:
        self._routes = routes
        self._handler = handler
        self._calls = 0

    def __call__(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        tenant: str | None = "north",
        headers: Mapping[str, str] | None = None,
        stage: str = "$default",
    ) -> Answered:
        """`body` is text, bytes, or a value to send as JSON."""
        event = self.event(method, url, body, tenant=tenant, headers=headers, stage=stage)
        if event is None:
            return Answered(404, {"content-type": "application/json"}, '{"message":"Not Found"}')
        answer = self._handler(event, SimpleNamespace(function_name="api", aws_request_id="r"))
        lowered = {name.lower(): value for name, value in answer["headers"].items()}
        assert answer["isBase64Encoded"] is False
        answer["body"].encode()  # or Lambda could not send it
        return Answered(answer["statusCode"], lowered, answer["body"])

    def event(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        tenant: str | None = "north",
        headers: Mapping[str, str] | None = None,
        stage: str = "$default",
    ) -> dict[str, Any] | None:
        """The event of a request; None where no route has its path."""
        self._calls += 1
        raw_path, _, query = url.partition("?")
        path = decoded(raw_path).split("?")[0]
        found = [(route, parts) for route in self._routes if (parts := matched(route, method, path)) is not None]
        if not found:
            return None
        route, parts = found[0]
        sent = {"content-type": "application/json", **(headers or {})} if body is not None else dict(headers or {})
        claims = {"sub": "u-1", "token_use": "id", **({} if tenant is None else {"custom:tenant": tenant})}
        return {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": path if stage == "$default" else f"/{stage}{path}",
            "rawQueryString": query,
            "headers": sent,
            "requestContext": {
                "requestId": f"request-{self._calls}",
                "stage": stage,
                "http": {"method": method, "path": path},
                "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            },
            **({"pathParameters": parts} if parts else {}),
            **_carried(body, sent.get("content-type", "")),
        }


def decoded(path: str) -> str:
    """A path as the gateway hands it on: every escape decoded but that of the percent sign."""
    return _ESCAPE.sub(lambda found: unquote_to_bytes(found.group()).decode("utf-8", "replace"), path)


def matched(route: Route, method: str, path: str) -> dict[str, str] | None:
    """The path's parameters, where the route has this method and path."""
    wanted, given = route.path.split("/"), path.split("/")
    if method != route.method or len(wanted) != len(given) or "" in given[1:]:
        return None
    pairs = list(zip(wanted, given, strict=True))
    if any(name != text for name, text in pairs if not name.startswith("{")):
        return None
    return {name[1:-1]: text for name, text in pairs if name.startswith("{")}


def _carried(body: Any, content_type: str) -> dict[str, Any]:
    if body is None:
        return {"isBase64Encoded": False}
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    if isinstance(text, str) and content_type.partition(";")[0].strip() in _TEXT_TYPES:
        return {"body": text, "isBase64Encoded": False}
    raw = text.encode() if isinstance(text, str) else text
    return {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
