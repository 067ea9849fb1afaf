"""When what waits for a lake is committed to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Commits:
    """The committer of a `Lake` is called every so often, and commits once enough waits, or waits for long enough.

    A commit costs the same for one row as for a million: requests, and files that compaction merges later.
    """

    every_minutes: int = 1
    """How often the committer is called: from 1 to 60."""
    after_seconds: int = 300
    """How old a waiting row may get; 0 commits at each call."""
    at_bytes: int = 64 * 1024 * 1024
    """How much may wait, in bytes of staged files."""

    def __post_init__(self) -> None:
        if not 1 <= self.every_minutes <= 60:
            raise ValueError(f"A committer cannot be called every {self.every_minutes:,} min: choose from 1 to 60.")
        if self.after_seconds < 0 or self.at_bytes < 1:
            raise ValueError(
                f"Nothing can be committed after {self.after_seconds:,} s or at {self.at_bytes:,} bytes: choose 0 s or "
                "more, and a byte at least."
            )

    @property
    def usual_lag_seconds(self) -> int:
        """How long a row waits for its commit when nothing is wrong."""
        return self.after_seconds + self.every_minutes * 60
