"""What else a replaced resource replaces: who refers to it in a property that can be set only at creation, and so on.

References are followed through Ref, Fn::GetAtt, Fn::Sub, outputs, exports, imports, nested stacks and the parameter
store, as far as the templates of one stage show them, until nothing new is found.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.graph import Edge, Node, edges_of
from review.model import Certainty, PropertyChange, Reason, Replaces, Verdict
from review.overlay import ATTRIBUTES, is_custom
from review.paths import values_at
from review.subjects import ORDER, Subject, properties_of
from review.templates import Template

_IDENTITIES = ("Arn", "Id", "Name", "Url", "URL", "Endpoint", "Address")
"""How attributes end that are others with another resource."""
_VALUES = ("Parameters", "Conditions", "Mappings", "Outputs")


@dataclass(frozen=True)
class Cause:
    """How something comes to change: how sure, through which edge, and over whom."""

    level: Replaces
    edge: Edge | None
    """None for what changes by itself."""
    chain: tuple[str, ...]
    """The names on the way, the first cause first."""


Causes = Mapping[Node, Cause]


def causes_of(subjects: Iterable[Subject], bases: Iterable[Template], heads: Iterable[Template]) -> Causes:
    """Everything of a stage that is replaced, or whose value becomes another, with the cause."""
    heads = tuple(heads)
    found: dict[Node, Cause] = {}
    updated: dict[Node, frozenset[str]] = {}
    for subject in subjects:
        if subject.before is not None and subject.after is not None and not subject.renamed:
            node = _node(subject)
            level = _own_level(subject)
            if level is not Replaces.NO:
                found[node] = Cause(level, None, (subject.logical_id,))
            updated[node] = _updated_attributes(subject)
    if found or any(updated.values()):
        existing = {Node(base.stack, "Resources", name) for base in bases for name in base.resources}
        _spread(found, updated, heads, existing)
    return found


def _spread(
    found: dict[Node, Cause],
    updated: Mapping[Node, frozenset[str]],
    heads: tuple[Template, ...],
    existing: set[Node],
) -> None:
    outgoing: dict[Node, list[Edge]] = defaultdict(list)
    for edge in sorted(edges_of(heads)):
        if edge.target.section != "Resources" or edge.target in existing:
            outgoing[edge.source].append(edge)
    resources = {Node(head.stack, "Resources", name): each for head in heads for name, each in head.resources.items()}
    waiting = deque(sorted({*found, *(node for node, attributes in updated.items() if attributes)}))
    while waiting:
        source = waiting.popleft()
        cause = found.get(source)
        for edge in outgoing[source]:
            level = cause.level if cause else Replaces.NO
            if edge.attribute:
                level = _of_attribute(edge.attribute, level, updated.get(source, frozenset()), resources.get(source))
            level = min(level, edge.most, key=ORDER.index)
            if ORDER.index(level) > ORDER.index(found[edge.target].level if edge.target in found else Replaces.NO):
                chain = cause.chain if cause else (source.name,)
                found[edge.target] = Cause(level, edge, (*chain, edge.target.name))
                waiting.append(edge.target)


def _node(subject: Subject) -> Node:
    return Node(subject.stack, subject.section, subject.logical_id)


def _own_level(subject: Subject) -> Replaces:
    """How surely a reference to the subject gets another value because of the subject's own change."""
    if subject.section == "Resources":
        unsure = subject.replaces is Replaces.UNKNOWN or any(each.section == "Condition" for each in subject.properties)
        return max(subject.replaces, Replaces.MAYBE, key=ORDER.index) if unsure else subject.replaces
    return Replaces.MAYBE if subject.section in _VALUES else Replaces.NO


def _updated_attributes(subject: Subject) -> frozenset[str]:
    """The attributes of a resource that an update in place makes others."""
    if subject.section != "Resources":
        return frozenset()
    names = {str(change.path[0]) for change in subject.properties if change.section == "Properties" and change.path}
    return frozenset({*names, *(one for name in names for one in ATTRIBUTES.get((subject.type, name), ()))})


def _of_attribute(
    attribute: str, level: Replaces, updated: frozenset[str], source: Mapping[str, Any] | None
) -> Replaces:
    """How surely an attribute of a resource gets another value, where the resource is replaced as surely as `level`."""
    if attribute in updated:
        return max(level, Replaces.MAYBE, key=ORDER.index)
    if level is Replaces.NO or attribute in properties_of(source):
        return Replaces.NO
    by_code = source is not None and is_custom(source["Type"])
    sure = attribute.endswith(_IDENTITIES) and not by_code
    return level if sure else min(level, Replaces.MAYBE, key=ORDER.index)


def with_spread(
    subjects: Iterable[Subject], causes: Causes, templates: Mapping[str, tuple[Template, Template]]
) -> tuple[Subject, ...]:
    """The subjects of a stage, and those resources that are only affected; `templates` by stack, base and head."""
    known = {_node(subject): subject for subject in subjects}
    for node in sorted(causes):
        cause = causes[node]
        if cause.edge is None or node.section != "Resources" or node.stack not in templates:
            continue
        old, new = templates[node.stack]
        subject = known.get(node) or _unchanged(node, old, new)
        if subject.before is not None and subject.after is not None:
            known[node] = replace(subject, properties=_merged(subject, cause, cause.edge))
    return tuple(known.values())


def _unchanged(node: Node, old: Template, new: Template) -> Subject:
    return Subject(
        stage=new.stage,
        stack=node.stack,
        section=node.section,
        logical_id=node.name,
        before=old.resources.get(node.name),
        after=new.resources.get(node.name),
        old=old,
        new=new,
    )


def _merged(subject: Subject, cause: Cause, edge: Edge) -> tuple[PropertyChange, ...]:
    """The subject's changes with the one that the cause brings, in the place of its own one of the same property."""
    path = tuple(name for name in edge.pattern if name != "*")
    change = PropertyChange(
        path=path,
        before=_value(subject.before, edge),
        after=_value(subject.after, edge),
        replaces=cause.level,
        reason=_reason(cause, edge, path),
    )
    same = [each for each in subject.properties if (each.section, each.path) == (change.section, change.path)]
    if any(ORDER.index(each.replaces) >= ORDER.index(change.replaces) for each in same):
        return subject.properties
    return (*(each for each in subject.properties if each not in same), change)


def _value(entry: Mapping[str, Any], edge: Edge) -> Any:
    found = values_at(properties_of(entry), edge.pattern)
    return found[0] if len(found) == 1 else found


def _reason(cause: Cause, edge: Edge, path: tuple[str, ...]) -> Reason:
    what = {"Resources": "is replaced", "Outputs": "gets another value"}.get(edge.source.section, "changes")
    maybe = cause.level is not Replaces.YES
    where = ".".join(path) or "a property"
    through = "" if len(cause.chain) < 3 else f" ({' → '.join(cause.chain)})"
    return Reason(
        rule="refers-to-replaced",
        text=f"{where} refers to {edge.source.name}, which {'may change' if maybe else what}{through}",
        verdict=Verdict.LOOK,
        certainty=Certainty.MAYBE if maybe else Certainty.SURE,
    )
