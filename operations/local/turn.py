"""One command at a time: two that start, deploy and stop one emulator side by side would undo each other's work."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.local.problem import Problem


@contextmanager
def turn(folder: Path, command: str) -> Iterator[None]:
    """Holds this checkout's turn while the block runs; the system gives it back however the process ends."""
    with (folder / "turn.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another command"
            raise Problem(f"{holder} is still at work here: wait for its end, or interrupt it with Ctrl-C.") from None
        lock.truncate(0)
        lock.write(f"`make {command}`")
        lock.flush()
        yield
        lock.truncate(0)
