"""When somebody is told about a pipeline or a lake: thresholds, each with a default that suits most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EventAlarms:
    """Thresholds of an `EventPipeline`; None: no such alarm.

    What fails has alarms without a threshold: the first message in a dead-letter queue, the function's first error.
    """

    oldest_message_seconds: int | None = 900
    """How old a waiting event may be, in 3 of 5 minutes. Less than `attempts` times the queue's visibility timeout, and
    an event that only fails rings too, before it ends among the dead letters."""
    lost_events: int | None = 0
    """How many events in a minute may reach neither the queue nor the queue of the undelivered."""


@dataclass(frozen=True, kw_only=True)
class StreamAlarms:
    """Thresholds of a `StreamPipeline`; None: no such alarm."""

    behind_seconds: int | None = 900
    """How far the function may be behind the table, in 3 of 5 minutes. A change is in the stream for 24 hours."""


@dataclass(frozen=True, kw_only=True)
class LakeAlarms:
    """Thresholds of a `Lake`; None: no such alarm."""

    lag_seconds: int | None = 1_800
    """How long a row may wait for its commit. Above what the lake's `Commits` let it wait anyway."""
    silent_minutes: int | None = 15
    """How long the committer may not be called at all: a stopped schedule has neither errors nor lag."""
