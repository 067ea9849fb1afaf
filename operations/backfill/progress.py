"""How a backfill shows how far it is: a bar where somebody watches, a line now and then where not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from shardwell.backfill_tally import Tally

Show = Callable[[Tally], None]
SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(
    console: Console, *, expected: int, before: Tally, clock: Callable[[], float] = time.monotonic
) -> Iterator[Show]:
    """Something to tell each new tally to; `expected` is about how many records there are, `before` what was done."""
    if console.is_terminal:
        with _bar(console, expected, before) as show:
            yield show
    else:
        yield _lines(console, expected, clock)


@contextmanager
def _bar(console: Console, expected: int, before: Tally) -> Iterator[Show]:
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[done]}", style="cyan"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("records", total=expected or None, completed=before.looked_at, done="")

        def show(tally: Tally) -> None:
            total = max(expected, tally.looked_at) if expected else None
            shown.update(task, completed=tally.looked_at, total=total, done=written(tally))

        yield show


def _lines(console: Console, expected: int, clock: Callable[[], float]) -> Show:
    last = clock()

    def show(tally: Tally) -> None:
        nonlocal last
        if clock() - last >= SECONDS_BETWEEN_LINES:
            last = clock()
            of = f" of about {expected:,}" if expected else ""
            console.print(f"  {tally.looked_at:,}{of} records looked at, {written(tally)}")

    return show


def written(tally: Tally) -> str:
    """What has been done to records, in a few words."""
    return f"{tally.given:,} given, {tally.deleted:,} deleted"
