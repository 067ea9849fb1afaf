"""A review as the comment of a pull request: what it says gets shorter where it is too long, its verdicts never."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain

from review.markdown_text import cell, code, plain
from review.model import (
    AccessChange,
    AcknowledgementState,
    Change,
    FindingState,
    Mark,
    Review,
    Staged,
    TablePicture,
    Verdict,
)
from review.wording import (
    KIND_SYMBOLS,
    SYMBOLS,
    access_title,
    amount_text,
    before_text,
    change_text,
    counts_text,
    differing,
    finding_title,
    headline,
    hidden_text,
    key_text,
    missing_alarms,
    place_of,
    reason_text,
    reasons_of,
    replaces_text,
    says_nothing,
    schemas_text,
    side_text,
    sum_text,
    tally,
    title_of,
    type_of,
    where_text,
)

MOST = 65_000
"""GitHub takes 65,535 characters, GitLab more."""
MARKER = "<!-- shardwell-review -->"
"""In the first line, for whoever posts it to find the comment of the last time and write it anew."""
MOST_DIAGRAM = 3_000
MOST_DIAGRAMS = 3


class Detail(IntEnum):
    """How much is said; each says less than the one before."""

    ALL = 0
    NO_DIAGRAMS = 1
    SHORT_VALUES = 2
    NO_VALUES = 3
    LINES = 4
    DANGERS = 5
    COUNTS = 6


@dataclass(frozen=True)
class _Said:
    review: Review
    detail: Detail


def markdown(review: Review, most: int = MOST) -> str:
    """The review in at most so many characters, with all the detail that fits."""
    for detail in Detail:
        lines = list(_lines(_Said(review, detail), most))
        if sum(map(len, lines)) + len(lines) <= most:
            return "\n".join(lines) + "\n"
    # Only names that are very long, or stages beyond number, come here: what is left are whole lines.
    kept = "\n".join(lines)[: most - 200].splitlines()[:-1]
    return "\n".join((*kept, "", "The rest is too long for a comment: see `--format html`.")) + "\n"


def _lines(said: _Said, most: int) -> Iterator[str]:
    """The lines of the comment, and none after the first that is too much."""
    length = 0
    for line in chain((MARKER,), _document(said)):
        yield line
        length += len(line) + 1
        if length > most:
            return


def _document(said: _Said) -> Iterator[str]:
    review = said.review
    yield f"### {SYMBOLS[review.verdict]} Template review: {review.verdict.word}"
    yield ""
    yield f"{plain(headline(review))}."
    if says_nothing(review):
        yield from _foot(said)
        return
    yield ""
    yield "| stage | verdict | resources |"
    yield "|---|---|---|"
    for stage in review.stages:
        name = f"**{plain(stage.stage, 80)}**" if stage.production else plain(stage.stage, 80)
        yield f"| {cell(name)} | {SYMBOLS[stage.verdict]} {stage.verdict.word} | {counts_text(stage)} |"
    if said.detail is not Detail.ALL:
        yield ""
        yield "_Shortened to fit: the whole review is in `--format html`._"
    sections: tuple[Callable[[_Said], Iterator[str]], ...] = (
        _problems, _changes, _access, _findings, _alarms, _tables, _cost, _foot
    )  # fmt: skip
    for section in sections:
        yield from section(said)


def _problems(said: _Said) -> Iterator[str]:
    failed = [check for check in said.review.acknowledgements if check.state is not AcknowledgementState.MATCHED]
    lines = [(problem.verdict, plain(problem.text, 300)) for problem in said.review.problems]
    lines += [(check.verdict, plain(check.text, 300)) for check in failed]
    lines += [
        (reason.verdict, f"{plain(stack.stage, 80)}: {plain(reason_text(reason), 300)}")
        for stack in said.review.stacks
        for reason in stack.reasons
    ]
    lines.sort(key=lambda line: -line[0])
    yield from _limited(said, "Stacks and acknowledgements", [f"- {_verdict(one)} {text}" for one, text in lines])


def _limited(said: _Said, title: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    most = len(lines) if said.detail < Detail.LINES else 20 if said.detail < Detail.COUNTS else 5
    yield ""
    yield f"#### {title}"
    yield ""
    yield from lines[:most]
    if len(lines) > most:
        yield f"- and {len(lines) - most} more"


def _changes(said: _Said) -> Iterator[str]:
    groups = said.review.groups
    if not groups:
        return
    yield ""
    yield "#### Changes"
    for verdict, count in tally(groups):
        mine = [group for group in groups if group.item.verdict is verdict]
        if not count:
            continue
        yield ""
        yield f"**{SYMBOLS[verdict]} {count} {verdict.word}**"
        yield ""
        listed = said.detail < Detail.DANGERS or (verdict >= Verdict.DANGER and said.detail < Detail.COUNTS)
        if said.detail >= Detail.LINES or verdict is Verdict.HARMLESS:
            most = (len(mine) if verdict > Verdict.HARMLESS else 20) if listed else 10 if verdict > Verdict.LOOK else 0
            yield from (f"- {_title(group)}" for group in mine[:most])
            if len(mine) > most:
                yield f"- {'and ' if most else ''}{len(mine) - most} {'more ' if most else ''}that are {verdict.word}"
        else:
            for group in mine:
                yield from _change(said, group)


def _title(group: Staged[Change]) -> str:
    change = group.item
    where = plain(where_text(group), 120)
    where = f"**{where}**" if group.production_only and group.elsewhere else where
    kind = f"{KIND_SYMBOLS[change.kind]} {change.kind}"
    return f"{kind} {code(title_of(change), 120)} {code(type_of(change), 80)} in {code(change.stack, 80)}, {where}"


def _change(said: _Said, group: Staged[Change]) -> Iterator[str]:
    change = group.item
    inner = list(_detail(said, group))
    reasons = [plain(text, 400) for text in reasons_of(change)]
    yield f"- {_title(group)}"
    yield from (f"  - {text}" for text in (reasons if change.verdict > Verdict.LOOK else reasons[:1]))
    yield from (f"  - » {plain(step, 300)}" for step in change.deployments)
    for item in group.same:
        if item.acknowledged is not None:
            until = item.acknowledged.expires.isoformat()
            yield f"  - ✓ {plain(item.stage, 80)}: acknowledged until {until}: {plain(item.acknowledged.reason, 200)}"
    if inner:
        yield ""
        yield "  <details><summary>what changes</summary>"
        yield ""
        yield from (f"  {line}".rstrip() for line in inner)
        yield ""
        yield "  </details>"
        yield ""


def _detail(said: _Said, group: Staged[Change]) -> Iterator[str]:
    change = group.item
    if said.detail >= Detail.NO_VALUES or not change.properties:
        return
    if change.path:
        yield code(change.path, 200)
        yield ""
    length, most = (300, 30) if said.detail < Detail.SHORT_VALUES else (80, 6)
    yield "| where | before | after | |"
    yield "|---|---|---|---|"
    for each in change.properties[:most]:
        before, after = (code(text, length) for text in change_text(each, length))
        cells = (code(place_of(each), 120), before, after, replaces_text(each.replaces))
        yield f"| {' | '.join(cell(text) for text in cells)} |"
    if len(change.properties) > most:
        yield ""
        yield f"and {len(change.properties) - most} more values"


def _access(said: _Said) -> Iterator[str]:
    groups = sorted(said.review.access, key=lambda group: -group.item.verdict)
    yield from _limited(said, "Access", [line for group in groups for line in _access_lines(said, group)])


def _access_lines(said: _Said, group: Staged[AccessChange]) -> Iterator[str]:
    each = group.item
    outside = " **external**" if each.external else ""
    on = ", ".join(each.resources[:3])
    reasons = "; ".join(plain(reason_text(reason), 300) for reason in each.reasons)
    line = f"- {_verdict(each.verdict)} {code(access_title(each), 240)}{outside} on {code(on or 'itself', 200)}"
    line += f" in {code(each.logical_id, 120)}, {plain(where_text(group), 120)}"
    accepted = "; acknowledged" if all(item.acknowledged for item in group.same) else ""
    yield line + (f": {reasons}" if said.detail < Detail.LINES and reasons else "") + accepted


def _findings(said: _Said) -> Iterator[str]:
    told = [group for group in said.review.findings if group.item.state is not FindingState.UNCHANGED]
    told.sort(key=lambda group: (group.item.state is not FindingState.NEW, -group.item.verdict))
    lines = []
    for group in told:
        finding = group.item
        verdict = finding.verdict if finding.state is FindingState.NEW else Verdict.HARMLESS
        text = f"- {_verdict(verdict)} {finding.state}: {plain(finding_title(finding), 300)}"
        accepted = f"; accepted: {plain(finding.suppressed, 200)}" if finding.suppressed else ""
        lines.append(f"{text} ({code(finding.logical_id or 'template', 120)}, {plain(where_text(group))}){accepted}")
    unchanged = len(said.review.findings) - len(told)
    if unchanged:
        lines.append(f"- {before_text(unchanged)}")
    yield from _limited(said, "Findings", lines)


def _alarms(said: _Said) -> Iterator[str]:
    lines = [
        (
            group.item.reason.verdict,
            f"{code(group.item.logical_id, 120)}: {plain(reason_text(group.item.reason), 300)}, "
            f"{plain(where_text(group))}",
        )
        for group in said.review.stray_alarms
    ]
    for coverage in said.review.coverage:
        covered, missing = coverage.item, missing_alarms(coverage.item)
        if covered.mark is Mark.SAME and not covered.reasons:
            continue
        without = f", without {plain(', '.join(missing), 200)}" if missing else ""
        has = f"{len(covered.alarms) - len(missing)} of {len(covered.alarms)} recommended alarms"
        lines.append(
            (covered.verdict, f"{code(covered.logical_id, 120)} has {has}{without}, {plain(where_text(coverage))}")
        )
    lines.sort(key=lambda line: -line[0])
    yield from _limited(said, "Alarms", [f"- {_verdict(one)} {text}" for one, text in lines])


def _tables(said: _Said) -> Iterator[str]:
    changed = [group for group in said.review.tables if group.item.mark is not Mark.SAME]
    if not changed or said.detail >= Detail.LINES:
        return
    yield ""
    yield "#### Tables"
    drawn = said.detail is Detail.ALL and len(changed) <= MOST_DIAGRAMS
    for group in changed:
        yield from _table(group, drawn)


def _table(group: Staged[TablePicture], drawn: bool) -> Iterator[str]:
    marks = {Mark.SAME: "", Mark.ADDED: "**added** ", Mark.CHANGED: "**changed** ", Mark.REMOVED: "**removed** "}
    picture = group.item
    yield ""
    yield f"{marks[picture.mark]}{code(picture.name or picture.logical_id, 120)}, {plain(where_text(group))}"
    yield ""
    for key in picture.keys:
        notes = f": {plain('; '.join(key.notes), 300)}" if key.notes else ""
        yield f"- {marks[key.mark]}{code(key_text(key), 200)}{notes}"
    for name, before, after in picture.facts:
        if before != after:
            yield f"- {plain(name, 80)}: {code(before or '—', 120)} → {code(after or '—', 120)}"
    if drawn and picture.mermaid and len(picture.mermaid) <= MOST_DIAGRAM and "```" not in picture.mermaid:
        yield ""
        yield f"```mermaid\n{picture.mermaid.strip()}\n```"


def _cost(said: _Said) -> Iterator[str]:
    cost = said.review.cost
    if cost is None:
        return
    yield ""
    yield "#### Cost a month"
    yield ""
    changed = differing(cost)
    if changed:
        yield "| stage | part | before | after | unknown |"
        yield "|---|---|---|---|---|"
    else:
        yield "No known change."
    for one in changed:
        before = sum_text(one.before, one.unknown_before, cost.currency)
        after = sum_text(one.after, one.unknown_after, cost.currency)
        unknown = f"{one.unknown_after} more" if one.unknown_after else ""
        yield f"| {cell(plain(one.stage, 80))} | {one.part} | {before} | {after} | {unknown} |"
    if said.detail < Detail.NO_VALUES and cost.lines:
        yield ""
        yield "<details><summary>what it is made of</summary>"
        yield ""
        for line in cost.lines[:40]:
            amounts = f"{amount_text(line.before, cost.currency)} → {amount_text(line.after, cost.currency)}"
            basis = f" ({plain(line.after.basis, 200)})" if line.after.basis else ""
            yield f"- {plain(line.stage, 80)}: {code(line.logical_id, 120)}, {plain(line.item, 80)}: {amounts}{basis}"
        if len(cost.lines) > 40:
            yield f"- and {len(cost.lines) - 40} more"
        yield ""
        yield "</details>"
    assumed = f"use as in {code(cost.assumptions, 120)}" if cost.assumptions else "use is not known"
    yield ""
    yield f"Prices of {plain(cost.prices_dated, 40)}, {plain(cost.region, 40)}; {assumed}."


def _foot(said: _Said) -> Iterator[str]:
    review = said.review
    yield ""
    texts = [f"{side_text(review.base)} → {side_text(review.head)}", hidden_text(review), *review.notes]
    texts.append(schemas_text(review))
    yield f"<sub>{'; '.join(plain(text, 300) for text in texts if text)}</sub>"


def _verdict(verdict: Verdict) -> str:
    return f"{SYMBOLS[verdict]} {verdict.word}"
