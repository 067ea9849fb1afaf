"""A table as a picture to put into a page as it is: its key, its indexes beneath, and what changed marked.

It takes its text colour from the page, so that it is readable on a light one and on a dark one, and has no style sheet,
so that it changes nothing else there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from review.drawing import mono_width, number
from review.model import KeyOf, Mark, TableKey

WIDTH = 920.0
MOST_KEYS = 50
_MARGIN = 12.0
_INDENT = 44.0
_LINE = 21.0
_GAP = 12.0
_SIZE = 12.5
_COLOURS = {Mark.ADDED: "#23893f", Mark.CHANGED: "#9c6f00", Mark.REMOVED: "#dd2c36"}
"""Each is readable on white and on near-black."""
_SANS = "ui-sans-serif, system-ui, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def table_svg(name: str, keys: tuple[TableKey, ...], facts: Iterable[tuple[str, str, str]], mark: Mark) -> str:
    """One SVG element; every text in it is escaped."""
    drawn, y = [_text(_MARGIN, 30, name, size=17, mono=True, bold=True)], 44.0
    drawn += _badge(_MARGIN + mono_width(_cut(name, WIDTH - 200, 17), 17) + 14, 30, mark)
    lines, y = _facts(facts, y)
    drawn += lines
    trunk, branches = y, []
    for at, key in enumerate(keys[:MOST_KEYS]):
        indent = 0.0 if key.of is KeyOf.TABLE else _INDENT
        card, height = _card(key, _MARGIN + indent, y, WIDTH - 2 * _MARGIN - indent)
        drawn += card
        if at == 0:
            trunk = y + height
        else:
            branches.append(y + 20)
            drawn.append(_branch(y + 20, key.mark))
        y += height + _GAP
    if branches:
        drawn.append(_line(f"M{number(_MARGIN + 20)} {number(trunk)}V{number(branches[-1])}", Mark.SAME))
    if len(keys) > MOST_KEYS:
        drawn.append(_text(_MARGIN + _INDENT, y + 14, f"and {len(keys) - MOST_KEYS} more", faint=True))
        y += _LINE
    return "\n".join([_opening(name, keys, y + _MARGIN), *drawn, "</svg>"])


def _opening(name: str, keys: tuple[TableKey, ...], height: float) -> str:
    said = "; ".join(
        f"{key.index or 'the table'}{'' if key.mark is Mark.SAME else f' is {key.mark}'}: {', '.join(key.partition)}"
        + (f" by {', '.join(key.sort)}" if key.sort else "")
        for key in keys[:MOST_KEYS]
    )
    size = f'viewBox="0 0 {number(WIDTH)} {number(height)}" width="100%"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-label={quoteattr(_clean(f"{name}: {said}"))} fill="currentColor" font-family={quoteattr(_SANS)}>'
    )


def _facts(facts: Iterable[tuple[str, str, str]], y: float) -> tuple[list[str], float]:
    """The settings in a row, as many lines as they need; one that changed shows both."""
    drawn, x, y = [], _MARGIN, y + 10
    for name, before, after in facts:
        changed = bool(before and after and before != after)
        text = f"{name}: {f'{before} → {after}' if changed else after or before}"
        width = mono_width(text, 12) * 0.93 + 22
        if x > _MARGIN and x + width > WIDTH - _MARGIN:
            x, y = _MARGIN, y + 19
        drawn.append(_text(x, y, text, faint=not changed, colour=_COLOURS[Mark.CHANGED] if changed else ""))
        x += width
    return drawn, y + 16


def _card(key: TableKey, x: float, y: float, width: float) -> tuple[list[str], float]:
    """A key in its box, and how high that is."""
    title = key.index or "the table's key"
    lines = [("partition", ", ".join(key.partition), True)]
    lines += [("sort", ", ".join(key.sort), True)] if key.sort else []
    lines += [("shards", str(key.shards), False)] if key.shards else []
    lines += [("holds", key.projection, False)] if key.projection else []
    lines += [("read for", pattern, False) for pattern in key.patterns]
    lines += [("changed", note, False) for note in key.notes]
    height = 38 + _LINE * len(lines)
    drawn = [_box(x, y, width, height, key.mark), _text(x + 14, y + 24, title, mono=True, bold=True)]
    drawn += _badge(x + 26 + mono_width(_cut(title, width - 200, _SIZE), _SIZE), y + 24, key.mark)
    if key.of is KeyOf.LOCAL_INDEX:
        drawn.append(_text(x + width - 90, y + 24, str(key.of), size=11, faint=True))
    for at, (label, text, mono) in enumerate(lines):
        below = y + 46 + _LINE * at
        colour = _COLOURS[Mark.CHANGED] if label == "changed" else ""
        drawn.append(_text(x + 14, below, label, size=11, faint=True))
        cut = _cut(text, width - 100, _SIZE)
        struck = key.mark is Mark.REMOVED
        drawn.append(_text(x + 84, below, cut, mono=mono, colour=colour, struck=struck))
    return drawn, height


def _badge(x: float, y: float, mark: Mark) -> list[str]:
    """What happened, as a word: colour alone tells nothing to some."""
    return [_text(x, y, mark.value, size=11, bold=True, colour=_COLOURS[mark])] if mark in _COLOURS else []


def _branch(y: float, mark: Mark) -> str:
    x = _MARGIN + 20
    return _line(f"M{number(x)} {number(y)}H{number(_MARGIN + _INDENT)}", mark)


def _line(path: str, mark: Mark) -> str:
    dashed = ' stroke-dasharray="4 3"' if mark is Mark.REMOVED else ""
    return f'<path d="{path}" fill="none" stroke="currentColor" stroke-opacity=".4" stroke-width="1.5"{dashed}/>'


def _box(x: float, y: float, width: float, height: float, mark: Mark) -> str:
    colour = _COLOURS.get(mark, "currentColor")
    strength = "1" if mark in _COLOURS else ".25"
    dashed = ' stroke-dasharray="6 4"' if mark is Mark.REMOVED else ""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" rx="8" '
        f'fill="{colour}" fill-opacity=".05" stroke="{colour}" stroke-opacity="{strength}" '
        f'stroke-width="{"2" if mark in _COLOURS else "1"}"{dashed}/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = _SIZE,
    mono: bool = False,
    bold: bool = False,
    faint: bool = False,
    colour: str = "",
    struck: bool = False,
) -> str:
    given = f' font-family="{_MONO}"' if mono else ""
    given += ' font-weight="600"' if bold else ""
    given += ' fill-opacity=".65"' if faint else ""
    given += f' fill="{colour}"' if colour else ""
    given += ' text-decoration="line-through"' if struck else ""
    shown = escape(_clean(_cut(text, WIDTH - x - _MARGIN, size)))
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{given}>{shown}</text>'


def _cut(text: str, most: float, size: float) -> str:
    """The text as far as it fits."""
    letters = max(int(most / mono_width("m", size)), 1)
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("�", text)
