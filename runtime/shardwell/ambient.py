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
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random

    def attempts(self, most: int = 8, first: float = 0.05, longest: float = 5.0) -> Iterator[int]:
        """Numbers from 0 to `most - 1`, with a jittered and growing wait before each but the first."""
        for attempt in range(most):
            if attempt:
                self.sleep(self.random() * min(longest, first * 2**attempt))
            yield attempt
