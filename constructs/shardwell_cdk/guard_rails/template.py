"""A synthesized template, as the rules read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """The resources of one template by logical id."""

    resources: Mapping[str, Resource]

    def of(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """Logical id and resource, of every resource of these types."""
        return ((logical_id, resource) for logical_id, resource in self.resources.items() if resource["Type"] in types)

    def referred(self, value: Any) -> str | None:
        """The logical id of the resource of this template that `value` refers to (Ref or GetAtt), or None."""
        if not isinstance(value, Mapping):
            return None
        name = value.get("Ref") or value.get("Fn::GetAtt")
        name = name[0] if isinstance(name, list) else name.split(".")[0] if isinstance(name, str) else None
        return name if name in self.resources else None

    def type_of(self, value: Any) -> str | None:
        """The type of the resource that `value` refers to, or None."""
        logical_id = self.referred(value)
        return None if logical_id is None else str(self.resources[logical_id]["Type"])


def properties(resource: Resource) -> Mapping[str, Any]:
    """The resource's properties, none where it has none."""
    found: Mapping[str, Any] = resource.get("Properties") or {}
    return found
