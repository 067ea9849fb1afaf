"""MiniStack, started with four mends, without which a system that is right for AWS fails here or passes by luck.

1. The processes of a Lambda function are bounded: a call above the bound waits for a free one. MiniStack itself starts
   a process for every call that finds none free: 200 calls at once are 200 Pythons, and all of them time out together.
2. A PartiQL INSERT is in the table's stream, as every other write is.
3. A batch of PartiQL statements needs the right for each statement, as on AWS, where the batch has no right of its own.
4. The loopback counts as TLS: policies that demand it refuse nothing that never leaves the machine.

Run by the emulator's own Python, outside this package.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import threading
import time
from typing import Any

from ministack.core import (  # type: ignore[import-not-found]  # the emulator has an environment of its own
    iam_actions,
    iam_evaluator,
    lambda_runtime,
)
from ministack.services import (  # type: ignore[import-not-found]  # the emulator has an environment of its own
    dynamodb,
    lambda_svc,
)

MOST = max(4, 2 * (os.cpu_count() or 1))
PATIENCE = 30.0
"""Seconds after which a call gets a process all the same: it may wait for one that waits for it."""

_STATEMENT = re.compile(r'\s*(INSERT INTO|SELECT .*? FROM|UPDATE|DELETE FROM)\s+"?([A-Za-z0-9_.-]+)"?', re.I | re.S)


def mend(module: Any, name: str, replacement: Any) -> Any:
    """Put `replacement` in the place of a module's function, and return that function."""
    found = getattr(module, name, None)
    if found is None:
        raise SystemExit(f"This MiniStack has no {module.__name__}.{name}: correct {__file__}.")
    setattr(module, name, replacement)
    return found


_freed = threading.Condition()


def acquire_worker(*arguments: Any, **named: Any) -> Any:
    """A free process, a new one, or, at the bound, the first that is freed."""
    deadline = time.monotonic() + PATIENCE
    with _freed:
        while time.monotonic() < deadline:
            worker, reason = _acquire(*arguments, **{**named, "max_concurrency": MOST})
            if worker is not None:
                return worker, reason
            _freed.wait(0.5)
    return _acquire(*arguments, **named)


def release_worker(*arguments: Any, **named: Any) -> Any:
    """The process is free, and one who waits is told."""
    try:
        return _release(*arguments, **named)
    finally:
        with _freed:
            _freed.notify()


_acquire = mend(lambda_runtime, "acquire_worker", acquire_worker)
_release = mend(lambda_runtime, "release_worker", release_worker)
mend(lambda_svc, "acquire_worker", acquire_worker)
mend(lambda_svc, "release_worker", release_worker)


def insert_into_stream(table: Any, parsed: Any) -> Any:
    """An INSERT's answer, its item in the stream if it was inserted."""
    answer = _insert(table, parsed)
    if answer[0] == 200:
        item = parsed["item"]
        dynamodb._emit_stream_event(table["TableName"], "INSERT", None, item["M"] if set(item) == {"M"} else item)
    return answer


_insert = mend(dynamodb, "_partiql_insert", insert_into_stream)


def statement_checks(action: str, body: bytes, region: str, account: str) -> Any:
    """The rights that a request of several parts needs, each with the table it is about."""
    if action != "dynamodb:BatchExecuteStatement":
        return _checks(action, body, region, account)
    checks = []
    for statement in json.loads(body or b"{}").get("Statements", []):
        found = _STATEMENT.match(statement.get("Statement", ""))
        # What is no statement is refused for that, once it is carried out.
        if found is not None:
            verb = found[1].split()[0].capitalize()
            checks.append((f"dynamodb:PartiQL{verb}", f"arn:aws:dynamodb:{region}:{account}:table/{found[2]}"))
    return checks


_checks = mend(iam_actions, "dynamodb_transaction_checks", statement_checks)


def pin_as_secure(address: str, over_tls: bool) -> None:  # noqa: ARG001 (the emulator's signature)
    """Note where a request comes from, as one that nobody on the way can read."""
    _pin(address, True)


_pin = mend(iam_evaluator, "pin_request_origin", pin_as_secure)

runpy.run_module("ministack", run_name="__main__")
