"""Measuring two sides in turns, so that a slow moment of the machine hits both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

Action = Callable[[], Any]


def cpu(*actions: Action, rounds: int, repeat: int) -> list[float]:
    """The least CPU seconds of one call of each action, over rounds of `repeat` calls in turns."""
    return [min(found) for found in _times(time.process_time, actions, rounds, repeat)]


def wall(*actions: Action, rounds: int, repeat: int = 1) -> list[float]:
    """The median seconds of one call of each action, over rounds of `repeat` calls in turns."""
    return [statistics.median(found) for found in _times(time.perf_counter, actions, rounds, repeat)]


def _times(clock: Callable[[], float], actions: tuple[Action, ...], rounds: int, repeat: int) -> list[list[float]]:
    for action in actions:
        action()
    found: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, times in zip(actions, found, strict=True):
            gc.collect()
            began = clock()
            for _ in range(repeat):
                action()
            times.append((clock() - began) / repeat)
    return found
