"""MiniStack, started with a bound on the processes of each Lambda function: a call above it waits for a free one.

MiniStack itself starts a process for every call that finds none free: 200 calls at once are 200 Pythons, each with its
own copy of the bundle, and all of them time out together. Run by the emulator's own Python, outside this package.
"""

from __future__ import annotations

import os
import runpy
import threading
import time
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-not-found]  # the emulator has an environment of its own
from ministack.services import lambda_svc  # type: ignore[import-not-found]  # the emulator has an environment of its own

MOST = max(4, 2 * (os.cpu_count() or 1))
PATIENCE = 30.0
"""Seconds after which a call gets a process all the same: it may wait for one that waits for it."""

_acquire = lambda_runtime.acquire_worker
_release = lambda_runtime.release_worker
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


for module in (lambda_runtime, lambda_svc):
    for bounded in (acquire_worker, release_worker):
        if not hasattr(module, bounded.__name__):
            raise SystemExit(f"This MiniStack has no {module.__name__}.{bounded.__name__}: correct {__file__}.")
        setattr(module, bounded.__name__, bounded)

runpy.run_module("ministack", run_name="__main__")
