"""Long sentences in lines that fit a terminal."""

from __future__ import annotations

import textwrap

WIDTH = 100


def folded(text: str, *, sign: str = "  ") -> str:
    """The text in lines of at most 100 columns, the first behind `sign`, the others below its first word."""
    rest = " " * len(sign)
    return textwrap.fill(
        text, WIDTH, initial_indent=sign, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
