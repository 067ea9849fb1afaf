"""Outputs that other stacks import: CloudFormation refuses to change or remove them while they are in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from review.graph import Node
from review.intrinsics import Refers, as_name, references, same
from review.limits import Blocked
from review.model import Certainty, Reason, Replaces, Verdict
from review.spread import Causes
from review.templates import Template


@dataclass(frozen=True)
class _Export:
    node: Node
    value: object


def blocked_exports(bases: Iterable[Template], heads: Iterable[Template], causes: Causes) -> Mapping[Node, Blocked]:
    """For each output of a stage that cannot change as it does: why, and in which order it can."""
    bases, heads = tuple(bases), tuple(heads)
    old, new = _exports(bases), _exports(heads)
    if not old:
        return {}
    used_before, used_after = _imports(bases), _imports(heads)
    reviewed = {head.stack for head in heads}
    found: dict[Node, Blocked] = {}
    for name in sorted(old):
        node = old[name].node
        importers = sorted(used_before[name] - {node.stack})
        if not importers or node.stack not in reviewed:
            continue
        staying = sorted(used_after[name] - {node.stack})
        if name not in new:
            found[node] = _removed(name, node, importers, staying)
        elif level := _changes(old[name], new[name], causes):
            found[new[name].node] = _changed(name, importers, level)
    return found


def _exports(templates: Iterable[Template]) -> dict[str, _Export]:
    found: dict[str, _Export] = {}
    for template in templates:
        for name, output in (template.normal.get("Outputs") or {}).items():
            exported = output.get("Export") if isinstance(output, Mapping) else None
            if isinstance(exported, Mapping) and "Name" in exported:
                node = Node(template.stack, "Outputs", name)
                found[as_name(exported["Name"])] = _Export(node, output.get("Value"))
    return found


def _imports(templates: Iterable[Template]) -> defaultdict[str, set[str]]:
    """The stacks that import each export."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for template in templates:
        for section in ("Resources", "Outputs"):
            for reference in references(template.normal.get(section) or {}):
                if reference.refers is Refers.EXPORT:
                    found[reference.name].add(template.stack)
    return found


def _changes(old: _Export, new: _Export, causes: Causes) -> Replaces | None:
    if not same(old.value, new.value):
        return Replaces.YES
    cause = causes.get(new.node)
    return cause.level if cause and cause.edge is not None else None


def _removed(name: str, node: Node, importers: list[str], staying: list[str]) -> Blocked:
    users = ", ".join(staying or importers)
    if staying:
        text = f"the export {name} goes, and {users} still imports it"
        steps: tuple[str, ...] = (f"Keep the export, or take the import out of {users} as well.",)
    else:
        text = f"the export {name} goes, and {users} as deployed imports it until it is deployed itself"
        steps = (
            f"Deployment 1: {users}, which no longer imports it.",
            f"Deployment 2: {node.stack}, without the export.",
        )
    return _blocked(text, Certainty.SURE if staying else Certainty.MAYBE, *steps)


def _changed(name: str, importers: list[str], level: Replaces) -> Blocked:
    users = ", ".join(importers)
    return _blocked(
        f"the value of the export {name} changes, and CloudFormation refuses that while {users} imports it",
        Certainty.SURE if level is Replaces.YES else Certainty.MAYBE,
        "Deployment 1: export the new value under another name.",
        f"Deployment 2: {users}, with the other import.",
        f"Deployment 3: without the export {name}.",
    )


def _blocked(text: str, certainty: Certainty, *deployments: str) -> Blocked:
    reason = Reason(rule="export-in-use", text=text, verdict=Verdict.BLOCKED, certainty=certainty)
    return Blocked(reason, deployments)
