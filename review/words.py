"""The few words that every part of a review is said in: how bad, how sure, what kind, and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import Any, Final


class Verdict(IntEnum):
    """How bad it is, so that the worst of several is their `max`."""

    HARMLESS = 0
    """Nothing that a person has to decide about."""
    LOOK = 1
    """A person should see it."""
    DANGER = 2
    """Data, access or protection may be lost; needs an acknowledgement."""
    BLOCKED = 3
    """CloudFormation would refuse the deployment, or it cannot be reviewed."""

    @property
    def word(self) -> str:
        """The word to show and to write into JSON."""
        return self.name.lower()


class Certainty(StrEnum):
    """How sure a statement is."""

    SURE = "sure"
    MAYBE = "maybe"
    """It depends on values that the template does not hold."""
    UNKNOWN = "unknown"
    """Nothing is known about the type; never to be read as safe."""


class Replaces(StrEnum):
    """Whether CloudFormation makes a new resource for a change and then deletes the old one."""

    NO = "no"
    UNKNOWN = "unknown"
    MAYBE = "maybe"
    YES = "yes"


class Kind(StrEnum):
    """What happens to a resource, or to another entry of a template."""

    ADDED = "added"
    CHANGED = "changed"
    MAYBE_REPLACED = "maybe replaced"
    REPLACED = "replaced"
    REMOVED = "removed"
    RENAMED = "renamed"
    """Only its logical id, or its stack, is another; CloudFormation still creates a new one and removes the old."""


class Mark(StrEnum):
    """What happened to a part of a picture, a table's index or a row of a list."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Absent(Enum):
    """The value of something that is not there, which JSON's null is not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True)
class Member:
    """A step of a path into a list whose entries are told apart by one of their own values: `[IndexName=GSI1]`."""

    key: str
    name: str


Path = tuple[str | int | Member, ...]
"""The way to a value: a name in a mapping, a position in a list, or a named entry of a list."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that is to be said about a change, and how bad it is taken alone."""

    rule: str
    """A stable name, in lower case with hyphens: `create-only-property`."""
    text: str
    """One plain sentence; values in it may come from a template and are not safe to interpret."""
    verdict: Verdict
    certainty: Certainty = Certainty.SURE


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One value that is another, with where it is."""

    path: Path
    """Below `section`; empty for the section as a whole."""
    before: Any
    """JSON, or ABSENT."""
    after: Any
    """JSON, or ABSENT."""
    section: str = "Properties"
    """The part of the resource: Properties, DeletionPolicy, Condition, Metadata …; empty outside of Resources."""
    replaces: Replaces = Replaces.NO
    reason: Reason | None = None
