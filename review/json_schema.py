"""The JSON schema of a review, read from the types of the model: `python -m review.json_schema` writes it anew."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from review.model import Absent, Change, Review, Staged, Verdict
from review.render_json import FORMAT, SCHEMA

FILE = Path(__file__).parent / "data" / SCHEMA
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$"},
    date: {"type": "string", "format": "date"},
}


def schema() -> dict[str, Any]:
    """The schema as JSON; every type of the model is a definition with its own name."""
    found: dict[str, dict[str, Any]] = {}
    _object(Review, found)
    own = found.pop("Review")
    tool = {"type": "string"}
    own["properties"] = {
        "format": {"const": FORMAT},
        "tool": {
            "type": "object",
            "properties": {"name": tool, "version": tool},
            "required": ["name", "version"],
        },
        **own["properties"],
    }
    own["required"] = ["format", "tool", *own["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Template review, format {FORMAT}",
        **own,
        "$defs": dict(sorted(found.items())),
    }


def text() -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(), indent=2) + "\n"


def _object(kind: type, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A reference to a dataclass, which is described once."""
    if kind.__name__ not in found:
        found[kind.__name__] = {}
        types_of = get_type_hints(kind)
        # A field that may be ABSENT is left out where it is; JSON's null is a value of its own.
        optional = {"before", "after"} if kind.__name__ == "PropertyChange" else set()
        found[kind.__name__] = {
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "type": "object",
            "properties": {each.name: _schema_of(types_of[each.name], found) for each in fields(kind)},
            "required": [each.name for each in fields(kind) if each.name not in optional],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _schema_of(kind: Any, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if origin is Staged:
        return _staged(inner[0], found)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema_of(one, found) for one in inner if one is not Absent]}
    if origin is tuple and inner[-1] is Ellipsis:
        return {"type": "array", "items": _schema_of(inner[0], found)}
    if origin is tuple:
        entries = [_schema_of(one, found) for one in inner]
        return {"type": "array", "prefixItems": entries, "minItems": len(entries), "maxItems": len(entries)}
    if kind is Verdict:
        return {"enum": [verdict.word for verdict in Verdict]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, found)
    raise TypeError(f"{kind!r} has no place in JSON: give it one in json_schema.py")


def _staged(kind: Any, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    name = f"Staged{kind.__name__}" if not isinstance(kind, TypeVar) else "Staged"
    item = {"type": "integer", "minimum": 0} if kind is Change else _schema_of(kind, found)
    names = {"type": "array", "items": {"type": "string"}}
    found[name] = {
        "description": "Something that is the same in several stages, said once."
        + (" Its items are places in `changes`." if kind is Change else ""),
        "type": "object",
        "properties": {
            "stages": names,
            "elsewhere": names,
            "production_only": {"type": "boolean"},
            "items": {"type": "array", "items": item, "minItems": 1},
        },
        "required": ["stages", "elsewhere", "production_only", "items"],
        "additionalProperties": False,
    }
    return {"$ref": f"#/$defs/{name}"}


def main() -> int:
    """Writes the file."""
    FILE.write_text(text(), encoding="utf-8")
    print(FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
