"""A review in the format that was asked for; nothing is rendered before its secrets are masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from review.masking import masked
from review.model import Review
from review.render_html import html
from review.render_json import as_json
from review.render_markdown import markdown
from review.render_sarif import Files, sarif
from review.render_terminal import terminal

Renderer = Callable[[Review, Files], str]

FORMATS: Mapping[str, Renderer] = {
    "terminal": lambda review, _: terminal(review),
    "markdown": lambda review, _: markdown(review),
    "html": lambda review, _: html(review),
    "json": lambda review, _: as_json(review),
    "sarif": sarif,
}
"""What each format makes of a review and of the files of its templates."""


def rendered(review: Review, form: str, files: Files | None = None) -> str:
    """The review as a text of that format, each secret-like value in it masked."""
    return FORMATS[form](masked(review), files or {})


def coloured(review: Review, width: int) -> str:
    """The review for a terminal that shows colours, masked as every other."""
    return terminal(masked(review), colour=True, width=width)
