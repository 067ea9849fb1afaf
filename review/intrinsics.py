"""What CloudFormation computes itself: which names a value refers to, and whether two ways of writing are the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_SSM = re.compile(r"\{\{resolve:ssm(?:-secure)?:([^:}]+)")


class Refers(StrEnum):
    """What a reference leads to."""

    NAME = "name"
    """A resource or a parameter of the same template, or one of the latter's attributes."""
    CONDITION = "condition"
    MAPPING = "mapping"
    EXPORT = "export"
    """What another stack exports; the name is JSON where it is computed."""
    OUTPUT = "output"
    """What another stack puts out: the name is the stack's, the attribute the output's."""
    SSM = "parameter store"


@dataclass(frozen=True, order=True)
class Reference:
    """One name that a value depends on."""

    refers: Refers
    name: str
    attribute: str = ""
    conditional: bool = False
    """Whether it is in one branch of a Fn::If."""


def is_intrinsic(value: Any) -> bool:
    """Whether CloudFormation computes the value: an object with one name that is a function's."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    (name,) = value
    return name in ("Ref", "Condition") or str(name).startswith("Fn::")


def has_intrinsic(value: Any) -> bool:
    """Whether any part of the value is computed by CloudFormation, dynamic references included."""
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, Mapping):
        return is_intrinsic(value) or any(has_intrinsic(inner) for inner in value.values())
    return isinstance(value, list) and any(has_intrinsic(inner) for inner in value)


def references(value: Any, conditional: bool = False) -> Iterator[Reference]:
    """Every reference in a value, in its order, as often as it is there."""
    if isinstance(value, str):
        yield from (Reference(Refers.SSM, name, "", conditional) for name in _SSM.findall(value))
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner, conditional)
    elif isinstance(value, Mapping):
        if is_intrinsic(value):
            ((function, argument),) = value.items()
            yield from _of_function(function, argument, conditional)
        else:
            for inner in value.values():
                yield from references(inner, conditional)


def _of_function(function: str, argument: Any, conditional: bool) -> Iterator[Reference]:
    match function, argument:
        case "Ref", str(name):
            if not name.startswith("AWS::"):
                yield Reference(Refers.NAME, name, "", conditional)
        case "Fn::GetAtt", str(text) if "." in text:
            name, attribute = text.split(".", 1)
            yield Reference(Refers.NAME, name, attribute, conditional)
        case "Fn::GetAtt", [str(name), attribute]:
            yield Reference(Refers.NAME, name, attribute if isinstance(attribute, str) else "", conditional)
            yield from references(attribute, conditional)
        case "Fn::Sub", _:
            text, variables = _substitution(argument)
            yield from references(text if isinstance(text, str) else "", conditional)
            yield from references(variables, conditional)
            for part in _parts(text, dict.fromkeys(variables, "")):
                yield from references(part, conditional) if not isinstance(part, str) else ()
        case "Fn::If", [str(condition), yes, no]:
            yield Reference(Refers.CONDITION, condition)
            yield from references([yes, no], True)
        case "Condition", str(condition):
            yield Reference(Refers.CONDITION, condition)
        case "Fn::FindInMap", [str(name), *keys]:
            yield Reference(Refers.MAPPING, name, "", conditional)
            yield from references(keys, conditional)
        case "Fn::ImportValue", _:
            yield Reference(Refers.EXPORT, as_name(argument), "", conditional)
            yield from references(argument, conditional)
        case "Fn::GetStackOutput", {"StackName": stack, "OutputName": output}:
            yield Reference(Refers.OUTPUT, as_name(stack), as_name(output), conditional)
        case _:
            yield from references(argument, conditional)


def as_name(value: Any) -> str:
    """A name that may be computed, as a text to compare with others."""
    same = canonical(value)
    return same if isinstance(same, str) else json.dumps(same, sort_keys=True)


def canonical(value: Any) -> Any:
    """The value in the one way of writing that all of its equals have: Sub as Join, numbers as texts, no NoValue."""
    if isinstance(value, Mapping):
        if is_intrinsic(value):
            return _canonical_function(value)
        return {name: canonical(inner) for name, inner in value.items() if inner != NO_VALUE}
    if isinstance(value, list):
        return [canonical(inner) for inner in value if inner != NO_VALUE]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _canonical_function(value: Mapping[str, Any]) -> Any:
    ((function, argument),) = value.items()
    match function, argument:
        case "Fn::GetAtt", str(text) if "." in text:
            return {function: text.split(".", 1)}
        case "Fn::Sub", _:
            text, variables = _substitution(argument)
            if isinstance(text, str):
                return _joined(_parts(text, {name: canonical(inner) for name, inner in variables.items()}))
        case "Fn::Join", [str(between), list(parts)]:
            known = [canonical(part) for part in parts if part != NO_VALUE]
            return _joined([piece for part in known for piece in (between, part)][1:])
    return {function: canonical(argument)}


def _substitution(argument: Any) -> tuple[Any, Mapping[str, Any]]:
    match argument:
        case [text, dict(variables)]:
            return text, variables
    return argument, {}


def _parts(text: Any, variables: Mapping[str, Any]) -> list[Any]:
    """A text for Fn::Sub as literal texts and references, in turn."""
    if not isinstance(text, str):
        return []
    found: list[Any] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        found.append(text[end : match.start()])
        literal, name = match.groups()
        found.append("${" + name + "}" if literal else variables.get(name, _named(name.strip())))
        end = match.end()
    return [*found, text[end:]]


def _named(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}


def _joined(parts: list[Any]) -> Any:
    flat: list[Any] = []
    for part in parts:
        match part:
            case {"Fn::Join": ["", list(inner)]}:
                pieces = inner
            case _:
                pieces = [part]
        for piece in pieces:
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else {"Fn::Join": ["", flat]}


def same(before: Any, after: Any) -> bool:
    """Whether CloudFormation would see the same value, however it is written."""
    return bool(canonical(before) == canonical(after))


def may_be_equal(before: Any, after: Any, resources: Mapping[str, Any]) -> bool:
    """Whether two values that are written differently may come out the same when CloudFormation computes them."""
    first, second = canonical(before), canonical(after)
    if not (has_intrinsic(first) or has_intrinsic(second)):
        return False
    left, right = _as_parts(first), _as_parts(second)
    if left is None or right is None:
        return True
    if len(left) == 1 == len(right) and _resource(left[0], resources) and _resource(right[0], resources):
        return _resource(left[0], resources) == _resource(right[0], resources)
    return _fit(left[0], right[0], str.startswith) and _fit(left[-1], right[-1], str.endswith)


def _as_parts(value: Any) -> list[Any] | None:
    """The texts and functions that a text is made of; None where they cannot be told apart."""
    match value:
        case {"Fn::Join": ["", list(parts)]}:
            found = parts
        case str() | {"Ref": str()} | {"Fn::GetAtt": [str(), _]}:
            found = [value]
        case _:
            return None
    return None if any(isinstance(part, str) and "{{resolve:" in part for part in found) else found


def _resource(part: Any, resources: Mapping[str, Any]) -> str:
    match part:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]} if name in resources:
            return name
    return ""


def _fit(first: Any, second: Any, fits: Any) -> bool:
    """Whether two texts at the same end may belong to one value: one continues the other, or is computed."""
    return not (isinstance(first, str) and isinstance(second, str)) or fits(first, second) or fits(second, first)
