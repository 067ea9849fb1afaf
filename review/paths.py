"""Paths into templates: as a text to read, and the values at the end of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from review.intrinsics import is_intrinsic
from review.model import ABSENT, Member, Path

Pattern = tuple[str, ...]
"""A path in a resource schema: names, and `*` for the entries of a list."""


class Computed(Enum):
    """What stands for a value that only CloudFormation can tell."""

    COMPUTED = "computed"


COMPUTED = Computed.COMPUTED


def path_text(path: Path) -> str:
    """The path as it is read: `Replicas[eu-west-1].Tags[0].Value`."""
    text = ""
    for step in path:
        match step:
            case str():
                text += f".{step}" if text else step
            case Member(_, name):
                text += f"[{name}]"
            case int():
                text += f"[{step}]"
    return text


def rest_of(pattern: Pattern, path: Path) -> Pattern | None:
    """What of the pattern is below the path: () where the path reaches it or is inside; None where they part."""
    left = list(pattern)
    for step in path:
        if not left:
            return ()
        if isinstance(step, str):
            if left[0] not in (step, "*"):
                return None
            left.pop(0)
        elif left[0] == "*":
            left.pop(0)
    return tuple(left)


def values_at(value: Any, pattern: Pattern) -> list[Any]:
    """Every value that the pattern leads to, ABSENT where a name is missing, COMPUTED below a function."""
    return list(_values_at(value, pattern))


def _values_at(value: Any, pattern: Pattern) -> Iterator[Any]:
    if not pattern or value is ABSENT:
        yield value
    elif is_intrinsic(value):
        yield COMPUTED
    elif isinstance(value, list):
        for entry in value:
            yield from _values_at(entry, pattern[1:] if pattern[0] == "*" else pattern)
    elif isinstance(value, Mapping):
        if pattern[0] == "*":
            for entry in value.values():
                yield from _values_at(entry, pattern[1:])
        else:
            yield from _values_at(value.get(pattern[0], ABSENT), pattern[1:])
    else:
        yield ABSENT


def functions_on(value: Any, pattern: Pattern) -> Iterator[Any]:
    """The functions on the way to the pattern, which decide what is there."""
    for at in range(len(pattern)):
        yield from (found for found in _values_at(value, pattern[:at]) if is_intrinsic(found))
