"""Everything that changes in one stage: each stack compared, then what its stacks do to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from review.compare import compared
from review.exports import blocked_exports
from review.graph import Node
from review.indexes import with_key_types
from review.loss import holding_of
from review.model import Change, Hidden
from review.noise import hidden_in
from review.renames import with_renames
from review.spread import Causes, causes_of, with_spread
from review.subjects import Judge, Subject
from review.templates import Pair
from review.verdict import change_of


@dataclass(frozen=True)
class StageChanges:
    """The changes of a stage, in the order of its stacks, and what was left out."""

    changes: tuple[Change, ...]
    hidden: tuple[Hidden, ...]


def changes_of(pairs: Iterable[Pair], judges: Iterable[Judge] = ()) -> StageChanges:
    """Everything that changes in the stage whose stacks are given."""
    pairs, judges = tuple(pairs), tuple(judges)
    found: list[Subject] = []
    hidden: list[Hidden] = []
    for pair in pairs:
        subjects, left_out = ((), Counter[str]()) if pair.same else compared(pair)
        found.extend(subjects)
        hidden.extend(hidden_in(pair, left_out))
    subjects = tuple(with_key_types(subject) for subject in with_renames(found))
    bases = tuple(pair.before for pair in pairs if pair.before is not None)
    heads = tuple(pair.after for pair in pairs if pair.after is not None)
    causes = causes_of(subjects, bases, heads)
    both = {pair.stack: (pair.before, pair.after) for pair in pairs if pair.before and pair.after}
    subjects = with_spread(subjects, causes, both)
    blocked = blocked_exports(bases, heads, causes) if subjects else {}
    known = {_node(subject) for subject in subjects}
    subjects = (*subjects, *_conditional(pairs, causes, known), *_untouched(pairs, blocked, known))
    changes = (
        change_of(
            subject,
            judges,
            condition_changed=_condition_changed(subject, causes),
            blocked=[blocked[_node(subject)]] if _node(subject) in blocked else [],
        )
        for subject in subjects
    )
    return StageChanges(tuple(changes), tuple(hidden))


def _node(subject: Subject) -> Node:
    return Node(subject.stack, subject.section, subject.logical_id)


def _condition_changed(subject: Subject, causes: Causes) -> bool:
    """Whether a resource that is on both sides may come or go with the condition that it has."""
    if subject.section != "Resources" or subject.before is None or subject.after is None or subject.renamed:
        return False
    if subject.before.get("Condition") != subject.after.get("Condition"):
        return True
    return Node(subject.stack, "Conditions", str(subject.after.get("Condition"))) in causes


def _conditional(pairs: Iterable[Pair], causes: Causes, known: set[Node]) -> Iterator[Subject]:
    """The resources that hold data, do not change themselves, and exist under a condition that does."""
    conditions = {node for node in causes if node.section == "Conditions"}
    for pair in pairs if conditions else ():
        for name, after in pair.after.resources.items() if pair.after else ():
            node = Node(pair.stack, "Resources", name)
            if node not in known and Node(pair.stack, "Conditions", str(after.get("Condition"))) in conditions:
                subject = _as_it_is(pair, node)
                if subject.before is not None and holding_of(subject.type) is not None:
                    yield subject


def _untouched(pairs: Iterable[Pair], blocked: Iterable[Node], known: set[Node]) -> Iterator[Subject]:
    """The outputs that do not change in writing and that CloudFormation refuses to give their new value."""
    by_stack = {pair.stack: pair for pair in pairs}
    yield from (_as_it_is(by_stack[node.stack], node) for node in sorted(set(blocked) - known))


def _as_it_is(pair: Pair, node: Node) -> Subject:
    before, after = (
        (side.normal.get(node.section) or {}).get(node.name) if side else None for side in (pair.before, pair.after)
    )
    return Subject(
        stage=pair.stage,
        stack=pair.stack,
        section=node.section,
        logical_id=node.name,
        before=before,
        after=after,
        old=pair.before,
        new=pair.after,
    )
