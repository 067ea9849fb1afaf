"""Pieces of a page: every text of a template that goes into it is escaped here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from review.model import Staged, Verdict
from review.wording import printable, shortened

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=/)")


@dataclass(frozen=True)
class Row:
    """One entry of a list: what is seen of it when it is closed, and what it opens to."""

    verdict: Verdict
    stages: tuple[str, ...]
    what: str
    """HTML."""
    cells: str
    """HTML: a cell for each stage."""
    body: str
    """HTML; empty for what cannot be opened."""


def text(content: str, most: int = 2000) -> str:
    """The text, safe in an element and in a quoted attribute, with what is invisible in it written out."""
    return escape(printable(shortened(content, most)))


def code(content: str, most: int = 600) -> str:
    """The text as code."""
    return f"<code>{text(content, most)}</code>"


def name_html(content: str, most: int = 200) -> str:
    """A long name, which may be broken before the large letters of its words."""
    return _WORD.sub("<wbr>", text(content, most))


def verdict_html(verdict: Verdict) -> str:
    """Symbol and word."""
    return f'<span class="verdict">{symbol_html(verdict)}{verdict.word}</span>'


def symbol_html(verdict: Verdict) -> str:
    """The symbol alone, drawn, so that it looks the same in every font; kept from those who hear its word."""
    return f'<svg class="symbol" viewBox="0 0 16 16" aria-hidden="true"><use href="#v-{verdict.word}"/></svg>'


def symbols() -> str:
    """What `symbol_html` refers to, once for the whole page: a shape of its own for each verdict."""
    made = "".join(
        f'<symbol id="v-{verdict.word}" viewBox="0 0 16 16"><path d="{path}"/></symbol>'
        for verdict, path in _SHAPES.items()
    )
    theme = f'<symbol id="theme-symbol" viewBox="0 0 16 16"><path d="{_THEME}"/></symbol>'
    return f'<svg width="0" height="0" aria-hidden="true">{made}{theme}</svg>'


_THEME = "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 1.6v10.8a5.4 5.4 0 0 0 0-10.8z"
_SHAPES = {
    Verdict.HARMLESS: "M6.3 13 1.5 8.2l1.9-1.9 2.9 2.9 6.3-6.3 1.9 1.9z",
    Verdict.LOOK: "M8 3.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6z",
    Verdict.DANGER: "M8 1.6 15.6 14.4H.4zM7.1 6v4.4h1.8V6zm0 5.4v1.7h1.8v-1.7z",
    Verdict.BLOCKED: "M5 1h6l4 4v6l-4 4H5l-4-4V5zM4.2 7v2h7.6V7z",
}


def cells(stages: Collection[str], elsewhere: Collection[str], order: Sequence[str], symbol: str, word: str) -> str:
    """A column for each stage: what happens there, that nothing does, or that it has no such stack."""
    made = []
    for stage in order:
        name = text(stage, 60)
        if stage in stages:
            made.append(f'<span class="cell on" data-stage="{name}" title="{name}: {text(word)}">{text(symbol)}</span>')
        elif stage in elsewhere:
            made.append(f'<span class="cell" title="{name}: no change">·</span>')
        else:
            made.append('<span class="cell">&nbsp;</span>')
    return f'<span class="cells">{"".join(made)}</span>'


def only_tag(group: Staged[Any]) -> str:
    """A mark for what production gets and no other stage that has the stack."""
    if not (group.production_only and group.elsewhere):
        return ""
    return f' <span class="tag only">only {text(", ".join(group.stages), 80)}</span>'


def row_html(row: Row, order: Sequence[str]) -> str:
    """An entry that can be found, filtered and opened; its stages are given by their places."""
    places = " ".join(str(order.index(stage)) for stage in row.stages if stage in order)
    given = f'class="row v-{row.verdict.word}" data-verdict="{row.verdict.word}" data-stages="{places}"'
    inside = f'{verdict_html(row.verdict)}<span class="what">{row.what}</span>{row.cells}'
    if not row.body:
        return f'<div {given} tabindex="-1"><div class="flat">{inside}</div></div>'
    return f'<details {given}><summary>{inside}</summary><div class="body">{row.body}</div></details>'


def section(name: str, title: str, rows: Iterable[Row], order: Sequence[str]) -> str:
    """A titled list with a head for the columns of stages; empty where there is no row."""
    made = [row_html(row, order) for row in rows]
    if not made:
        return ""
    stages = "".join(f"<span>{text(stage, 24)}</span>" for stage in order)
    heads = f'<div class="heads"><span>verdict</span><span></span><span class="cells">{stages}</span></div>'
    count = f'<span class="count">{len(made)}</span>'
    return (
        f'<section id="{name}" data-list><h2>{escape(title)}{count}</h2>'
        f'<div class="list">{heads}{"".join(made)}</div></section>'
    )


def listed(items: Iterable[str]) -> str:
    """HTML of items as a list; empty where there are none."""
    made = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{made}</ul>" if made else ""
