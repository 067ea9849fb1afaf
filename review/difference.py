"""Where two JSON values differ: the smallest places, by paths that a person reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from review.intrinsics import NO_VALUE, canonical, is_intrinsic, same
from review.model import ABSENT, Member, Path

NAMING = (
    "IndexName",
    "AttributeName",
    "Region",
    "Sid",
    "Key",
    "Id",
    "RuleId",
    "RuleName",
    "Name",
    "PolicyName",
    "PathPattern",
    "ParameterKey",
    "DeviceName",
)
"""What tells the entries of a list apart, where each has one and no two are the same."""

WHOLE = frozenset({"KeySchema"})
"""Values that mean something only as a whole."""

MOST_ENTRIES = 1000
"""Longer lists are compared as a whole: nobody reads more, and to align them costs the square of their length."""


class Sort(Enum):
    """What sort of a difference it is."""

    VALUE = "value"
    ORDER = "order"
    """The same entries in another order; the two values are the whole lists."""
    WRITING = "written otherwise"
    """The same value to CloudFormation."""


@dataclass(frozen=True)
class Difference:
    """One place where two values differ."""

    path: Path
    before: Any
    after: Any
    sort: Sort = Sort.VALUE


def identical(before: Any, after: Any) -> bool:
    """Whether two JSON values are the same, where Python's `==` takes `true` for 1."""
    if isinstance(before, str) or isinstance(after, str):
        return bool(before == after)
    return bool(before == after) and _text(before) == _text(after)


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """Every smallest place where the two differ, in the order of the names."""
    before, after = (ABSENT if side == NO_VALUE else side for side in (before, after))
    if identical(before, after):
        return
    plain = isinstance(before, Mapping) and isinstance(after, Mapping) and not is_intrinsic(before)
    if not plain and same(before, after):
        yield Difference(path, before, after, Sort.WRITING)
    elif is_intrinsic(before) or is_intrinsic(after) or (path and path[-1] in WHOLE):
        yield Difference(path, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    else:
        yield Difference(path, before, after)


def _of_lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    if max(len(before), len(after)) > MOST_ENTRIES:
        yield Difference(path, before, after)
        return
    first, second = _texts(before), _texts(after)
    if Counter(first) == Counter(second):
        yield Difference(path, before, after, Sort.ORDER)
    elif naming := _naming(before, after):
        yield from _of_named(naming, before, after, path)
    elif any(isinstance(entry, Mapping) for entry in (*before, *after)):
        yield from _of_aligned(before, after, first, second, path)
    else:
        yield Difference(path, before, after)


def _of_named(naming: str, before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    old, new = ({entry[naming]: entry for entry in side} for side in (before, after))
    for name in sorted({*old, *new}):
        yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), (*path, Member(naming, name)))
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield Difference(path, before, after, Sort.ORDER)


def _naming(before: list[Any], after: list[Any]) -> str:
    """The first name of NAMING that tells the entries of both lists apart; empty where none does."""
    entries = [*before, *after]
    if not all(isinstance(entry, Mapping) and not is_intrinsic(entry) for entry in entries):
        return ""
    for name in NAMING:
        if all(isinstance(entry.get(name), str) for entry in entries) and all(
            len({entry[name] for entry in side}) == len(side) for side in (before, after)
        ):
            return name
    return ""


def _of_aligned(
    before: list[Any], after: list[Any], first: Sequence[str], second: Sequence[str], path: Path
) -> Iterator[Difference]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(i2 - i1, j2 - j1)
        for step in range(paired):
            yield from differences(before[i1 + step], after[j1 + step], (*path, j1 + step))
        yield from (Difference((*path, at), before[at], ABSENT) for at in range(i1 + paired, i2))
        yield from (Difference((*path, at), ABSENT, after[at]) for at in range(j1 + paired, j2))


def _texts(entries: list[Any]) -> list[str]:
    return [_text(canonical(entry)) for entry in entries]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
