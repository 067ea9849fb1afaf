"""What a change costs, as a part of the page of a review."""

from __future__ import annotations

from decimal import Decimal

from review.html_text import code, text
from review.model import Cost, CostLine, StageCost
from review.wording import amount_text, money, sum_text

MOST_LINES = 100


def cost_html(cost: Cost | None) -> str:
    """The sums of each stage, and what they are made of; empty where nobody asked."""
    if cost is None:
        return ""
    assumed = f"use as in {code(cost.assumptions)}" if cost.assumptions else "nobody has said how much is used"
    return (
        f'<section id="cost"><h2>Cost a month</h2><div class="list">{_sums(cost)}{_parts(cost)}</div>'
        f'<p class="quiet">Prices of {text(cost.prices_dated)}, {text(cost.region)}; {assumed}. '
        "The sums hold what is known; how much is unknown stands beside them.</p></section>"
    )


def _sums(cost: Cost) -> str:
    heads = _heads("stage", "part", "before", "after", "change", "unknown")
    return _table(heads + "".join(_sum(one, cost.currency) for one in cost.stages))


def _sum(one: StageCost, currency: str) -> str:
    before = sum_text(one.before, one.unknown_before, currency)
    after = sum_text(one.after, one.unknown_after, currency)
    change = "unknown" if "unknown" in (before, after) else _signed(one.after - one.before, currency)
    return (
        f'<tr><td>{text(one.stage)}</td><td class="text">{one.part}</td><td>{before}</td><td>{after}</td>'
        f"<td>{change}</td>"
        f"<td>{one.unknown_after or '0'}</td></tr>"
    )


def _parts(cost: Cost) -> str:
    if not cost.lines:
        return ""
    heads = _heads("stage", "what", "before", "after", "reckoned from")
    rows = "".join(_line(line, cost.currency) for line in cost.lines[:MOST_LINES])
    left = len(cost.lines) - MOST_LINES
    more = f'<p class="none">and {left} more</p>' if left > 0 else ""
    return f'<details class="parts"><summary>what it is made of</summary>{_table(heads + rows)}{more}</details>'


def _line(line: CostLine, currency: str) -> str:
    return (
        f'<tr><td>{text(line.stage)}</td><td class="text">{code(line.logical_id, 120)} {text(line.item)}</td>'
        f"<td>{amount_text(line.before, currency)}</td><td>{amount_text(line.after, currency)}</td>"
        f'<td class="text quiet">{text(line.after.basis or line.before.basis, 200)}</td></tr>'
    )


def _heads(*names: str) -> str:
    words = ("part", "what", "reckoned from")
    return f"<tr>{''.join(f'<th{_TEXT if name in words else str()}>{name}</th>' for name in names)}</tr>"


_TEXT = ' class="text"'


def _table(rows: str) -> str:
    return f'<div class="scroll"><table class="sums">{rows}</table></div>'


def _signed(value: Decimal, currency: str) -> str:
    return f"+{money(value, currency)}" if value > 0 else money(value, currency)
