"""Findings of linters and guard rails: which came with the change, which went with it, which are as before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from review.model import Change, Finding, FindingState, Kind, Path, Verdict

_NUMBERS = re.compile(r"\d+")
_ERRORS = frozenset({"error", "fatal", "critical", "high"})
_NOTES = frozenset({"informational", "info", "information", "low", "note"})
LINTER = "cfn-lint"
"""It reads snapshots, which are not quite what is deployed: its errors are to be looked at."""
Names = Mapping[tuple[str, str, str], str]
"""For a renamed resource, by stage, stack and its logical id before: the one that it has now."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding on one side, as its tool has it."""

    stage: str
    stack: str
    tool: str
    rule: str
    severity: str
    message: str
    logical_id: str = ""
    construct_path: str = ""
    path: Path = ()
    suppressed: str | None = None


def compared_findings(base: Iterable[Found], head: Iterable[Found], changes: Iterable[Change]) -> tuple[Finding, ...]:
    """Every finding of both sides once, with what became of it; new ones first, the worst of them first."""
    names = _names(changes)
    old = sorted(base, key=_order)
    new = sorted(head, key=_order)
    found: list[Finding] = []
    for sameness in (_exactly, _loosely):
        old, new, both = _matched(old, new, names, sameness)
        found += [_finding(each, FindingState.UNCHANGED) for each in both]
    found += [_finding(each, FindingState.NEW) for each in new]
    found += [_finding(each, FindingState.FIXED) for each in old]
    return tuple(sorted(found, key=_importance))


def _matched(
    old: list[Found], new: list[Found], names: Names, sameness: Callable[[Found, Names], tuple[object, ...]]
) -> tuple[list[Found], list[Found], list[Found]]:
    """What is left of both sides, and the findings of the head side that were on the base side as well."""
    before = Counter(sameness(each, names) for each in old)
    both, left = [], []
    for each in new:
        key = sameness(each, {})
        if before[key]:
            before[key] -= 1
            both.append(each)
        else:
            left.append(each)
    gone = []
    for each in old:
        key = sameness(each, names)
        if before[key]:
            before[key] -= 1
            gone.append(each)
    return gone, left, both


def _exactly(found: Found, names: Names) -> tuple[object, ...]:
    """What makes two findings the same; positions in lists and numbers in messages move, so they do not count."""
    steps = tuple(step for step in found.path if not isinstance(step, int))
    renamed = names.get((found.stage, found.stack, found.logical_id), found.logical_id)
    return (*_loosely(found, names), steps if renamed == found.logical_id else (), _NUMBERS.sub("", found.message))


def _loosely(found: Found, names: Names) -> tuple[object, ...]:
    """The same rule on the same resource, accepted or not, whatever its message says."""
    name = names.get((found.stage, found.stack, found.logical_id), found.logical_id)
    where = name or found.construct_path
    return found.stage, found.stack, found.tool, found.rule, where, found.suppressed is None


def _names(changes: Iterable[Change]) -> Names:
    return {
        (change.stage, change.stack, change.renamed_from): change.logical_id
        for change in changes
        if change.kind is Kind.RENAMED and change.renamed_from and not change.moved_from
    }


def _finding(found: Found, state: FindingState) -> Finding:
    return Finding(
        stage=found.stage,
        stack=found.stack,
        tool=found.tool,
        rule=found.rule,
        severity=found.severity,
        message=found.message,
        logical_id=found.logical_id,
        construct_path=found.construct_path,
        path=found.path,
        state=state,
        verdict=_verdict(found) if state is FindingState.NEW else Verdict.HARMLESS,
        suppressed=found.suppressed,
    )


def _verdict(found: Found) -> Verdict:
    """How bad a new one is: an accepted one is to be looked at, as its reason is."""
    if found.severity in _NOTES:
        return Verdict.HARMLESS
    refused = found.suppressed is None and found.severity in _ERRORS and found.tool != LINTER
    return Verdict.DANGER if refused else Verdict.LOOK


def _order(found: Found) -> tuple[str, ...]:
    return (found.stage, found.stack, found.logical_id, found.construct_path, found.tool, found.rule, found.message)


def _importance(finding: Finding) -> tuple[int, int, str, str]:
    states = (FindingState.NEW, FindingState.FIXED, FindingState.UNCHANGED)
    return states.index(finding.state), -finding.verdict, finding.tool, finding.rule
