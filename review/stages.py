"""Several stages beside each other: their order, which is production, and what is the same in more than one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from typing import Any, Protocol, TypeVar

from review.digest import without_stage
from review.model import Staged
from review.templates import Key

_PRODUCTION = re.compile(
    r"(?<![a-z])(?<!non-)(?<!non_)(?<!pre-)(?<!pre_)(prod|production|prd|live)(?![a-z])", re.IGNORECASE
)
_ORDER = ("local", "sandbox", "dev", "development", "test", "qa", "integration", "uat", "preprod", "staging", "stage")


class InStage(Protocol):
    """Anything that a review says about one stack of one stage."""

    @property
    def stage(self) -> str:
        """The stage."""

    @property
    def stack(self) -> str:
        """The stack."""


Item = TypeVar("Item", bound=InStage)


def is_production(stage: str) -> bool:
    """Whether the name is one that production has."""
    return _PRODUCTION.search(stage) is not None


def ordered(stages: Iterable[str]) -> tuple[str, ...]:
    """Every stage once, from the one that matters least to production."""
    return tuple(sorted(set(stages), key=_rank))


def _rank(stage: str) -> tuple[bool, int, str]:
    name = stage.lower()
    return is_production(stage), _ORDER.index(name) if name in _ORDER else len(_ORDER), stage


def grouped(
    items: Iterable[Item], same: Callable[[Item], object], order: Iterable[str], stacks: Collection[Key]
) -> tuple[Staged[Item], ...]:
    """The items, those with the same stack and the same `same` said once; in the order of the first of each.

    `stacks` are all that were compared: a stage that does not have the stack is not one where the item is missing.
    """
    stages = tuple(order)
    found: dict[tuple[str, object], dict[str, Item]] = {}
    again: list[tuple[tuple[str, object], Item]] = []
    for item in items:
        key = (item.stack, same(item))
        if item.stage in found.get(key, {}):
            again.append((key, item))
        else:
            found.setdefault(key, {})[item.stage] = item
    groups = [_staged(key[0], by_stage, stages, stacks) for key, by_stage in found.items()]
    return (*groups, *(_staged(key[0], {item.stage: item}, stages, stacks) for key, item in again))


def _staged(stack: str, by_stage: dict[str, Item], order: tuple[str, ...], stacks: Collection[Key]) -> Staged[Item]:
    here = tuple(stage for stage in order if stage in by_stage)
    return Staged(
        item=by_stage[here[0]],
        stages=here,
        elsewhere=tuple(stage for stage in order if stage not in by_stage and (stage, stack) in stacks),
        production_only=all(is_production(stage) for stage in here),
        same=tuple(by_stage[stage] for stage in here),
    )


def without_where(item: Any) -> str:
    """What an item of the model says, as a text in which neither its stage nor the stage's name in its texts counts."""
    said = {field.name: repr(getattr(item, field.name)) for field in fields(item) if field.name != "stage"}
    return repr(without_stage(said, item.stage))
