"""A whole review from the templates of both sides: every part of it is asked here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from review.model import (
    AccessChange,
    AcknowledgementCheck,
    Change,
    Cost,
    Coverage,
    Finding,
    Problem,
    Review,
    Side,
    StrayAlarm,
    TablePicture,
)
from review.replacement import table
from review.sources import SourceError
from review.stage_changes import changes_of
from review.stages import grouped, ordered, without_where
from review.subjects import Judge
from review.summaries import Said, stack_change, stage_verdict
from review.templates import Comparison, Pair, Templates

Changes = tuple[Change, ...]
Access = tuple[AccessChange, ...]
Acknowledged = tuple[Changes, Access, tuple[AcknowledgementCheck, ...]]


def _nothing(*_: object) -> tuple[()]:
    return ()


def _no_cost(*_: object) -> None:
    return None


def _none_acknowledged(changes: Changes, access: Access) -> Acknowledged:
    return changes, access, ()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a review is asked for beside the changes themselves; each part is a function of both sides.

    A part that needs more (prices, a report, the file of acknowledgements) has been given it before it comes here.
    """

    judges: tuple[Judge, ...] = ()
    """Each sees one resource that differs, and gives reasons: networks, public access, encryption."""
    access: Callable[[Comparison, Changes], Access] = _nothing
    findings: Callable[[Comparison, Changes], tuple[Finding, ...]] = _nothing
    cost: Callable[[Comparison, Changes], Cost | None] = _no_cost
    coverage: Callable[[Comparison, Changes], tuple[Coverage, ...]] = _nothing
    stray_alarms: Callable[[Comparison, Changes], tuple[StrayAlarm, ...]] = _nothing
    tables: Callable[[Comparison, Changes], tuple[TablePicture, ...]] = _nothing
    acknowledge: Callable[[Changes, Access], Acknowledged] = _none_acknowledged
    """Fills in `acknowledged` where a line of the file fits, and says what became of every line."""
    notes: tuple[str, ...] = ()


NO_PARTS = Parts()


def review(base: Templates, head: Templates, parts: Parts = NO_PARTS) -> Review:
    """All that can be said about going from `base` to `head`; raises SourceError where neither has a template."""
    if not (base.stacks or head.stacks or base.problems or head.problems):
        raise SourceError(f"there is no template in {base.label}, and none in {head.label}: name the right folder")
    comparison = compare(base, head)
    stages = [changes_of(pairs, parts.judges) for _, pairs in groupby(comparison.pairs, key=lambda pair: pair.stage)]
    judged = sorted((change for stage in stages for change in stage.changes), key=_importance)
    changes = tuple(judged)
    changes, access, checks = parts.acknowledge(changes, parts.access(comparison, changes))
    said = Said(
        changes=changes,
        stacks=tuple(stack_change(pair, changes) for pair in comparison.pairs),
        access=access,
        findings=parts.findings(comparison, changes),
        coverage=parts.coverage(comparison, changes),
        stray_alarms=parts.stray_alarms(comparison, changes),
        problems=problems_of(base, head),
    )
    seen = {pair.stage for pair in comparison.pairs} | {problem.stage for problem in said.problems}
    order = ordered(seen - {""})
    stacks = comparison.keys
    return Review(
        base=Side(label=base.label, revision=base.revision),
        head=Side(label=head.label, revision=head.revision),
        verdict=max((said.worst(), *(check.verdict for check in checks))),
        stages=tuple(stage_verdict(stage, said) for stage in order),
        stacks=said.stacks,
        changes=changes,
        groups=grouped(changes, lambda item: (item.logical_id, item.digest, item.verdict), order, stacks),
        access=grouped(access, lambda item: (item.logical_id, item.digest, item.verdict), order, stacks),
        findings=grouped(said.findings, without_where, order, stacks),
        cost=parts.cost(comparison, changes),
        coverage=grouped(said.coverage, without_where, order, stacks),
        stray_alarms=grouped(said.stray_alarms, without_where, order, stacks),
        tables=grouped(
            parts.tables(comparison, changes),
            lambda item: without_where(replace(item, svg="", mermaid="")),
            order,
            stacks,
        ),
        acknowledgements=checks,
        hidden=tuple(each for stage in stages for each in stage.hidden),
        problems=said.problems,
        schemas_dated=table().dated,
        schemas_region=table().region,
        notes=(*_notes(base, head), *parts.notes),
    )


def compare(base: Templates, head: Templates) -> Comparison:
    """Both sides of every stack that could be read wherever it is; the others are problems."""
    unread = {(problem.stage, problem.stack) for problem in (*base.problems, *head.problems)}
    keys = {*base.stacks, *head.stacks} - unread
    for side in (base, head):
        # Where it could not be read which stacks there are, one that is missing may well be there.
        keys = keys & set(side.stacks) if any(not problem.stage for problem in side.problems) else keys
    order = {stage: at for at, stage in enumerate(ordered(stage for stage, _ in keys))}
    pairs = (
        Pair(stage=stage, stack=stack, before=base.stacks.get((stage, stack)), after=head.stacks.get((stage, stack)))
        for stage, stack in sorted(keys, key=lambda key: (order[key[0]], key[1]))
    )
    return Comparison(base=base, head=head, pairs=tuple(pairs))


def problems_of(base: Templates, head: Templates) -> tuple[Problem, ...]:
    """What could not be read on either side, once where it is the same on both."""
    found: dict[tuple[str, str, str], Problem] = {}
    for problem in (*base.problems, *head.problems):
        key = (problem.stage, problem.stack, problem.text)
        found[key] = replace(problem, side="both") if key in found else problem
    return tuple(found[key] for key in sorted(found))


def _notes(base: Templates, head: Templates) -> Iterator[str]:
    if not base.stacks:
        yield f"{base.label} has no template, so that everything is new"
    if not head.stacks:
        yield f"{head.label} has no template, so that everything is gone"


def _importance(change: Change) -> tuple[int, bool, str, str, str]:
    """The worst first; sorting is stable, so that the stages stay in their order."""
    return -change.verdict, change.section != "Resources", change.section, change.stack, change.logical_id
