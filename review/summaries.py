"""The short lines at the top: each stack and each stage in one, with the worst that is said about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from review.limits import over_limits
from review.loss import holding_of
from review.model import (
    AccessChange,
    Certainty,
    Change,
    Coverage,
    Finding,
    FindingState,
    Kind,
    Problem,
    Reason,
    StackChange,
    StageVerdict,
    StrayAlarm,
    Verdict,
)
from review.stages import is_production
from review.templates import Pair, Template


@dataclass(frozen=True, kw_only=True)
class Said:
    """All that has a verdict."""

    changes: tuple[Change, ...]
    stacks: tuple[StackChange, ...]
    access: tuple[AccessChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    stray_alarms: tuple[StrayAlarm, ...] = ()
    problems: tuple[Problem, ...] = ()

    def worst(self, stage: str = "") -> Verdict:
        """The worst verdict of a stage, or of all; what is acknowledged counts as seen."""
        verdicts = [
            *((change.stage, counted(change)) for change in self.changes),
            *((access.stage, counted(access)) for access in self.access),
            *((finding.stage, finding.verdict) for finding in self.findings if finding.state is FindingState.NEW),
            *((stack.stage, stack.verdict) for stack in self.stacks),
            *((covered.stage, covered.verdict) for covered in self.coverage),
            *((problem.stage, problem.verdict) for problem in self.problems),
            *((alarm.stage, alarm.reason.verdict) for alarm in self.stray_alarms),
        ]
        return max((verdict for where, verdict in verdicts if stage in ("", where)), default=Verdict.HARMLESS)


def counted(item: Change | AccessChange) -> Verdict:
    """The verdict as it counts: an acknowledged danger is to be looked at; what is surely refused stays so."""
    refused = any(each.verdict is Verdict.BLOCKED and each.certainty is Certainty.SURE for each in item.reasons)
    return item.verdict if item.acknowledged is None or refused else min(item.verdict, Verdict.LOOK)


def stage_verdict(stage: str, said: Said) -> StageVerdict:
    """One stage in one line."""
    return StageVerdict(
        stage=stage,
        verdict=said.worst(stage),
        production=is_production(stage),
        counts=_counts(change for change in said.changes if change.stage == stage),
    )


def stack_change(pair: Pair, changes: Iterable[Change]) -> StackChange:
    """What happens to a stack as a whole."""
    mine = [change for change in changes if (change.stage, change.stack) == (pair.stage, pair.stack)]
    reasons = tuple(_reasons(pair))
    return StackChange(
        stage=pair.stage,
        stack=pair.stack,
        kind=_kind(pair, mine),
        resources_before=_size(pair.before),
        resources_after=_size(pair.after),
        counts=_counts(mine),
        reasons=reasons,
        verdict=max((reason.verdict for reason in reasons), default=Verdict.HARMLESS),
    )


def _kind(pair: Pair, changes: list[Change]) -> Kind | None:
    if pair.before is None:
        return Kind.ADDED
    if pair.after is None:
        return Kind.REMOVED
    return Kind.CHANGED if changes else None


def _reasons(pair: Pair) -> Iterable[Reason]:
    if pair.before is None:
        yield Reason(rule="stack-added", text=f"the stack {pair.stack} is new", verdict=Verdict.LOOK)
    if pair.after is None and pair.before is not None:
        holding = sum(holding_of(resource["Type"]) is not None for resource in pair.before.resources.values())
        text = (
            f"the stack {pair.stack} is no longer there; it stays deployed until somebody deletes it, "
            f"and {holding} of its resources hold data"
        )
        # To look at: no deployment removes it. Of its resources each that would be lost is a danger of its own.
        yield Reason(rule="stack-removed", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)
    if pair.after is not None and not pair.same:
        yield from over_limits(pair.stack, pair.after.body)


def _counts(changes: Iterable[Change]) -> tuple[tuple[Kind, int], ...]:
    found = Counter(change.kind for change in changes if change.section == "Resources")
    return tuple((kind, found[kind]) for kind in Kind if found[kind])


def _size(template: Template | None) -> int:
    return len(template.resources) if template else 0
