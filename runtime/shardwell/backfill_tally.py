"""What a backfill did, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Outcome = Literal["given", "deleted", "gone", "changed", "undated", "unreadable", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many records a backfill looked at, and what became of each: the others add up to `looked_at`."""

    looked_at: int = 0
    already_had: int = 0
    given: int = 0
    deleted: int = 0
    """Too old for DynamoDB ever to expire them."""
    gone: int = 0
    """Deleted by somebody else between the scan and the write."""
    changed: int = 0
    """Given their time to live by somebody else between the scan and the write."""
    undated: int = 0
    """Without the date that decides, which their description lets be missing: they do not expire."""
    unreadable: int = 0
    """Without a date that can be read: left alone."""
    failed: int = 0
    """Refused by DynamoDB each time: left alone."""
    write_units: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(Tally)})

    @property
    def faults(self) -> int:
        """How many records somebody has to look at."""
        return self.unreadable + self.failed

    def to_dict(self) -> dict[str, int | float]:
        """The counts by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, counts: Mapping[str, Any]) -> Tally:
        """The tally that `to_dict` wrote."""
        read: dict[str, Any] = {field.name: counts[field.name] for field in fields(cls)}
        return cls(**read)


def one(outcome: Outcome, *, write_units: float = 0.0) -> Tally:
    """The tally of one record."""
    return Tally(looked_at=1, write_units=write_units) + Tally(**{outcome: 1})


NOTHING = Tally()
