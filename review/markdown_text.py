"""Texts of a template in Markdown, so that none of them is markup, a mention or a link there."""

from __future__ import annotations

import re

from review.wording import printable, shortened

_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&]|:(?=\S))")
_MENTION = re.compile(r"([@#])(?=[\w-])")
_LINK = re.compile(r"\bwww\.", re.IGNORECASE)
_ZERO_WIDTH = "\u200b"


def plain(text: str, most: int = 1000) -> str:
    """The text as Markdown that shows it as it is and notifies nobody."""
    escaped = _MARKUP.sub(r"\\\1", shortened(printable(text), most))
    return _MENTION.sub(rf"\1{_ZERO_WIDTH}", _LINK.sub(rf"www{_ZERO_WIDTH}.", escaped))


def code(text: str, most: int = 400) -> str:
    """The text in a code span, which may hold backticks and stand in a table."""
    shown = shortened(printable(text), most) or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") or longest else ""
    return f"{fence}{space}{shown}{space}{fence}"


def cell(text: str) -> str:
    """Markdown in a cell of a table: a pipe ends one even inside of a code span, unless it is escaped."""
    return re.sub(r"(?<!\\)\|", r"\\|", text)
