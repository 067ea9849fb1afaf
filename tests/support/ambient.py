"""Surroundings that a test rules: a clock it moves, sleep that only counts, chance that is always the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shardwell.ambient import Ambient

START = datetime(2026, 1, 15, 12, tzinfo=UTC)


@dataclass
class Surroundings:
    """A clock that stands still until it is moved, and the waits that were asked for and not waited."""

    now: datetime = START
    waits: list[float] = field(default_factory=list)

    @property
    def ambient(self) -> Ambient:
        """What a store takes."""
        return Ambient(now=lambda: self.now, sleep=self.waits.append, random=lambda: 0.5)

    def forward(self, *, days: int = 0, seconds: int = 0) -> None:
        """Move the clock."""
        self.now += timedelta(days=days, seconds=seconds)
