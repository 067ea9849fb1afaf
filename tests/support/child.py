"""A server that a test session starts for itself, and that never outlives it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


class NotStarted(Exception):
    """The server ended, or did not answer in time; the message has the end of its log."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def child(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: Path,
    ready: Callable[[], bool],
    patience: float = 60,
) -> Iterator[None]:
    """The server, from its first answer on. It must end when its input does: so it goes even if we are killed."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(env), cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, ready, log, patience)
        yield
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            state = "gave no answer" if process.returncode is None else f"ended with status {process.returncode}"
            raise NotStarted(f"{process.args!r} {state}: {log.read_text(errors='replace')[-600:]}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
    for end in (lambda: None, process.terminate, process.kill):
        end()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return
