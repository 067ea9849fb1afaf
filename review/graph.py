"""What depends on what in the templates of one stage: an edge for each reference that a change can travel along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.intrinsics import Reference, Refers, as_name, is_intrinsic, references
from review.model import ABSENT, Replaces
from review.overlay import NESTED_STACK, is_custom
from review.paths import COMPUTED, Pattern, functions_on, values_at
from review.replacement import facts_of
from review.subjects import ORDER, properties_of
from review.templates import Template

STORE = "Parameter store"
_STORED = "AWS::SSM::Parameter"


@dataclass(frozen=True, order=True)
class Node:
    """Something whose value others may refer to: a resource, a parameter, an output, a mapping, a condition."""

    stack: str
    section: str
    """A template's section, or STORE for a name in the parameter store, which is in no stack."""
    name: str


@dataclass(frozen=True, order=True)
class Edge:
    """One reference: where the source's value becomes another, the target is replaced, or its value changes too."""

    source: Node
    target: Node
    attribute: str
    """Which attribute of the source; empty for its Ref."""
    pattern: Pattern
    """The property of the target that refers; empty for a target that is no resource."""
    most: Replaces
    """How surely the target follows at the most."""


def edges_of(heads: Iterable[Template]) -> Iterator[Edge]:
    """Every edge of the templates of one stage."""
    stage = _Stage(tuple(heads))
    for head in stage.heads:
        for name, resource in head.resources.items():
            yield from _of_resource(stage, head, Node(head.stack, "Resources", name), resource)
        for section in ("Outputs", "Conditions", "Parameters"):
            for name, entry in (head.normal.get(section) or {}).items():
                yield from _of_entry(stage, head, Node(head.stack, section, name), entry)


class _Stage:
    """The names of one stage, to find what a reference leads to."""

    def __init__(self, heads: tuple[Template, ...]) -> None:
        self.heads = heads
        self.nested = {head.nested_in: head.stack for head in heads if head.nested_in}
        self.exports = {
            as_name(output["Export"]["Name"]): Node(head.stack, "Outputs", name)
            for head in heads
            for name, output in (head.normal.get("Outputs") or {}).items()
            if isinstance(output, Mapping) and isinstance(output.get("Export"), Mapping) and "Name" in output["Export"]
        }

    def node(self, head: Template, reference: Reference) -> tuple[Node, str] | None:
        """What a reference in `head` leads to and the attribute of it; None where no template shows it."""
        match reference.refers:
            case Refers.NAME if reference.name in head.resources:
                child = self.nested.get((head.stack, reference.name))
                if child and reference.attribute.startswith("Outputs."):
                    return Node(child, "Outputs", reference.attribute.removeprefix("Outputs.")), ""
                return Node(head.stack, "Resources", reference.name), reference.attribute
            case Refers.NAME:
                return Node(head.stack, "Parameters", reference.name), ""
            case Refers.CONDITION:
                return Node(head.stack, "Conditions", reference.name), ""
            case Refers.MAPPING:
                return Node(head.stack, "Mappings", reference.name), ""
            case Refers.SSM:
                return Node("", STORE, reference.name), ""
            case Refers.EXPORT:
                found = self.exports.get(reference.name)
                return (found, "") if found else None
            case Refers.OUTPUT:
                stack = self.stack_named(reference.name)
                return (Node(stack, "Outputs", reference.attribute), "") if stack else None

    def stack_named(self, name: str) -> str:
        """The stack that CloudFormation calls so; a snapshot does not hold its name, so its end has to do."""
        exact = [head.stack for head in self.heads if name in (head.stack_name, head.stack)]
        alike = [head.stack for head in self.heads if name.lower().endswith("-" + head.stack.lower())]
        found = exact or sorted(alike, key=len, reverse=True)
        return found[0] if found else ""


def _of_resource(stage: _Stage, head: Template, node: Node, resource: Mapping[str, Any]) -> Iterator[Edge]:
    properties = properties_of(resource)
    for pattern, most in _patterns(resource["Type"]):
        if pattern and pattern[0] not in properties:
            continue
        for value in values_at(properties, pattern):
            if value not in (ABSENT, COMPUTED):
                yield from _edges(stage, head, node, references(value), pattern, most)
        for function in functions_on(properties, pattern):
            yield from _edges(stage, head, node, references(function), pattern, Replaces.MAYBE)
    if resource["Type"] == NESTED_STACK and (child := stage.nested.get((head.stack, node.name))):
        given = properties.get("Parameters")
        for name, value in given.items() if isinstance(given, Mapping) and not is_intrinsic(given) else ():
            yield from _edges(stage, head, Node(child, "Parameters", name), references(value), (), Replaces.YES)
    if resource["Type"] == _STORED and "Name" in properties:
        stored = Node("", STORE, as_name(properties["Name"]))
        yield from _edges(stage, head, stored, references(properties.get("Value")), (), Replaces.MAYBE)


def _patterns(kind: str) -> Iterator[tuple[Pattern, Replaces]]:
    facts = facts_of(kind)
    if facts is None or is_custom(kind) or facts.fixed:
        yield (), Replaces.MAYBE
    if facts is not None and not is_custom(kind):
        yield from ((pattern, Replaces.YES) for pattern in facts.create_only)
        yield from ((pattern, Replaces.MAYBE) for pattern in facts.conditional)


def _of_entry(stage: _Stage, head: Template, node: Node, entry: Any) -> Iterator[Edge]:
    if node.section == "Parameters":
        if isinstance(entry, Mapping) and str(entry.get("Type")).startswith(f"{_STORED}::Value"):
            yield Edge(Node("", STORE, as_name(entry.get("Default"))), node, "", (), Replaces.MAYBE)
        return
    value = entry.get("Value") if node.section == "Outputs" and isinstance(entry, Mapping) else entry
    most = Replaces.YES if node.section == "Outputs" else Replaces.MAYBE
    yield from _edges(stage, head, node, references(value), (), most)


def _edges(
    stage: _Stage, head: Template, target: Node, found: Iterable[Reference], pattern: Pattern, most: Replaces
) -> Iterator[Edge]:
    for reference in found:
        led = stage.node(head, reference)
        if led is not None and led[0] != target:
            unsure = reference.conditional or led[0].section not in ("Resources", "Outputs")
            limit = min(most, Replaces.MAYBE, key=ORDER.index) if unsure else most
            yield Edge(led[0], target, led[1], pattern, limit)
