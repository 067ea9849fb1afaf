"""Strokes of a picture in SVG: text of a known width, chips, and key templates that wrap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

# A monospaced letter is 0.602 of its size wide in Menlo and DejaVu; `textLength` makes it so in every other font.
LETTER = 0.602
CHIP = 22


@dataclass(frozen=True)
class Word:
    """A piece of a line that is not broken: fixed text before it, then a chip with a field in it."""

    before: str
    field: str
    kind: str


def number(value: float) -> str:
    """A coordinate, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")


def mono_width(text: str, size: float) -> float:
    """How wide a monospaced text is."""
    return len(text) * size * LETTER


def sans(x: float, y: float, text: str, style: str) -> str:
    """A text in the reader's sans-serif font, its baseline at `y`."""
    return f'<text x="{number(x)}" y="{number(y)}" class={quoteattr(style)}>{escape(text)}</text>'


def mono(x: float, y: float, text: str, style: str, size: float) -> str:
    """A monospaced text that is exactly as wide as `mono_width` says."""
    width = number(mono_width(text, size))
    return (
        f'<text x="{number(x)}" y="{number(y)}" class="mono {style}" style="font-size:{number(size)}px" '
        f'textLength="{width}" xml:space="preserve">{escape(text)}</text>'
    )


def box(x: float, y: float, width: float, height: float, style: str, *, round: float = 6) -> str:
    """A rectangle with round corners."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'rx="{number(round)}" class={quoteattr(style)}/>'
    )


def chip_width(field: str, size: float = 12.5) -> float:
    """How wide the chip of a field is."""
    return mono_width(field, size) + 14


def chip(x: float, baseline: float, field: str, kind: str, size: float = 12.5) -> str:
    """A field in a chip; `kind` is `field`, `sparse` or `shard`."""
    width = chip_width(field, size)
    top = baseline - size * 0.36 - CHIP / 2
    return box(x, top, width, CHIP, f"chip {kind}", round=CHIP / 2) + mono(x + 7, baseline, field, f"on-{kind}", size)


def flow(x: float, y: float, most: float, words: Iterable[Word], after: str, *, line: float) -> tuple[list[str], float]:
    """Words side by side from (`x`, `y`), in a new line where one would end beyond `most`; and the last baseline."""
    drawn: list[str] = []
    at, size = x, 12.5
    for word in words:
        width = mono_width(word.before, size) + chip_width(word.field) + 4
        if at > x and at + width > most:
            at, y = x, y + line
        if word.before:
            drawn.append(mono(at, y, word.before, "fixed", size))
            at += mono_width(word.before, size) + 2
        drawn.append(chip(at, y, word.field, word.kind))
        at += chip_width(word.field) + 2
    if after:
        drawn.append(mono(at, y, after, "fixed", size))
    return drawn, y


def wrapped(text: str, most: float, size: float) -> list[str]:
    """A monospaced text in lines, broken after spaces, each at most so wide; a long word keeps its line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and mono_width(joined, size) > most:
            lines.append("  " + word)
        else:
            lines[-1] = joined
    return lines
