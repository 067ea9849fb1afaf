"""Calls of a deployed HTTP API, as a client makes them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answered:
    """A status, the headers by their lower-case names, and what the body says as JSON (None where there is none)."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Caller:
    """Somebody who calls an API with a token, or with none."""

    url: str
    port: int
    token: str | None = None

    def call(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", **query: str
    ) -> Answered:
        """What the API answers. `body` is sent as JSON; `query` is encoded."""
        headers = {"Host": f"{api_id(self.url)}.execute-api.localhost:{self.port}"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = kind
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, found, json.loads(text) if text else None)
        finally:
            connection.close()


def api_id(url: str) -> str:
    """The API's id, which is the first part of its host at AWS; the emulator wants it in a host of its own."""
    return (urlsplit(url).hostname or "").split(".")[0]
