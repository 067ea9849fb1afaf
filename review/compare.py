"""Two templates of one stack into what differs: resources with their properties, and the entries of other sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from review.difference import Difference, Sort, differences, identical
from review.model import ABSENT, PropertyChange
from review.overlay import UNORDERED
from review.replacement import ORDER_REASON, facts_of, property_change
from review.subjects import Subject
from review.templates import Pair

METADATA = "metadata"
_READ_METADATA = "AWS::CloudFormation::"
"""Metadata that CloudFormation's own helpers act on: cfn-init, cfn-auth."""

_BY_ENTRY = ("Resources", "Outputs", "Parameters", "Conditions", "Mappings", "Rules")


def compared(pair: Pair) -> tuple[tuple[Subject, ...], Counter[str]]:
    """Everything in which the two sides of a stack differ, in the order of names, and what was left out."""
    hidden: Counter[str] = Counter()
    return (*_resources(pair, hidden), *_sections(pair, hidden)), hidden


def _resources(pair: Pair, hidden: Counter[str]) -> Iterator[Subject]:
    before = pair.before.resources if pair.before else {}
    after = pair.after.resources if pair.after else {}
    both = {**before, **after}
    for name in sorted(both):
        old, new = before.get(name), after.get(name)
        if old is None or new is None or not identical(old, new):
            found = _properties(old, new, both, hidden) if old and new else ()
            if old is None or new is None or found:
                yield _subject(pair, "Resources", name, old, new, found)


def properties_between(old: Any, new: Any, resources: Mapping[str, Any]) -> tuple[PropertyChange, ...]:
    """What differs between two resources that are taken for the same, noise left out."""
    return _properties(old, new, resources, Counter())


def _properties(old: Any, new: Any, resources: Mapping[str, Any], hidden: Counter[str]) -> tuple[PropertyChange, ...]:
    return tuple(_resource_changes(old, new, resources, hidden))


def _resource_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], resources: Mapping[str, Any], hidden: Counter[str]
) -> Iterator[PropertyChange]:
    kind = new["Type"]
    facts = facts_of(kind)
    sets = facts.sets if facts else frozenset()
    for section in sorted({*old, *new}):
        before, after = old.get(section, ABSENT), new.get(section, ABSENT)
        if section == "Properties":
            before, after = ({} if side is ABSENT else side for side in (before, after))
        elif section == "DependsOn":
            before, after = ([side] if isinstance(side, str) else side for side in (before, after))
        for difference in _heard(differences(before, after), section, sets, hidden):
            if section == "Properties":
                yield property_change(kind, difference, resources)
            else:
                yield _plain(section, difference)


def _heard(
    found: Iterator[Difference], section: str, sets: frozenset[str], hidden: Counter[str]
) -> Iterator[Difference]:
    """The differences without those that mean nothing, which are counted."""
    for difference in found:
        last = next((step for step in reversed(difference.path) if isinstance(step, str)), section)
        if difference.sort is Sort.WRITING:
            hidden["written otherwise"] += 1
        elif difference.sort is Sort.ORDER and (last in UNORDERED or last in sets):
            hidden["order"] += 1
        elif section == "Metadata" and not _is_read(difference):
            hidden[METADATA] += 1
        else:
            yield difference


def _is_read(difference: Difference) -> bool:
    if difference.path:
        return str(difference.path[0]).startswith(_READ_METADATA)
    sides = (difference.before, difference.after)
    return any(str(name).startswith(_READ_METADATA) for side in sides if isinstance(side, Mapping) for name in side)


def _sections(pair: Pair, hidden: Counter[str]) -> Iterator[Subject]:
    before = pair.before.normal if pair.before else {}
    after = pair.after.normal if pair.after else {}
    for section in sorted({*before, *after} - {"Resources"}):
        old, new = before.get(section), after.get(section)
        if section == "Metadata":
            hidden[METADATA] += 0 if identical(old, new) else 1
            continue
        entries = section in _BY_ENTRY
        olds, news = (_entries(side, entries) for side in (old, new))
        for name in sorted({*olds, *news}):
            found = tuple(
                _heard(differences(olds.get(name, ABSENT), news.get(name, ABSENT)), section, frozenset(), hidden)
            )
            if found:
                changes = tuple(_plain("", difference) for difference in found)
                yield _subject(pair, section, name, olds.get(name), news.get(name), changes)


def _entries(side: Any, by_entry: bool) -> Mapping[str, Any]:
    if side is None:
        return {}
    return side if by_entry and isinstance(side, Mapping) else {"": side}


def _plain(section: str, difference: Difference) -> PropertyChange:
    reason = ORDER_REASON if difference.sort is Sort.ORDER else None
    return PropertyChange(
        section=section, path=difference.path, before=difference.before, after=difference.after, reason=reason
    )


def _subject(
    pair: Pair, section: str, name: str, before: Any, after: Any, properties: tuple[PropertyChange, ...]
) -> Subject:
    return Subject(
        stage=pair.stage,
        stack=pair.stack,
        section=section,
        logical_id=name,
        before=before,
        after=after,
        old=pair.before,
        new=pair.after,
        properties=properties,
    )
