"""Conditions as values: `(F("salePrice") > 100) & F("brand").exists()`, for filters and for conditional writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shardwell.errors import BadQuery
from shardwell.keypart import shown
from shardwell.values import AttributeValue, encode_value

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*", re.ASCII)
MOST_OPERANDS = 100


@dataclass(slots=True)
class Placeholders:
    """Names and values of one request, each replaced by a placeholder, so that no text is ever taken for syntax."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, AttributeValue] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def name(self, name: str) -> str:
        """The placeholder for an attribute."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = f"#n{len(self.names)}"
            self.names[known] = name
        return known

    def path(self, path: str) -> str:
        """The placeholders for a path into an attribute, such as `a.b[0]`."""
        steps = (f"[{match[2]}]" if match[2] else f".{self.name(match[1])}" for match in _STEP.finditer(path))
        return "".join(steps).removeprefix(".")

    def value(self, name: str, value: Any) -> str:
        """The placeholder for a value; `name` is what an error calls it."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = encode_value(name, value)
        return placeholder

    def request(self) -> dict[str, Mapping[str, Any]]:
        """The arguments that carry the placeholders, left out where there are none."""
        found: dict[str, Mapping[str, Any]] = {}
        if self.names:
            found["ExpressionAttributeNames"] = self.names
        if self.values:
            found["ExpressionAttributeValues"] = self.values
        return found


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: fixed text with gaps for names and values, combined by `&`, `|` and `~`."""

    pieces: tuple[str | Name | Value, ...]

    def __and__(self, other: Condition) -> Condition:
        return Condition(("(", *self.pieces, ") AND (", *other.pieces, ")"))

    def __or__(self, other: Condition) -> Condition:
        return Condition(("(", *self.pieces, ") OR (", *other.pieces, ")"))

    def __invert__(self) -> Condition:
        return Condition(("NOT (", *self.pieces, ")"))

    def __bool__(self) -> bool:
        raise BadQuery("A condition has no truth value here: combine conditions with &, | and ~, not and, or, not.")

    @property
    def fields(self) -> frozenset[str]:
        """The attributes that the condition is about; of a path into one, the attribute itself."""
        return frozenset(match[0] for p in self.pieces if isinstance(p, Name) and (match := _STEP.match(p.path)))

    def text(self, placeholders: Placeholders) -> str:
        """The condition as DynamoDB reads it."""
        return "".join(piece if isinstance(piece, str) else piece.text(placeholders) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Name:
    """The gap for an attribute's name."""

    path: str

    def text(self, placeholders: Placeholders) -> str:
        """The placeholder that fills the gap."""
        return placeholders.path(self.path)


@dataclass(frozen=True, slots=True)
class Value:
    """The gap for a value that is compared with an attribute."""

    path: str
    value: Any

    def text(self, placeholders: Placeholders) -> str:
        """The placeholder that fills the gap."""
        return placeholders.value(self.path, self.value)


@dataclass(frozen=True, slots=True, eq=False)
class F:
    """An attribute, or a path into one (`F("address.lines[0]")`), to be compared."""

    path: str

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise BadQuery(f"{shown(self.path)} is no path to an attribute: write it as name, name.inner or name[0].")

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]  # builds a condition, does not compare
        return self._compared("=", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]  # builds a condition, does not compare
        return self._compared("<>", value)

    def __lt__(self, value: Any) -> Condition:
        return self._compared("<", value)

    def __le__(self, value: Any) -> Condition:
        return self._compared("<=", value)

    def __gt__(self, value: Any) -> Condition:
        return self._compared(">", value)

    def __ge__(self, value: Any) -> Condition:
        return self._compared(">=", value)

    def between(self, low: Any, high: Any) -> Condition:
        """From `low` to `high`, both included."""
        return Condition((Name(self.path), " BETWEEN ", Value(self.path, low), " AND ", Value(self.path, high)))

    def is_in(self, values: Iterable[Any]) -> Condition:
        """Equal to one of at most 100 values."""
        given = tuple(values)
        if not 1 <= len(given) <= MOST_OPERANDS:
            raise BadQuery(
                f"{self.path} is compared with {len(given)} values, and DynamoDB takes 1 to {MOST_OPERANDS}."
            )
        gaps = [piece for value in given for piece in (", ", Value(self.path, value))][1:]
        return Condition((Name(self.path), " IN (", *gaps, ")"))

    def begins_with(self, beginning: str) -> Condition:
        """Text that begins so."""
        return self._function("begins_with", beginning)

    def contains(self, part: Any) -> Condition:
        """Text with this part, or a list or set with this element."""
        return self._function("contains", part)

    def exists(self) -> Condition:
        """The item has the attribute."""
        return Condition(("attribute_exists(", Name(self.path), ")"))

    def missing(self) -> Condition:
        """The item does not have the attribute."""
        return Condition(("attribute_not_exists(", Name(self.path), ")"))

    def __hash__(self) -> int:
        return hash(self.path)

    def _compared(self, operator: str, value: Any) -> Condition:
        return Condition((Name(self.path), f" {operator} ", Value(self.path, value)))

    def _function(self, function: str, value: Any) -> Condition:
        return Condition((f"{function}(", Name(self.path), ", ", Value(self.path, value), ")"))


def every(*conditions: Condition | None) -> Condition | None:
    """All of the conditions together; None where there are none."""
    found = None
    for condition in conditions:
        if condition is not None:
            found = condition if found is None else found & condition
    return found
