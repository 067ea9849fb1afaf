"""The changes of a review as rows of its page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from review.html_text import Row, cells, code, listed, name_html, only_tag, text
from review.model import AccessChange, Change, Kind, Policies, PropertyChange, Replaces, Staged
from review.wording import (
    KIND_SYMBOLS,
    change_text,
    gist,
    place_of,
    reasons_of,
    replaces_text,
    shortened,
    title_of,
    type_of,
)

MOST_VALUES = 60


def change_rows(groups: Sequence[Staged[Change]], order: Sequence[str], letters: int) -> Iterator[Row]:
    """A row for each change, which opens to what is known about it; the values of all share so many letters."""
    share = letters // max(len(groups), 1)
    for group in groups:
        change = group.item
        what = (
            f'<span class="kind">{text(KIND_SYMBOLS[change.kind])} {change.kind}</span> '
            f'<span class="title">{name_html(title_of(change))}</span>{only_tag(group)}{_accepted(group)}'
            f'<span class="of">{code(type_of(change), 100)} in {name_html(change.stack)}</span>'
            f'<span class="why">{text(gist(change), 300)}</span>'
        )
        yield Row(
            verdict=change.verdict,
            stages=group.stages,
            what=what,
            cells=cells(group.stages, group.elsewhere, order, KIND_SYMBOLS[change.kind], change.kind),
            body=_body(group, reasons_of(change), share),
        )


def acknowledged_html(group: Staged[Change] | Staged[AccessChange]) -> str:
    """Who accepted it: a line for each stage that has one."""
    return listed(
        f"{text(item.stage)}: acknowledged until {item.acknowledged.expires.isoformat()}: "
        f"{text(item.acknowledged.reason)}"
        for item in group.same
        if item.acknowledged is not None
    )


def _accepted(group: Staged[Change]) -> str:
    count = sum(item.acknowledged is not None for item in group.same)
    if not count:
        return ""
    where = "" if count == len(group.same) else f" in {count} of {len(group.same)}"
    return f' <span class="tag ok">acknowledged{where}</span>'


def _body(group: Staged[Change], reasons: Sequence[str], share: int) -> str:
    change = group.item
    return "".join(
        (
            _order(change),
            listed(text(reason) for reason in reasons),
            acknowledged_html(group),
            _values(change, share),
            _entry(change, share),
            _facts(group),
        )
    )


def _order(change: Change) -> str:
    if not change.deployments:
        return ""
    steps = "".join(f"<li>{text(step)}</li>" for step in change.deployments)
    return f'<div class="order"><strong>What works instead</strong><ol>{steps}</ol></div>'


def _values(change: Change, share: int) -> str:
    if not change.properties:
        return ""
    properties = change.properties[: max(min(share // 200, MOST_VALUES), 1)]
    most = max(min(share // (2 * len(properties)), 600), 40)
    rows = "".join(_value(each, most) for each in properties)
    left = len(change.properties) - len(properties)
    more = f'<p class="quiet">and {left} more values</p>' if left else ""
    heads = '<thead><tr><th>where</th><th>before</th><th>after</th><th class="effect"></th></tr></thead>'
    return f'<table class="values">{heads}<tbody>{rows}</tbody></table>{more}'


def _value(change: PropertyChange, most: int) -> str:
    before, after = change_text(change, most)
    strong = " yes" if change.replaces is Replaces.YES else ""
    why = f' title="{text(change.reason.text, 300)}"' if change.reason else ""
    return (
        f'<tr{why}><td>{code(place_of(change), 200)}</td><td class="before">{code(before, most + 20)}</td>'
        f'<td class="after">{code(after, most + 20)}</td>'
        f'<td class="effect{strong}">{replaces_text(change.replaces)}</td></tr>'
    )


def _entry(change: Change, share: int) -> str:
    """The whole of what is added or removed."""
    if change.kind not in (Kind.ADDED, Kind.REMOVED) or change.entry is None:
        return ""
    written = json.dumps(change.entry, indent=2, ensure_ascii=False, default=str)
    lines = (text(line, 2000) for line in shortened(written, max(share, 200)).splitlines())
    return f'<pre tabindex="0">{chr(10).join(lines)}</pre>'


def _facts(group: Staged[Change]) -> str:
    change = group.item
    facts = [("construct", change.path), ("physical name", change.name), ("digest", change.digest)]
    if change.loss is not None:
        facts.append(("its data", f"{change.loss.holds}: {change.loss.outcome}"))
        facts += [("policies before", _policies(change.loss.before)), ("policies after", _policies(change.loss.after))]
    made = "".join(f"<dt>{name}</dt><dd>{code(value)}</dd>" for name, value in facts if value)
    return f"<dl>{made}</dl>"


def _policies(policies: Policies | None) -> str:
    if policies is None:
        return ""
    return f"DeletionPolicy {policies.deletion}, UpdateReplacePolicy {policies.update_replace}"
