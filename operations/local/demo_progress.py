"""A step of the demonstration that waits for others: what they have done so far is shown while it lasts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from operations.counting import Show, counting
from operations.local.console import Step, Voice, line


@contextmanager
def waiting(voice: Voice, name: str, what: str, *, expected: int) -> Iterator[tuple[Step, Show]]:
    """A step, and something to tell each new count to."""
    started = time.monotonic()
    step = Step()
    try:
        with counting(voice.console, what, expected=expected) as show:
            yield step, show
    except BaseException:
        voice.console.print(line("✗", name, step.detail, time.monotonic() - started, style="bold red"))
        raise
    voice.console.print(line("✓", name, step.detail, time.monotonic() - started, style="green"))
