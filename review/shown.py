"""A value of a template as one line to read and compare: references are `${LogicalId.Attribute}`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from review.intrinsics import canonical, is_intrinsic

DEEPEST = 60
"""Values nested deeper are shown as `…`: nobody reads them, and to follow them exhausts the reader."""

Names = Mapping[str, str]
"""What a logical id is called now, for those that were renamed."""


def shown(value: Any, names: Names | None = None) -> str:
    """The value in one line; a computed part of it is `${…}`."""
    return value if isinstance(value, str) else _shown(canonical(value), names or {}, DEEPEST)


def listed_in(value: Any) -> list[Any]:
    """The entries of what may be one value or a list of them."""
    return value if isinstance(value, list) else [value]


def alternatives(value: Any, when: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Each entry of a value, lists and both branches of every Fn::If opened, with the conditions it depends on."""
    match value:
        case list():
            for entry in value:
                yield from alternatives(entry, when)
        case {"Fn::If": [str(condition), yes, no]} if len(value) == 1 and len(when) < DEEPEST:
            yield from alternatives(yes, (*when, condition))
            yield from alternatives(no, (*when, f"not {condition}"))
        case {"Ref": "AWS::NoValue"}:
            return
        case _:
            yield value, when


def _shown(value: Any, names: Names, deepest: int) -> str:
    if not deepest:
        return "…"
    match value:
        case str():
            return value
        case {"Ref": str(name)} if len(value) == 1:
            return "${" + names.get(name, name) + "}"
        case {"Fn::GetAtt": [str(name), attribute]} if len(value) == 1:
            return "${" + f"{names.get(name, name)}.{_shown(attribute, names, deepest - 1)}" + "}"
        case {"Fn::Join": [str(between), list(parts)]} if len(value) == 1:
            return between.join(_shown(part, names, deepest - 1) for part in parts)
        case _ if is_intrinsic(value):
            ((function, argument),) = value.items()
            return "${" + f"{function} {_shown(argument, names, deepest - 1)}" + "}"
        case list():
            return "[" + ", ".join(_shown(part, names, deepest - 1) for part in value) + "]"
        case Mapping():
            inner = (f"{json.dumps(str(key))}: {_shown(value[key], names, deepest - 1)}" for key in sorted(value))
            return "{" + ", ".join(inner) + "}"
    return json.dumps(value, default=repr)
