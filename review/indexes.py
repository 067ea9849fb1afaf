"""What changes about the keys and indexes of a DynamoDB table that is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.intrinsics import has_intrinsic, is_intrinsic, same
from review.model import Certainty, PropertyChange, Reason, Replaces, Verdict
from review.overlay import TABLES
from review.subjects import Subject, properties_of

INDEXES = "GlobalSecondaryIndexes"


@dataclass(frozen=True)
class IndexChanges:
    """The global indexes by name: those that go, those that come, and those whose keys or projection change."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    computed: bool
    """Whether the list of indexes depends on values that the template does not hold."""

    @property
    def steps(self) -> int:
        """How many indexes are made or removed in all; one deployment can do one."""
        return len(self.removed) + len(self.added) + 2 * len(self.changed)


def is_deployed_table(subject: Subject) -> bool:
    """Whether the subject is a DynamoDB table that is in both templates."""
    return subject.type in TABLES and subject.before is not None and subject.after is not None


def index_changes(subject: Subject) -> IndexChanges:
    """What happens to the global indexes of a table that is in both templates."""
    before, after = properties_of(subject.before), properties_of(subject.after)
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        computed = not same(before.get(INDEXES), after.get(INDEXES))
        return IndexChanges((), (), (), computed)
    types = _types(before), _types(after)
    return IndexChanges(
        removed=tuple(sorted(set(old) - set(new))),
        added=tuple(sorted(set(new) - set(old))),
        changed=tuple(name for name in sorted(set(old) & set(new)) if _is_other(old[name], new[name], *types)),
        computed=False,
    )


def with_key_types(subject: Subject) -> Subject:
    """The table, replaced as well where an attribute of its own key or of a local index gets another type."""
    if not is_deployed_table(subject):
        return subject
    return replace(subject, properties=tuple(_typed(change, subject) for change in subject.properties))


def _typed(change: PropertyChange, subject: Subject) -> PropertyChange:
    if change.section != "Properties" or change.path[:1] != ("AttributeDefinitions",):
        return change
    before, after = properties_of(subject.before), properties_of(subject.after)
    held = _attributes(before) & _attributes(after)
    changed = sorted(name for name in held if _types(before).get(name) != _types(after).get(name))
    if not changed:
        return change
    text = f"{changed[0]} is part of the table's own key and gets another type: a new, empty table is made"
    reason = Reason(rule="table-key", text=text, verdict=Verdict.LOOK, certainty=Certainty.SURE)
    return replace(change, replaces=Replaces.YES, reason=reason)


def _attributes(properties: Mapping[str, Any]) -> set[str]:
    """The attributes of the table's own key and of its local indexes."""
    local = properties.get("LocalSecondaryIndexes")
    keys = [properties.get("KeySchema")]
    keys += [index.get("KeySchema") for index in local if isinstance(index, Mapping)] if isinstance(local, list) else []
    return {name for key in keys for name in _names(key)}


def _names(key: Any) -> list[str]:
    if not isinstance(key, list):
        return []
    return [part["AttributeName"] for part in key if isinstance(part, Mapping) and _is_text(part.get("AttributeName"))]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _types(properties: Mapping[str, Any]) -> dict[str, Any]:
    defined = properties.get("AttributeDefinitions")
    if not isinstance(defined, list):
        return {}
    return {
        each["AttributeName"]: each.get("AttributeType")
        for each in defined
        if isinstance(each, Mapping) and _is_text(each.get("AttributeName"))
    }


def _by_name(properties: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    """The indexes by name; None where only CloudFormation can tell them."""
    indexes = properties.get(INDEXES, [])
    if not isinstance(indexes, list) or any(
        not isinstance(index, Mapping) or is_intrinsic(index) or not _is_text(index.get("IndexName"))
        for index in indexes
    ):
        return None
    return {index["IndexName"]: index for index in indexes}


def _is_other(
    old: Mapping[str, Any], new: Mapping[str, Any], types_before: Mapping[str, Any], types_after: Mapping[str, Any]
) -> bool:
    """Whether the index has to be made anew: by its keys, their types or its projection."""
    if not same(old.get("KeySchema"), new.get("KeySchema")):
        return True
    if any(types_before.get(name) != types_after.get(name) for name in _names(new.get("KeySchema"))):
        return True
    return _projection(old) != _projection(new)


def _projection(index: Mapping[str, Any]) -> tuple[Any, ...]:
    projection = index.get("Projection")
    if not isinstance(projection, Mapping) or has_intrinsic(projection):
        return (str(projection),)
    attributes = projection.get("NonKeyAttributes")
    return projection.get("ProjectionType"), sorted(map(str, attributes)) if isinstance(attributes, list) else []
