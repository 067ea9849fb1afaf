"""What a store takes from its surroundings: the time, a way to wait, and chance. Tests inject their own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ambient:
    """Clock, sleep and randomness."""

    now: Callable[[], datetime] = _now
    """The time, with its zone: what is expired, and from when a time to live counts that has no field to count from."""
    sleep: Callable[[float], None] = time.sleep
    """Waits so many seconds, before something is tried again."""
    random: Callable[[], float] = random.random
    """A number from 0 up to 1, by which waits are spread."""

    def attempts(self, most: int = 8, first: float = 0.05, longest: float = 5.0) -> Iterator[int]:
        """Numbers from 0 to `most - 1`, with a jittered and growing wait before each but the first."""
        for attempt in range(most):
            if attempt:
                self.sleep(self.random() * min(longest, first * 2**attempt))
            yield attempt
