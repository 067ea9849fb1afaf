"""How a command shows how far it is: a bar where somebody watches, a line now and then where not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def counted(count: int, noun: str) -> str:
    """A count and what it is of: `1 message`, `2,000 messages`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


Show = Callable[[int, str], None]
"""Is told how many are done, and what else there is to say."""
SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def counting(
    console: Console, what: str, *, expected: int | None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Show]:
    """Something to tell each new count to; `expected` is about how many there will be, None where nobody knows."""
    if console.is_terminal:
        with _bar(console, what, expected) as show:
            yield show
    else:
        yield _lines(console, what, expected, clock)


@contextmanager
def _bar(console: Console, what: str, expected: int | None) -> Iterator[Show]:
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", style="cyan"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=expected or None, told="")

        def show(done: int, told: str) -> None:
            shown.update(task, completed=done, total=max(expected, done) if expected else None, told=told)

        yield show


def _lines(console: Console, what: str, expected: int | None, clock: Callable[[], float]) -> Show:
    last = clock()

    def show(done: int, told: str) -> None:
        nonlocal last
        if clock() - last >= SECONDS_BETWEEN_LINES:
            last = clock()
            of = f" of about {expected:,}" if expected else ""
            console.print(f"  {done:,}{of} {what}{', ' if told else ''}{told}")

    return show
