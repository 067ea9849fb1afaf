"""`make status`: what runs, and where."""

from __future__ import annotations

from pathlib import Path

from operations.local import deployment, emulator, processes
from operations.local.console import Voice


def status(folder: Path, *, voice: Voice) -> bool:
    """Prints it; True if the emulator runs and answers."""
    found = emulator.running(folder)
    if found is None:
        voice.say("Nothing runs. `make up` starts it.")
        return False
    answers = emulator.healthy(found.port)
    rows = [
        (
            "emulator",
            f"{found.endpoint}, process {found.pid}, {'answers' if answers else 'does not answer: run make up'}",
        ),
        ("function processes", str(len(processes.in_group(found.pid)) - 1)),
    ]
    if answers:
        for stack in deployment.stacks(port=found.port):
            rows.append((stack.name, stack.status))
    voice.pairs(rows)
    return answers
