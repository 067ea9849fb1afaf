"""What a resource is called: its path in the construct tree, and the name that no second one can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from review.intrinsics import as_name
from review.overlay import is_custom
from review.replacement import facts_of
from review.subjects import properties_of

_LIKELY = ("Name", "DisplayName")


def construct_path(resource: Mapping[str, Any] | None) -> str:
    """Where CDK made the resource: `prod/Sales/Table/Resource`; empty where the template does not say."""
    found = ((resource or {}).get("Metadata") or {}).get("aws:cdk:path", "")
    return found if isinstance(found, str) else ""


def own_name(resource: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    """The values that name the resource in its account; None where CloudFormation makes up a name."""
    kind = (resource or {}).get("Type", "")
    facts = facts_of(kind)
    if facts is None or not facts.names or is_custom(kind):
        return None
    given = properties_of(resource)
    if not all(name in given for name in facts.names):
        return None
    return tuple(given[name] for name in facts.names)


def name_certain(resource: Mapping[str, Any]) -> bool:
    """Whether the schema itself calls it the identifier, not only how it is called."""
    facts = facts_of(resource["Type"])
    return facts is not None and not facts.secondary


def shown_name(resource: Mapping[str, Any] | None) -> str:
    """The physical name to show, empty where the template gives none."""
    found = own_name(resource)
    if found is not None:
        return " / ".join(as_name(value) for value in found)
    kind = str((resource or {}).get("Type", "")).split("::")[-1]
    given = properties_of(resource)
    return next((given[name] for name in (f"{kind}Name", *_LIKELY) if isinstance(given.get(name), str)), "")
