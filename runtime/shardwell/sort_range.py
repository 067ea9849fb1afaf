"""The one condition on its sort key that DynamoDB takes in a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shardwell.errors import BadQuery
from shardwell.expressions import Placeholders
from shardwell.keypart import shown
from shardwell.keys import KeyAttribute

_OPERATORS = {"equal": "=", "before": "<", "after": ">", "between": "BETWEEN", "begins_with": "begins_with"}


@dataclass(frozen=True, slots=True)
class SortRange:
    """An operator, and the values it compares the sort key with."""

    operator: str
    values: tuple[Any, ...]

    @classmethod
    def within(cls, low: str, high: str) -> SortRange:
        """From `low` to `high`, both included."""
        if low > high:
            raise BadQuery(f"The sort key is asked from {shown(low)} to {shown(high)}, which is nothing: swap them.")
        return cls("=", (low,)) if low == high else cls("BETWEEN", (low, high))

    def text(self, name: str, placeholders: Placeholders) -> str:
        """The condition as DynamoDB reads it."""
        attribute = placeholders.name(name)
        values = [placeholders.value(name, value) for value in self.values]
        if self.operator == "BETWEEN":
            return f"{attribute} BETWEEN {values[0]} AND {values[1]}"
        if self.operator == "begins_with":
            return f"begins_with({attribute}, {values[0]})"
        return f"{attribute} {self.operator} {values[0]}"


def native_range(attribute: KeyAttribute, relation: str, values: tuple[Any, ...]) -> SortRange:
    """The condition on a sort key that is a field used as it is."""
    given = values if relation == "between" else values[0]
    if len(given) != (2 if relation == "between" else 1):
        raise BadQuery(f"The sort key {attribute.name} is compared with {len(given)} values: give one.")
    if relation == "begins_with" and attribute.type == "N":
        raise BadQuery(f"The sort key {attribute.name} is a number, which begins with nothing: use between.")
    checked = tuple(attribute.value({attribute.name: value}) for value in given)
    if relation == "between" and checked[0] > checked[1]:
        raise BadQuery(f"{attribute.name} is asked from {checked[0]!r} to {checked[1]!r}, which is nothing: swap them.")
    return SortRange(_OPERATORS[relation], checked)
