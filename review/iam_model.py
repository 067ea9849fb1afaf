"""One thing that a template allows or denies, and when one covers another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from review.iam_actions import Actions
from review.iam_principals import Principal, matches
from review.shown import listed_in

Entry = tuple[str, str, frozenset[str]]
"""An operator of a condition, its key and its values."""
_LESS_WITH_FEWER = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "NumericEquals")
"""Operators of which fewer values let fewer requests through."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a grant is written."""

    logical_id: str
    type: str
    path: str
    identity: bool
    """Whether it is a policy of a principal, and not of a resource."""
    owner: str
    """For a policy of a resource: the logical id of the latter, where it is one of the template."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One principal, one resource, and what the one may or may not do with the other."""

    effect: str
    principal: Principal
    actions: Actions
    written: tuple[str, ...]
    resource: str
    internal: bool
    """Whether the resource is one of the template."""
    condition: str
    """The statement's Condition as JSON, or empty."""
    when: frozenset[str]
    """The template's conditions on which it is there."""
    opaque: str
    """What could not be read; such a grant is the same only as one that is written alike."""
    source: Source

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two grants the same, wherever they are written."""
        return self.effect, self.principal, self.actions, self.resource, self.condition, self.when, self.opaque

    def covers(self, other: Grant) -> bool:
        """Whether this one holds wherever the other does, for the actions that both have."""
        return (
            not (self.opaque or other.opaque)
            and self.when <= other.when
            and self.principal.covers(other.principal)
            and matches(self.resource, other.resource)
            and _holds(self.condition, other.condition)
        )


@dataclass(frozen=True, kw_only=True)
class Group:
    """Grants of one statement that differ in their resources alone."""

    grant: Grant
    """The first of them."""
    resources: tuple[str, ...]


def entries(condition: str) -> tuple[Entry, ...]:
    """A condition as operators, keys and values, each apart."""
    found = json.loads(condition) if condition else {}
    if not isinstance(found, Mapping):
        return (("?", "?", frozenset({condition})),)
    return tuple(
        (operator, key.lower(), frozenset(str(each) for each in listed_in(values)))
        for operator, keys in found.items()
        for key, values in (keys.items() if isinstance(keys, Mapping) else [("?", keys)])
    )


@lru_cache(maxsize=4096)
def _holds(wider: str, narrower: str) -> bool:
    """Whether each request that passes the second condition passes the first."""
    if not wider or wider == narrower:
        return True
    given = entries(narrower)
    return all(any(_implies(each, needed) for each in given) for needed in entries(wider))


def _implies(given: Entry, needed: Entry) -> bool:
    if given[:2] != needed[:2]:
        return False
    return given[2] == needed[2] or (given[0] in _LESS_WITH_FEWER and given[2] <= needed[2])
