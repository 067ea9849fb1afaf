"""Templates as a review reads them: which stage and stack each is of, and the two sides of one beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from review.difference import identical
from review.model import Problem
from review.normalise import normalise

Body = Mapping[str, Any]
Key = tuple[str, str]
"""A stage and a stack of it."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template that could be read: its `Resources` are a mapping of names to mappings with a `Type`."""

    stage: str
    stack: str
    body: Body
    """As it was read."""
    origin: str
    """The file, with its revision."""
    stack_name: str = ""
    """CloudFormation's name of the stack, where the source says it."""
    nested_in: tuple[str, str] | None = None
    """For a nested stack: the stack that holds it, and the logical id of its resource there."""

    @cached_property
    def normal(self) -> Body:
        """The body without what changes by itself."""
        return normalise(self.body)

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The normalised resources by logical id."""
        found: Mapping[str, Mapping[str, Any]] = self.normal["Resources"]
        return found


@dataclass(frozen=True, kw_only=True)
class Templates:
    """One side of a review: every template of every stage, and what could not be read."""

    label: str
    revision: str
    """The commit's full hash; empty where the templates are not from a commit."""
    stacks: Mapping[Key, Template]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A stack of a stage on both sides; at least one of them is there."""

    stage: str
    stack: str
    before: Template | None
    after: Template | None

    @cached_property
    def same(self) -> bool:
        """Whether both sides are the same as they were read."""
        return self.before is not None and self.after is not None and identical(self.before.body, self.after.body)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Both sides of everything that could be read on both, for each part of a review to look at."""

    base: Templates
    head: Templates
    pairs: tuple[Pair, ...] = field(repr=False)
    """In the order of stages, then of stacks."""

    @property
    def keys(self) -> frozenset[Key]:
        """Every stage and stack that is compared."""
        return frozenset((pair.stage, pair.stack) for pair in self.pairs)
