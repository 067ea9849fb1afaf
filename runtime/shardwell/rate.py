"""A limit of units a second, kept by waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

_LONGEST_BURST = 1.0
_LONGEST_SLEEP = 0.5


def _never() -> bool:
    return False


class RateLimit:
    """Lets through so many units a second and, after a pause, at most one second's worth at once.

    It is safe in any number of threads: each waits for its own turn. What something costs is often known only once it
    is done: take what it should cost, then settle the difference.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not per_second > 0:
            raise ValueError(f"The rate is {per_second!r} units a second: it must be above 0.")
        self.per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._turn = clock()
        """When everything that was taken so far has been paid for."""

    def take(self, units: float, *, unless: Callable[[], bool] = _never) -> bool:
        """True once `units` may be used; False if `unless` came true while waiting for them."""
        with self._lock:
            now = self._clock()
            turn = max(self._turn, now - _LONGEST_BURST)
            self._turn = turn + units / self.per_second
        wait = turn - now
        # In short sleeps: who is told to stop must not wait for a turn that may be a minute away.
        while wait > 0:
            if unless():
                return False
            self._sleep(min(wait, _LONGEST_SLEEP))
            wait -= _LONGEST_SLEEP
        return not unless()

    def settle(self, units: float) -> None:
        """Count `units` that were used beyond what was taken; below zero, those that were taken and not used."""
        with self._lock:
            self._turn += units / self.per_second
