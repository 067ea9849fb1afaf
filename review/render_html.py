"""A review as one page that needs nothing else: no network, no other file, and no script but its own."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from review.html_changes import change_rows
from review.html_cost import cost_html
from review.html_sections import (
    access_rows,
    alarm_rows,
    finding_rows,
    problem_rows,
    table_rows,
)
from review.html_text import section, symbol_html, symbols, text, verdict_html
from review.model import Review, StageVerdict
from review.wording import (
    MEANINGS,
    WORST_FIRST,
    counts_text,
    headline,
    hidden_text,
    schemas_text,
    side_text,
)

ASSETS = Path(__file__).parent / "assets"


MOST = 1_900_000
"""How long a page may be: what a browser, a mail and an artifact of a build take without a thought."""
_LETTERS = (700_000, 300_000, 100_000, 30_000, 0)
"""For the values of all changes together: as many as fit."""


def html(review: Review) -> str:
    """The whole page; a browser that holds to its policy runs nothing that a template might have brought in."""
    page = ""
    for letters in _LETTERS:
        page = _page(review, letters)
        if len(page) <= MOST:
            break
    return page


def _page(review: Review, letters: int) -> str:
    style, script = _asset("review.css"), _asset("review.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Template review: {review.verdict.word}</title><style>{style}</style></head>\n"
        f'<body>{symbols()}<div class="page">{_top(review)}<main>{_main(review, letters)}</main>{_foot(review)}</div>\n'
        f"<script>{script}</script></body></html>\n"
    )


def _main(review: Review, letters: int) -> str:
    order = tuple(stage.stage for stage in review.stages)
    sections = (
        section("problems", "Stacks and acknowledgements", problem_rows(review, order), order),
        section("changes", "Changes", change_rows(review.groups, order, letters), order),
        section("access", "Access", access_rows(review.access, order), order),
        section("tables", "Tables", table_rows(review, order), order),
        section("findings", "Findings", finding_rows(review, order), order),
        section("alarms", "Alarms", alarm_rows(review.stray_alarms, review.coverage, order), order),
    )
    made = "\n".join(part for part in sections if part)
    return _tools(review) + made + cost_html(review.cost)


def _top(review: Review) -> str:
    stages = "".join(_stage(stage) for stage in review.stages)
    return (
        '<header><div class="top"><h1>Template review</h1>'
        f'<span class="sides quiet"><code>{text(side_text(review.base), 120)}</code> → '
        f"<code>{text(side_text(review.head), 120)}</code></span></div>"
        f'<div class="banner v-{review.verdict.word}">{verdict_html(review.verdict)}<span>{text(headline(review))}'
        f'<br><span class="quiet">{MEANINGS[review.verdict]}</span></span></div>'
        f'<div class="stages">{stages}</div></header>'
    )


def _stage(stage: StageVerdict) -> str:
    production = " production" if stage.production else ""
    return (
        f'<div class="stage v-{stage.verdict.word}{production}"><div class="name">{text(stage.stage, 60)}</div>'
        f'{verdict_html(stage.verdict)}<div class="quiet">{text(counts_text(stage))}</div></div>'
    )


def _tools(review: Review) -> str:
    verdicts = "".join(
        f'<button type="button" class="v-{verdict.word}" data-filter="verdict" value="{verdict.word}" '
        f'aria-pressed="false">{symbol_html(verdict)} {verdict.word}</button>'
        for verdict in WORST_FIRST
    )
    stages = "".join(
        f'<button type="button" data-filter="stage" value="{place}" aria-pressed="false">'
        f"{text(stage.stage, 24)}</button>"
        for place, stage in enumerate(review.stages)
    )
    keys = "<kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> all again"
    return (
        '<div class="tools" role="search"><input type="search" id="search" placeholder="Search" '
        'aria-label="Search in all entries" autocomplete="off" spellcheck="false">'
        f'<div class="group" role="group" aria-label="Only with this verdict">{verdicts}</div>'
        f'<div class="group" role="group" aria-label="Only of this stage">{stages}</div>'
        '<div class="group end"><button type="button" id="expand">Expand all</button>'
        '<button type="button" id="collapse">Collapse all</button>'
        '<button type="button" id="theme" aria-label="Dark page">'
        '<svg class="symbol" viewBox="0 0 16 16" aria-hidden="true"><use href="#theme-symbol"/></svg></button></div>'
        f'<div class="shown"><span id="shown" aria-live="polite"></span><span class="keys">{keys}</span></div></div>'
    )


def _foot(review: Review) -> str:
    lines = [
        hidden_text(review),
        *review.notes,
        schemas_text(review),
    ]
    return f"<footer>{''.join(f'<p>{text(line)}</p>' for line in lines if line)}</footer>"


@lru_cache(maxsize=4)
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """How a policy names an inline style or script: nothing else runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode()
