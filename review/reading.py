"""Bytes into a template that the rest of a review can rely on, or a sentence that says what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

MOST_BYTES = 32 * 1024 * 1024
DEEPEST = 100
"""CloudFormation's own templates stay far below; deeper ones only serve to exhaust their readers."""
MOST_RESOURCES = 5_000
"""Ten times what CloudFormation takes: more is no template, and would only take long."""


class UnreadableError(ValueError):
    """What was given is no template; the text is for the reader."""


def template(content: bytes) -> Mapping[str, Any]:
    """The template in `content`, checked as far as the rest of a review relies on its shape."""
    body = parsed(content)
    if not isinstance(body, dict):
        raise UnreadableError(f"it is {_kind(body)}, not a template; a template is a JSON object with Resources")
    _check_sections(body)
    return body


def parsed(content: bytes) -> Any:
    """The JSON value in `content`."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"it has {len(content)} bytes, more than the {MOST_BYTES} that are read")
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecursionError:
        raise UnreadableError(f"it is nested deeper than {DEEPEST} levels") from None
    except UnicodeDecodeError as wrong:
        raise UnreadableError(f"it is not UTF-8 text: byte {wrong.start} is no character") from None
    except json.JSONDecodeError as wrong:
        raise UnreadableError(f"it is not JSON: {wrong.msg} in line {wrong.lineno}, column {wrong.colno}") from None
    if _deeper_than(value, DEEPEST):
        raise UnreadableError(f"it is nested deeper than {DEEPEST} levels")
    return value


def _check_sections(body: Mapping[str, Any]) -> None:
    resources = body.get("Resources")
    if not isinstance(resources, dict):
        raise UnreadableError(f"its Resources are {_kind(resources)}, not an object of resources")
    if len(resources) > MOST_RESOURCES:
        raise UnreadableError(f"it has {len(resources)} resources, and CloudFormation takes 500: split the stack")
    for name, resource in resources.items():
        if not isinstance(resource, dict):
            raise UnreadableError(f"its resource {name!r} is {_kind(resource)}, not an object")
        if not isinstance(resource.get("Type"), str):
            raise UnreadableError(f"its resource {name!r} has no Type that is a text")
        for part in ("Properties", "Metadata"):
            if not isinstance(resource.get(part, {}), dict):
                raise UnreadableError(f"the {part} of its resource {name!r} are {_kind(resource[part])}, not an object")
    for section in ("Outputs", "Parameters", "Conditions", "Mappings", "Rules", "Metadata"):
        if not isinstance(body.get(section, {}), dict):
            raise UnreadableError(f"its {section} are {_kind(body[section])}, not an object")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(f"it has the name {double!r} twice in one object, so that one of the two is lost")
    return found


def _no_constant(name: str) -> NoReturn:
    raise UnreadableError(f"it is not JSON: {name} is no number")


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True


def _kind(value: Any) -> str:
    if value is None:
        return "missing or null"
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names[type(value)]
