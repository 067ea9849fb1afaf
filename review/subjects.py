"""A resource or another entry of a template on both sides, while it is being judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from review.model import PropertyChange, Reason, Replaces
from review.templates import Template

ORDER = (Replaces.NO, Replaces.UNKNOWN, Replaces.MAYBE, Replaces.YES)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One entry that differs, or that is affected by one that does; `before` and `after` are normalised."""

    stage: str
    stack: str
    section: str
    logical_id: str
    before: Any
    """A resource as a mapping, another entry's value, or None where it is not there."""
    after: Any
    old: Template | None
    new: Template | None
    properties: tuple[PropertyChange, ...] = ()
    before_id: str = ""
    """The logical id on the base side, where that is another."""
    before_stack: str = ""
    """The stack on the base side, where that is another."""

    @property
    def type(self) -> str:
        """The resource's type, of the head side where it is there; empty for another entry."""
        return _type(self.after if self.after is not None else self.before) if self.section == "Resources" else ""

    @property
    def renamed(self) -> bool:
        """Whether the two sides are the same thing under two names."""
        return bool(self.before_id or self.before_stack)

    @property
    def replaces(self) -> Replaces:
        """The most that any of the properties does."""
        return max((change.replaces for change in self.properties), key=ORDER.index, default=Replaces.NO)


Judge = Callable[[Subject], Iterable[Reason]]
"""Says what is wrong with one change; called for every resource that differs, added and removed ones too."""


def properties_of(resource: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The Properties of a resource, empty where it has none or is not there."""
    found: Mapping[str, Any] = (resource or {}).get("Properties") or {}
    return found


def _type(resource: Mapping[str, Any] | None) -> str:
    kind: str = (resource or {}).get("Type", "")
    return kind
