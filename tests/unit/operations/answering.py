"""A server on a free port of this machine that answers as much as these tests ask of an emulator."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@dataclass
class Answering:
    """A running server, and the actions it was asked for."""

    port: int
    requests: list[str] = field(default_factory=list)


@contextmanager
def answering(*, sts_account: str | None) -> Iterator[Answering]:
    """Answers STS with this account; with None it answers everything with a page, as some other program would."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            state.requests.append(next(part for part in body.split("&") if part.startswith("Action=")))
            known = sts_account is not None
            self._answer(200 if known else 403, IDENTITY.format(account=sts_account) if known else "<html/>")

        def do_GET(self) -> None:
            self._answer(200, "{}")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's output is not for it."""

        def _answer(self, status: int, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Answering(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
