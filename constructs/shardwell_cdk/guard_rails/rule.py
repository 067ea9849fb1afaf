"""A guard rail: what is checked, why, and what to do about a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shardwell_cdk.guard_rails.template import Template


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`broken_by` yields the logical ids of the resources that break it."""

    id: str
    says: str
    fix: str
    broken_by: Callable[[Template], Iterator[str]]
