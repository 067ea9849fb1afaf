"""The emulator of a whole AWS, started for the tests with the services they need and without IAM."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.local.emulator import PYTHON, healthy, settings
from tests.support.child import child, free_port

_UNTIL_INPUT_ENDS = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
"""


def missing() -> str | None:
    """Why it cannot be started here, or None."""
    return None if PYTHON.exists() else f"{PYTHON} is not there: `make setup` installs the emulator."


@contextmanager
def emulator(folder: Path, *, services: str = "dynamodb") -> Iterator[str]:
    """The endpoint of an emulator that keeps nothing."""
    port = free_port()
    for name in ("tmp", "state"):
        (folder / name).mkdir()
    env = {**settings(os.environ, folder=folder, port=port), "AUTH": "false", "SERVICES": services}
    with child([str(PYTHON), "-c", _UNTIL_INPUT_ENDS], env=env, folder=folder, ready=lambda: healthy(port)):
        yield f"http://127.0.0.1:{port}"
