"""Which processes run on this machine, told apart by more than their number, so that no stranger is ever stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process. Its number comes back to another one some day; number and start together do not."""

    pid: int
    group: int
    started: str
    command: str


def find(pid: int) -> Process | None:
    """The running process with this number; one that has ended and was not collected yet does not run."""
    return next((process for process in every() if process.pid == pid), None)


def in_group(group: int) -> tuple[Process, ...]:
    """The running processes of a process group."""
    return tuple(process for process in every() if process.group == group)


def stop_group(group: int, *, patience: float = 10.0) -> bool:
    """Ends a process group, politely first. True once none of its processes runs any more."""
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        # The group may end by itself between the look and the signal.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, sign)
        if _gone(group, seconds):
            return True
    return False


def every() -> tuple[Process, ...]:
    """All processes that run now."""
    if Path("/proc/self/stat").exists():
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return tuple(process for pid in numbers if (process := _from_proc(pid)))
    listing = subprocess.run(
        ["ps", "-axww", "-o", "pid=,pgid=,stat=,lstart=,command="],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return tuple(process for line in listing.stdout.splitlines() if (process := _from_ps(line)))


def _gone(group: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while in_group(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _from_proc(pid: int) -> Process | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None  # it ended while we looked
    # The name in brackets may itself hold brackets and spaces: what follows the last one is regular.
    fields = stat.rpartition(")")[2].split()
    state, group, started = fields[0], int(fields[2]), fields[19]
    if state in "ZX":
        return None
    return Process(pid, group, started, command.replace(b"\0", b" ").decode(errors="replace").strip())


def _from_ps(line: str) -> Process | None:
    fields = line.split(maxsplit=8)
    if len(fields) < 9 or fields[2].startswith("Z"):
        return None
    return Process(int(fields[0]), int(fields[1]), " ".join(fields[3:8]), fields[8])
