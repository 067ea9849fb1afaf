"""How local commands talk: one line a step, with its time; a spinner while it runs if somebody watches."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

NAME_WIDTH = 12
DETAIL_WIDTH = 52


@dataclass
class Step:
    """A step that runs; `detail` is what its line says once it is done."""

    detail: str = ""


@dataclass(frozen=True)
class Voice:
    """Writes to one terminal or file; the same words to both, colours and spinner only to a terminal."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        started = time.monotonic()
        step = Step()
        try:
            if self.console.is_terminal:
                with self.console.status(f"  {name}", spinner="dots"):
                    yield step
            else:
                yield step
        except BaseException:
            self.console.print(line("✗", name, step.detail, time.monotonic() - started, style="bold red"))
            raise
        self.console.print(line("✓", name, step.detail, time.monotonic() - started, style="green"))

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Two columns, the first as wide as its widest."""
        width = max(len(left) for left, _ in rows)
        for left, right in rows:
            self.console.print(Text.assemble("  ", (left.ljust(width), "cyan"), "  ", right))

    def grid(self, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """A small table: text to the left, numbers to the right."""
        for text in columns([header, *rows]):
            self.console.print(Text(f"    {text}"))

    def say(self, text: str = "") -> None:
        self.console.print(Text(text))

    def failure(self, sentence: str, detail: str) -> None:
        self.console.print()
        self.console.print(Text(f"  {sentence}", style="bold red"))
        for text in detail.splitlines():
            self.console.print(Text(f"    {text}", style="dim"))


def line(sign: str, name: str, detail: str, seconds: float, *, style: str) -> Text:
    """`  ✓ deployment      1 stack, nothing to change                 9.8 s`"""
    return Text.assemble(
        "  ", (sign, style), " ", name.ljust(NAME_WIDTH), detail.ljust(DETAIL_WIDTH), (f"{seconds:>7.1f} s", "dim")
    )


def columns(rows: Sequence[tuple[str, ...]], *, gap: str = "   ") -> list[str]:
    """The rows, each column as wide as its widest cell; to the right where all but its title are numbers."""
    made = []
    for title, *cells in zip(*rows, strict=True):
        width = max(len(cell) for cell in (title, *cells))
        numbers = all(re.fullmatch(r"[\d.,%]*", cell) for cell in cells)
        made.append([cell.rjust(width) if numbers else cell.ljust(width) for cell in (title, *cells)])
    return [gap.join(cells).rstrip() for cells in zip(*made, strict=True)]
