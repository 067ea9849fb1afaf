"""A judged subject as a change of the model: its kind, every reason with the worst first, and so its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from review.digest import change_digest
from review.limits import Blocked, blocked_by
from review.loss import loss_of, loss_reasons
from review.model import ABSENT, Certainty, Change, DataLoss, Kind, PropertyChange, Reason, Replaces, Verdict
from review.names import construct_path, shown_name
from review.overlay import is_custom
from review.protection import weakened
from review.replacement import facts_of
from review.subjects import Judge, Subject

DESCRIPTIVE = frozenset(
    {"Description", "AlarmDescription", "DisplayName", "DashboardBody", "Comment", "GroupDescription"}
)
"""Properties that say something to people and do nothing."""

_HARMLESS_SECTIONS = frozenset({"Description", "Outputs", "AWSTemplateFormatVersion"})


def change_of(
    subject: Subject, judges: Iterable[Judge] = (), *, condition_changed: bool = False, blocked: Iterable[Blocked] = ()
) -> Change:
    """The change that a subject is, with everything that this package and the judges say about it."""
    loss = loss_of(subject, condition_changed=condition_changed)
    refusals = (*blocked, *blocked_by(subject))
    reasons = dict.fromkeys(
        (*_reasons(subject, loss, refusals, condition_changed), *_judged(subject, judges), *_plain(subject))
    )
    resource = subject.section == "Resources"
    entry = subject.after if subject.after is not None else subject.before
    change = Change(
        stage=subject.stage,
        stack=subject.stack,
        section=subject.section,
        logical_id=subject.logical_id,
        type=subject.type,
        path=construct_path(entry) if resource else "",
        name=shown_name(entry) if resource else "",
        kind=_kind(subject),
        properties=subject.properties if subject.before is not None and subject.after is not None else (),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.verdict)),
        loss=loss,
        verdict=max((reason.verdict for reason in reasons), default=Verdict.HARMLESS),
        digest="",
        renamed_from=subject.before_id,
        moved_from=subject.before_stack,
        deployments=tuple(dict.fromkeys(step for refusal in refusals for step in refusal.deployments)),
        entry=entry,
    )
    return replace(change, digest=change_digest(_whole(change, subject)))


def _reasons(
    subject: Subject, loss: DataLoss | None, refusals: Iterable[Blocked], condition_changed: bool
) -> Iterator[Reason]:
    yield from (refusal.reason for refusal in refusals)
    yield from loss_reasons(subject, loss)
    yield from weakened(subject)
    yield from _of_condition(subject, condition_changed)
    yield from (change.reason for change in subject.properties if change.reason is not None)


def _judged(subject: Subject, judges: Iterable[Judge]) -> Iterator[Reason]:
    if subject.section == "Resources":
        for judge in judges:
            yield from judge(subject)


def _whole(change: Change, subject: Subject) -> Change:
    """The change as its digest sees it: all of what is added or removed counts."""
    if subject.before is not None and subject.after is not None:
        return change
    before, after = (ABSENT if side is None else side for side in (subject.before, subject.after))
    return replace(change, properties=(PropertyChange(section="", path=(), before=before, after=after),))


def _kind(subject: Subject) -> Kind:
    if subject.before is None:
        return Kind.ADDED
    if subject.after is None:
        return Kind.REMOVED
    if subject.renamed:
        return Kind.RENAMED
    by_replacement = {Replaces.YES: Kind.REPLACED, Replaces.MAYBE: Kind.MAYBE_REPLACED}
    return by_replacement.get(subject.replaces, Kind.CHANGED)


def _of_condition(subject: Subject, condition_changed: bool) -> Iterator[Reason]:
    if condition_changed and subject.before is not None and subject.after is not None:
        text = "the condition under which it exists changes: it may be removed, or made"
        yield Reason(rule="condition-changed", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)


def _plain(subject: Subject) -> Iterator[Reason]:
    """What is to be said of every change of its kind; the reason of a change about which nothing worse is known."""
    kind = _kind(subject)
    if subject.section != "Resources":
        harmless = subject.section in _HARMLESS_SECTIONS and not _is_export(subject)
        what = f"the entry of {subject.section}" if subject.logical_id else f"the template's {subject.section}"
        verdict = Verdict.HARMLESS if harmless else Verdict.LOOK
        yield Reason(rule=f"{subject.section.lower()}-{kind}", text=f"{what} is {kind}", verdict=verdict)
        return
    if facts_of(subject.type) is None and not is_custom(subject.type) and kind in (Kind.ADDED, Kind.REMOVED):
        text = f"nothing is known about the type {subject.type}"
        yield Reason(rule="unknown-type", text=text, verdict=Verdict.LOOK, certainty=Certainty.UNKNOWN)
    match kind:
        case Kind.ADDED:
            yield Reason(rule="added", text="it is new", verdict=Verdict.LOOK)
        case Kind.REMOVED:
            yield Reason(rule="removed", text="it is removed", verdict=Verdict.LOOK)
        case Kind.RENAMED:
            text = (
                "CloudFormation makes a new one, then removes the old one: to it, another logical id is another thing"
            )
            yield Reason(rule="renamed", text=text, verdict=Verdict.LOOK)
        case Kind.REPLACED:
            text = "CloudFormation makes a new one, then removes the old one"
            yield Reason(rule="replaced", text=text, verdict=Verdict.LOOK)
        case Kind.MAYBE_REPLACED:
            text = "CloudFormation may make a new one and remove the old one"
            yield Reason(rule="replaced", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)
        case Kind.CHANGED:
            harmless = all(_is_harmless(change) for change in subject.properties)
            verdict = Verdict.HARMLESS if harmless else Verdict.LOOK
            yield Reason(rule="changed", text="it is updated in place", verdict=verdict)


def _is_harmless(change: PropertyChange) -> bool:
    """Whether the change only says something, adds a tag, or has CloudFormation wait for something else."""
    if change.section != "Properties":
        return change.section == "DependsOn"
    if change.replaces is not Replaces.NO or not change.path:
        return False
    return change.path[0] in DESCRIPTIVE or (change.path[0] == "Tags" and change.before is ABSENT)


def _is_export(subject: Subject) -> bool:
    return any(isinstance(side, dict) and "Export" in side for side in (subject.before, subject.after))
