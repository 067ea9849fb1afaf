"""A review as JSON, for programs to read: every word of the model, in a format that carries its version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from review.model import ABSENT, Review, Staged, Verdict
from review.version import VERSION

FORMAT = 1
"""The version of the format: a higher one takes a name away or gives it another meaning; a new name does not."""

_AS_IT_IS = frozenset({str, int, float, bool, type(None)})

SCHEMA = "review.schema.json"


def as_json(review: Review) -> str:
    """The review as one JSON document, as `data/review.schema.json` describes it."""
    content = {"format": FORMAT, "tool": {"name": "shardwell-review", "version": VERSION}, **_plain(review)}
    places = {id(change): place for place, change in enumerate(review.changes)}
    content["groups"] = [_group(group, places) for group in review.groups]
    parts = (f"{json.dumps(name)}: {_lines(value)}" for name, value in content.items())
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("utf-8", "replace").decode()


def _lines(value: Any) -> str:
    """One line for each entry of a list: as quick to write and as short as without, and to be read by a person."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_line(entry)}" for entry in value) + "\n]"
    return _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _group(group: Staged[Any], places: Mapping[int, int]) -> dict[str, Any]:
    """A group by the places of its changes in `changes`, which are there already."""
    return {**_staged(group), "items": [places[id(change)] for change in group.same]}


def _staged(group: Staged[Any]) -> dict[str, Any]:
    return {
        "stages": list(group.stages),
        "elsewhere": list(group.elsewhere),
        "production_only": group.production_only,
        "items": [_plain(item) for item in group.same],
    }


def _plain(value: Any) -> Any:
    """Dataclasses as objects, a name that is ABSENT left out, verdicts by their word, amounts as texts."""
    if value.__class__ in _AS_IT_IS:
        return value
    match value:
        case Verdict():
            return value.word
        case Enum():
            return value.value
        case Decimal() | date():
            return str(value)
        case Staged():
            return _staged(value)
        case tuple() | list():
            return [_plain(entry) for entry in value]
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
            return {name: _plain(inner) for name, inner in pairs if inner is not ABSENT}
    return value
