"""Which removed and added resources are the same under another logical id, or in another stack of the stage.

CloudFormation knows no renames: it makes the new one, then removes the old one by its DeletionPolicy. A reader should
see one line that says so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from review.compare import properties_between
from review.intrinsics import canonical
from review.model import ABSENT, PropertyChange
from review.names import construct_path, own_name
from review.subjects import Subject, properties_of

MOST_RANKED = 10_000
"""More equal pairs than this are taken in the order of their names: to rank them all would take too long."""

Identity = Callable[[Subject, Mapping[str, Any]], str | None]


def _moving(removed: Iterable[Subject], added: Iterable[Subject]) -> dict[str, str]:
    """The logical ids that are on one side alone, each of which stands for any other."""
    return {subject.logical_id: "" for side in (removed, added) for subject in side}


def with_renames(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The subjects of one stage, each removed and added pair that is one resource made into one subject."""
    every = list(subjects)
    pairs = _pairs(every)
    gone = {id(pair.removed) for pair in pairs}
    moving = _moving((pair.removed for pair in pairs), (pair.added for pair in pairs))
    merged = {id(pair.added): _merged(pair, moving) for pair in pairs}
    return tuple(merged.get(id(subject), subject) for subject in every if id(subject) not in gone)


@dataclass(frozen=True)
class _Pair:
    removed: Subject
    added: Subject


def _pairs(subjects: list[Subject]) -> list[_Pair]:
    removed = [each for each in subjects if each.section == "Resources" and each.after is None]
    added = [each for each in subjects if each.section == "Resources" and each.before is None]
    if not removed or not added:
        return []
    found: list[_Pair] = []
    # Those that are found first count too: what is found later may refer to them.
    moving = _moving(removed, added)
    for within in (True, False):
        for identity in (_by_name, _by_content, *((_by_type,) if within else ())):
            found += _matched(removed, added, identity, within, moving)
            taken = {id(side) for pair in found for side in (pair.removed, pair.added)}
            removed = [each for each in removed if id(each) not in taken]
            added = [each for each in added if id(each) not in taken]
    return found


def _matched(
    removed: list[Subject], added: list[Subject], identity: Identity, within: bool, moving: Mapping[str, str]
) -> Iterator[_Pair]:
    """The pairs of equal identity; of several that are equal, the ones whose construct paths are nearest."""
    groups: dict[tuple[str, ...], tuple[list[Subject], list[Subject]]] = defaultdict(lambda: ([], []))
    for side, subjects in enumerate((removed, added)):
        for subject in subjects:
            same = identity(subject, moving)
            if same is not None:
                groups[subject.stack if within else "", subject.type, same][side].append(subject)
    for key in sorted(groups):
        # Where nothing tells several apart, nobody can say which of them was renamed.
        if identity is not _by_type or [len(side) for side in groups[key]] == [1, 1]:
            yield from _nearest(*groups[key])


def _nearest(removed: list[Subject], added: list[Subject]) -> Iterator[_Pair]:
    left, right = sorted(removed, key=_place), sorted(added, key=_place)
    if 1 < len(left) * len(right) <= MOST_RANKED:
        ranked = sorted(
            ((-_nearness(old, new), _place(old), _place(new), old, new) for old in left for new in right),
            key=lambda rank: rank[:3],
        )
    else:
        ranked = [(0.0, _place(old), _place(new), old, new) for old, new in zip(left, right, strict=False)]
    taken: set[int] = set()
    for _, _, _, old, new in ranked:
        if not {id(old), id(new)} & taken:
            taken |= {id(old), id(new)}
            yield _Pair(old, new)


def _place(subject: Subject) -> tuple[str, str]:
    return subject.stack, subject.logical_id


def _nearness(old: Subject, new: Subject) -> float:
    first, second = (
        construct_path(side) or name for side, name in ((old.before, old.logical_id), (new.after, new.logical_id))
    )
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _by_name(subject: Subject, moving: Mapping[str, Any]) -> str | None:
    name = own_name(_resource(subject))
    return None if name is None else _text(name, moving)


def _by_content(subject: Subject, moving: Mapping[str, Any]) -> str | None:
    """The properties, where names that themselves move are all the same; None where there is nothing to tell by."""
    properties = properties_of(_resource(subject))
    return _text(properties, moving) if properties else None


def _by_type(subject: Subject, _: Mapping[str, Any]) -> str | None:
    """Nothing more than its type, where it has no properties."""
    return None if properties_of(_resource(subject)) else ""


def _resource(subject: Subject) -> Mapping[str, Any]:
    found: Mapping[str, Any] = subject.before if subject.after is None else subject.after
    return found


def _text(value: Any, moving: Mapping[str, Any]) -> str:
    return json.dumps(_without_names(canonical(value), moving), sort_keys=True)


def _without_names(value: Any, moving: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return moving.get(value, value)
    if isinstance(value, Mapping):
        return {name: _without_names(inner, moving) for name, inner in value.items()}
    return [_without_names(inner, moving) for inner in value] if isinstance(value, list | tuple) else value


def _merged(pair: _Pair, moving: Mapping[str, str]) -> Subject:
    old, new = pair.removed, pair.added
    resources = {**(old.old.resources if old.old else {}), **(new.new.resources if new.new else {})}
    changes: tuple[PropertyChange, ...] = properties_between(old.before, new.after, resources)
    return replace(
        new,
        before=old.before,
        old=old.old,
        properties=tuple(change for change in changes if _is_own(change, moving)),
        before_id=old.logical_id if old.logical_id != new.logical_id else "",
        before_stack=old.stack if old.stack != new.stack else "",
    )


def _is_own(change: PropertyChange, moving: Mapping[str, str]) -> bool:
    """Whether more changes than the name of something that is renamed as well."""
    if ABSENT in (change.before, change.after):
        return True
    return _text(change.before, moving) != _text(change.after, moving)
