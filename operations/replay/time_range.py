"""The time range of a replay, by when sales were created."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from operations.local.problem import Problem
from shardwell.expressions import Condition, F
from shardwell.fields import instant_fault

CREATED = "createdAt"
SETTLED = timedelta(hours=25)
"""A stream keeps its changes for 24 hours: what is older than this is in the lake, or will not come by itself."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From an instant up to another one, which is not part of it."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{text(self.start)} up to {text(self.end)}"

    @property
    def condition(self) -> Condition:
        """Holds for all of the range, and for a second at its ends: see `holds`.

        Records have instants with and without a fraction of a second, which as text are not in their order.
        """
        return F(CREATED).between(f"{self.start:%Y-%m-%dT%H:%M:%S}", f"{self.end:%Y-%m-%dT%H:%M:%S}Z")

    def holds(self, created: Any) -> bool:
        """Whether a record's instant is in the range."""
        if not isinstance(created, str) or instant_fault(created) is not None:
            return False
        return self.start <= datetime.fromisoformat(created) < self.end


def check(given: TimeRange, now: datetime) -> None:
    """Refuse a range that is empty, or that ends so late that its rows may still be on their way."""
    if given.start >= given.end:
        raise Problem(
            f"The range from {text(given.start)} up to {text(given.end)} is empty: let it end after it begins."
        )
    latest = (now - SETTLED).replace(microsecond=0)
    if given.end > latest:
        raise Problem(
            f"The range ends at {text(given.end)}, and rows of the last 25 hours may still be on their way from the "
            f"stream, which keeps them for 24: let it end at {text(latest)} or before."
        )


def moment(given: str) -> datetime:
    """Reads a day (its beginning, in UTC) or an instant off the command line."""
    try:
        if len(given) == 10:
            return datetime.combine(date.fromisoformat(given), time(), UTC)
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{given!r} is no time: write it as 2026-11-20 or 2026-11-20T08:00:00Z")
    return found.astimezone(UTC)


def text(at: datetime) -> str:
    """An instant as one writes it."""
    return at.isoformat().replace("+00:00", "Z")
