"""The actions of a statement as a set: wildcards opened where the actions of a service are known."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from review.distil_actions import ACTIONS

EVERY = "*"


@dataclass(frozen=True)
class Actions:
    """Actions in lower case, as IAM compares them; `but` are patterns of what a NotAction leaves out."""

    names: frozenset[str]
    patterns: frozenset[str] = frozenset()
    """Wildcards of services that are not known, and `*`."""
    but: frozenset[str] = frozenset()
    """With `*` among the patterns: all actions but these."""

    def without(self, other: Actions) -> Actions:
        """What of these the other does not have; where that cannot be told, these are kept."""
        if EVERY in other.patterns:
            if EVERY in self.patterns:
                return NONE if all(_any_covers(self.but, pattern) for pattern in other.but) else self
            return Actions(
                frozenset(name for name in self.names if _any_covers(other.but, name)),
                frozenset(pattern for pattern in self.patterns if _overlaps(pattern, other.but)),
            )
        if EVERY in self.patterns:
            return self
        names = self.names - other.names
        if other.patterns:
            names = frozenset(name for name in names if not _any_covers(other.patterns, name))
        patterns = frozenset(each for each in self.patterns if not _any_covers(other.patterns, each))
        return Actions(names, patterns)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.names or self.patterns)

    @property
    def all(self) -> bool:
        """Whether it is every action of every service, some perhaps left out."""
        return EVERY in self.patterns

    def listed(self) -> tuple[str, ...]:
        """The actions to be read, sorted, as AWS spells them."""
        if self.all:
            return (f"* but {', '.join(map(spelled, sorted(self.but)))}",) if self.but else (EVERY,)
        return tuple(sorted(spelled(name) for name in {*self.names, *self.patterns}))


NONE = Actions(frozenset())


def actions(written: Iterable[str], *, but: bool = False) -> Actions:
    """The set that an Action, or with `but` a NotAction, stands for."""
    wanted = frozenset(pattern.lower() for pattern in written)
    if but:
        return Actions(frozenset(), frozenset({EVERY}), wanted)
    names: set[str] = set()
    patterns: set[str] = set()
    for pattern in wanted:
        if pattern in (EVERY, "*:*"):
            return Actions(frozenset(), frozenset({EVERY}))
        found = expanded(pattern) if "*" in pattern or "?" in pattern else (pattern,)
        names.update(found)
        if not found:
            patterns.add(pattern)
    return Actions(frozenset(names), frozenset(patterns))


@lru_cache(maxsize=4096)
def expanded(pattern: str) -> tuple[str, ...]:
    """The known actions, in lower case, that a pattern in lower case matches; empty where its service is not known."""
    service, _, action = pattern.partition(":")
    known = _known().get(service)
    if known is None:
        return ()
    if action == EVERY:
        return known
    matches = regex(action).fullmatch
    return tuple(name for name in known if matches(name.partition(":")[2]))


def spelled(name: str) -> str:
    """The action as AWS spells it, where that is known."""
    return _spelling().get(name, name)


@lru_cache(maxsize=4096)
def regex(pattern: str) -> re.Pattern[str]:
    """The pattern of IAM with its `*` and `?`; a `?` does not stand for another pattern's `*`.

    What stands between two `*` is taken where it is first found and never tried again: no pattern takes long.
    """
    first, *rest = (_fixed(part) for part in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    between = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{between}.*{rest[-1]}", re.DOTALL)


def _fixed(text: str) -> str:
    return "".join("[^*]" if letter == "?" else re.escape(letter) for letter in text)


def _any_covers(patterns: Iterable[str], name: str) -> bool:
    return any(pattern == name or regex(pattern).fullmatch(name) for pattern in patterns)


def _overlaps(pattern: str, but: Iterable[str]) -> bool:
    """Whether a wildcard may stand for something of what is left out; taken as true where it cannot be told."""
    service = pattern.partition(":")[0]
    return any("*" in (other := each.partition(":")[0]) or other == service for each in but)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(gzip.decompress(ACTIONS.read_bytes()))["services"]
    return found


@lru_cache(maxsize=1)
def _known() -> Mapping[str, tuple[str, ...]]:
    return {
        service: tuple(f"{service}:{name.lower()}" for name in names.split()) for service, names in _table().items()
    }


@lru_cache(maxsize=1)
def _spelling() -> Mapping[str, str]:
    return {
        f"{service}:{name.lower()}": f"{service}:{name}"
        for service, names in _table().items()
        for name in names.split()
    }
