"""What could not be read, access, findings, alarms and tables of a review, as rows of its page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from review.html_changes import acknowledged_html
from review.html_text import Row, cells, code, listed, name_html, only_tag, text
from review.model import (
    AccessChange,
    AcknowledgementState,
    Coverage,
    Direction,
    FindingState,
    Kind,
    Mark,
    Review,
    Staged,
    StrayAlarm,
    Verdict,
)
from review.wording import (
    KIND_SYMBOLS,
    access_title,
    before_text,
    finding_title,
    key_text,
    missing_alarms,
    reason_text,
)

MOST_PICTURES = 400_000
"""Letters of all pictures together; the tables after them are told in words."""
_MARKS = {Mark.SAME: "·", Mark.ADDED: "+", Mark.CHANGED: "~", Mark.REMOVED: "-"}


def problem_rows(review: Review, order: Sequence[str]) -> Iterator[Row]:
    """What could not be read, acknowledgements that do not hold, and what is said of whole stacks."""
    for problem in review.problems:
        stages = (problem.stage,) if problem.stage else ()
        yield Row(problem.verdict, stages, text(problem.text), cells(stages, (), order, "!", "not reviewed"), "")
    for check in review.acknowledgements:
        if check.state is not AcknowledgementState.MATCHED:
            stages = (check.acknowledgement.stage,)
            yield Row(check.verdict, stages, text(check.text), cells(stages, (), order, "!", check.state), "")
    for stack in review.stacks:
        for reason in stack.reasons:
            said = f"{text(stack.stage)}: {text(reason_text(reason))}"
            there = cells((stack.stage,), (), order, KIND_SYMBOLS[stack.kind or Kind.CHANGED], stack.kind or "")
            yield Row(reason.verdict, (stack.stage,), said, there, "")


def access_rows(groups: Sequence[Staged[AccessChange]], order: Sequence[str]) -> Iterator[Row]:
    """A row for each change of what somebody may do."""
    for group in groups:
        access = group.item
        outside = ' <span class="tag out">external</span>' if access.external else ""
        why = "; ".join(reason_text(reason) for reason in access.reasons)
        what = f'<span class="title">{text(access_title(access), 300)}</span>{outside}{only_tag(group)}'
        place = f'<span class="of">{code(access.logical_id, 160)} in {name_html(access.stack)}</span>'
        symbol, word = ("+", "widened") if access.direction is Direction.WIDENED else ("-", "narrowed")
        facts = [
            ("who", access.principal),
            ("effect", access.effect),
            ("actions", ", ".join(access.actions or access.written_actions)),
            ("on", ", ".join(access.resources)),
            ("where", f"{access.stack} {access.path or access.logical_id} ({access.type})"),
            ("when", json.dumps(access.conditions, ensure_ascii=False) if access.conditions else ""),
            ("digest", access.digest),
        ]
        made = "".join(f"<dt>{name}</dt><dd>{code(value, 1500)}</dd>" for name, value in facts if value)
        yield Row(
            access.verdict,
            group.stages,
            f'{what}{place}<span class="why">{text(why, 300)}</span>',
            cells(group.stages, group.elsewhere, order, symbol, word),
            f"{acknowledged_html(group)}<dl>{made}</dl>",
        )


def finding_rows(review: Review, order: Sequence[str]) -> Iterator[Row]:
    """New findings, then fixed ones; those that were there before are counted."""
    told = [group for group in review.findings if group.item.state is not FindingState.UNCHANGED]
    for group in sorted(told, key=lambda one: (one.item.state is not FindingState.NEW, -one.item.verdict)):
        finding = group.item
        verdict = finding.verdict if finding.state is FindingState.NEW else Verdict.HARMLESS
        where = finding.logical_id or finding.construct_path or "template"
        what = (
            f'<span class="kind">{finding.state}</span> <span class="title">{text(finding_title(finding), 400)}</span>'
        )
        accepted = f'<span class="why">accepted: {text(finding.suppressed)}</span>' if finding.suppressed else ""
        symbol = "+" if finding.state is FindingState.NEW else "✓"
        tags = f" {code(where, 200)}{only_tag(group)}"
        yield Row(
            verdict,
            group.stages,
            what + tags + accepted,
            cells(group.stages, group.elsewhere, order, symbol, finding.state),
            "",
        )
    unchanged = len(review.findings) - len(told)
    if unchanged:
        said = f'<span class="quiet">{before_text(unchanged)}</span>'
        yield Row(Verdict.HARMLESS, (), said, "", "")


def alarm_rows(
    stray: Sequence[Staged[StrayAlarm]], coverage: Sequence[Staged[Coverage]], order: Sequence[str]
) -> Iterator[Row]:
    """Alarms on what is gone, then which recommended alarms each resource has, the worst first."""
    for alarm in stray:
        said = reason_text(alarm.item.reason)
        what = f'<span class="title">{name_html(alarm.item.logical_id)}</span> {text(said)}{only_tag(alarm)}'
        yield Row(
            alarm.item.reason.verdict, alarm.stages, what, cells(alarm.stages, alarm.elsewhere, order, "!", "stray"), ""
        )
    for group in sorted(coverage, key=lambda one: (-one.item.verdict, not missing_alarms(one.item))):
        covered = group.item
        missing = missing_alarms(covered)
        has = f"{len(covered.alarms) - len(missing)} of {len(covered.alarms)} recommended alarms"
        without = f'<span class="why">without {text(", ".join(missing))}</span>' if missing else ""
        what = f'<span class="title">{name_html(covered.logical_id)}</span> {code(covered.type, 100)} {has}'
        alarms = listed(
            f"{text(alarm.name)}: {code(', '.join(alarm.after)) if alarm.after else 'none'}"
            + (f" (before: {code(', '.join(alarm.before) or 'none')})" if alarm.before != alarm.after else "")
            for alarm in covered.alarms
        )
        reasons = listed(text(reason_text(reason)) for reason in covered.reasons)
        symbol = "✓" if not missing else str(len(missing))
        word = "all" if not missing else f"{len(missing)} missing"
        yield Row(
            covered.verdict,
            group.stages,
            what + only_tag(group) + without,
            cells(group.stages, group.elsewhere, order, symbol, word),
            reasons + alarms,
        )


def table_rows(review: Review, order: Sequence[str]) -> Iterator[Row]:
    """Each table that changed, with the verdict of that change, which opens to its picture."""
    verdicts = {(change.stage, change.stack, change.logical_id): change.verdict for change in review.changes}
    drawn = 0
    for group in review.tables:
        picture = group.item
        drawn += len(picture.svg)
        body = f'<div class="picture">{picture.svg}</div>' if drawn <= MOST_PICTURES else ""
        keys = listed(f"{_MARKS[key.mark]} {code(key_text(key))} {text('; '.join(key.notes))}" for key in picture.keys)
        changes = ", ".join(
            f"{key.index or 'table'} {key.mark}" for key in picture.keys if key.mark is not Mark.SAME
        ) or ", ".join(name for name, before, after in picture.facts if before != after)
        what = f'<span class="title">{text(picture.name or picture.logical_id, 200)}</span> '
        what += f'<span class="quiet">{text(picture.stack, 100)}</span>{only_tag(group)}'
        what += f'<span class="why">{text(changes or picture.mark, 300)}</span>'
        yield Row(
            max(verdicts.get((each.stage, each.stack, each.logical_id), Verdict.HARMLESS) for each in group.same),
            group.stages,
            what,
            cells(group.stages, group.elsewhere, order, _MARKS[picture.mark], picture.mark),
            body or keys,
        )
