"""What a benchmark found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measurement of both sides. The goal is a bound on `ratio`: `at_most` or `at_least`."""

    name: str
    ours: float
    theirs: float
    unit: str
    goal: str
    ratio: float
    holds: bool
    what: str
    details: dict[str, Any]


def at_most(goal: float, *, name: str, ours: float, theirs: float, unit: str, what: str, **details: Any) -> Result:
    """A result whose goal is that ours be at most `goal` times theirs."""
    ratio = ours / theirs
    return _result(ratio, f"ratio <= {goal}", ratio <= goal, name, ours, theirs, unit, what, details)


def at_least(goal: float, *, name: str, ours: float, theirs: float, unit: str, what: str, **details: Any) -> Result:
    """A result whose goal is that ours be at least `goal` times theirs."""
    ratio = ours / theirs
    return _result(ratio, f"ratio >= {goal}", ratio >= goal, name, ours, theirs, unit, what, details)


def _result(
    ratio: float,
    goal: str,
    holds: bool,
    name: str,
    ours: float,
    theirs: float,
    unit: str,
    what: str,
    details: dict[str, Any],
) -> Result:
    return Result(
        name=name,
        ours=ours,
        theirs=theirs,
        unit=unit,
        goal=goal,
        ratio=ratio,
        holds=holds,
        what=what,
        details=details,
    )
