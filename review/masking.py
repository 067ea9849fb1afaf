"""A review without the secrets that its templates hold: whatever looks like one is masked before anything is shown.

References are never masked: they are names of secrets and not secrets. So are the names that the review is made of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from review.intrinsics import is_intrinsic
from review.model import ABSENT, Change, Member, PropertyChange, Review, Staged
from review.secret_names import is_secret_name
from review.secret_texts import MASK, without_secrets

Value = TypeVar("Value")

_NAMES = frozenset(
    (
        "stage",
        "stack",
        "stages",
        "elsewhere",
        "section",
        "logical_id",
        "type",
        "path",
        "name",
        "renamed_from",
        "moved_from",
        "digest",
        "rule",
        "revision",
        "tool",
        "index",
        "watches",
        "mark",
        "currency",
        "region",
        "prices_dated",
        "schemas_dated",
        "schemas_region",
        "construct_path",
        "label",
        "origin",
    )
)
"""Fields that say where something is; a secret is never a name here, and a masked name would lead nowhere."""

_CHANGES = frozenset({"changes", "groups"})
_REFERRING = frozenset(
    {"Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::GetStackOutput", "Fn::FindInMap", "Condition", "Fn::GetAZs"}
)
_UNITS = ("Units", "Validity")
"""What is in a mapping of this name is about secrets: how long each of them holds."""
_SHORTEST = 4
"""Shorter texts between the references of a Join are what keeps them apart."""
_DYNAMIC = "{{resolve:"
_VARIABLE = re.compile(r"(\$\{[^}]*\})")
_MARKUP = re.compile(r">([^<]+)<")


def masked(review: Review) -> Review:
    """The same review, each secret-like value in it replaced."""
    known = frozenset(change.logical_id for change in review.changes)
    changes = {id(change): _of_fields(change, known) for change in review.changes}

    def same(group: Staged[Change]) -> Staged[Change]:
        # A change of a group is one of `changes`, and stays so.
        items = tuple(changes[id(change)] for change in group.same)
        return replace(group, item=items[0], same=items)

    rest = {field.name: _of_field(review, field.name, known) for field in fields(review) if field.name not in _CHANGES}
    return replace(review, changes=tuple(changes.values()), groups=tuple(map(same, review.groups)), **rest)


def masked_value(value: Any, name: str = "", known: frozenset[str] = frozenset()) -> Any:
    """A JSON value without secrets; `name` is what it is called where it stands, `known` are texts to keep."""
    secret = is_secret_name(name)
    match value:
        case str():
            return _secret_text(value) if secret else without_secrets(value, known)
        case bool() | None:
            return value
        case int() | float():
            return MASK if secret else value
        case list():
            return [masked_value(entry, name, known) for entry in value]
        case Mapping() if is_intrinsic(value):
            ((function, argument),) = value.items()
            return {function: _of_function(function, argument, name, known)}
        case Mapping() if name.endswith(_UNITS):
            return {key: masked_value(inner, "", known) for key, inner in value.items()}
        case Mapping():
            return _of_mapping(value, known)
    return value


def _of_mapping(value: Mapping[Any, Any], known: frozenset[str]) -> dict[Any, Any]:
    """By each name in it; of `{Name: DB_PASSWORD, Value: …}` and a parameter with NoEcho, the value too."""
    called = next((value[key] for key in ("Name", "Key", "ParameterKey") if isinstance(value.get(key), str)), "")
    hidden = str(value.get("NoEcho", "")).lower() == "true"
    found = {}
    for key, inner in value.items():
        secret = (key in ("Value", "ParameterValue") and is_secret_name(called)) or (hidden and key == "Default")
        found[key] = masked_value(inner, "Password" if secret else str(key), known)
    return found


def _of_function(function: str, argument: Any, name: str, known: frozenset[str]) -> Any:
    if function in _REFERRING:
        return argument
    if function == "Fn::If" and isinstance(argument, list):
        return [*argument[:1], *(masked_value(entry, name, known) for entry in argument[1:])]
    if function == "Fn::Sub" and isinstance(argument, list):
        text, *variables = argument
        return [masked_value(text, name, known), *(masked_value(entry, "", known) for entry in variables)]
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        between, parts = argument
        dynamic = isinstance(parts, list) and any(isinstance(part, str) and _DYNAMIC in part for part in parts)
        return [between, parts if dynamic else _parts(parts, name, known)]
    return masked_value(argument, name, known)


def _parts(parts: Any, name: str, known: frozenset[str]) -> Any:
    if not isinstance(parts, list):
        return masked_value(parts, name, known)
    return [
        part if isinstance(part, str) and len(part) < _SHORTEST else masked_value(part, name, known) for part in parts
    ]


def _secret_text(text: str) -> str:
    """All of a secret but the references in it."""
    if _DYNAMIC in text or text.startswith("arn:") or not text:
        return text
    return "".join(
        part if not part or part.startswith("${") or (len(part) < _SHORTEST and len(text) > len(part)) else MASK
        for part in _VARIABLE.split(text)
    )


def _masked(value: Any, known: frozenset[str]) -> Any:
    match value:
        case str():
            return without_secrets(value, known) if type(value) is str else value
        case tuple():
            return tuple(_masked(entry, known) for entry in value)
        case PropertyChange():
            return _of_property(value, known)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _of_fields(value, known)
    return value


def _of_fields(value: Value, known: frozenset[str]) -> Value:
    holder: Any = value
    masked_one: Value = replace(holder, **{each.name: _of_field(holder, each.name, known) for each in fields(holder)})
    return masked_one


def _of_field(holder: Any, name: str, known: frozenset[str]) -> Any:
    value = getattr(holder, name)
    if name in _NAMES:
        return value
    if name == "svg":
        return _MARKUP.sub(lambda found: f">{without_secrets(found[1], known)}<", value)
    if name == "properties" and isinstance(holder, Change) and _hidden(holder):
        return tuple(
            replace(_of_property(each, known), before=_hide(each.before), after=_hide(each.after))
            if each.path[-1:] == ("Default",)
            else _of_property(each, known)
            for each in value
        )
    if name in ("entry", "conditions"):
        return masked_value(value, "", known)
    return _masked(value, known)


def _hidden(change: Change) -> bool:
    return isinstance(change.entry, Mapping) and str(change.entry.get("NoEcho", "")).lower() == "true"


def _hide(value: Any) -> Any:
    return value if value is ABSENT else MASK


def _of_property(change: PropertyChange, known: frozenset[str]) -> PropertyChange:
    """Under the nearest name of its path: `Environment.Variables.DB_PASSWORD`, `Tags[DB_PASSWORD].Value`."""
    steps = [step for step in change.path if not isinstance(step, int)]
    name = steps[-1] if steps else ""
    if name in ("Value", "ParameterValue") and len(steps) > 1 and isinstance(steps[-2], Member):
        name = steps[-2]
    called = name.name if isinstance(name, Member) else name
    above = steps[-2] if len(steps) > 1 else ""
    whole = (isinstance(name, Member) and name is steps[-1]) or (isinstance(above, str) and above.endswith(_UNITS))
    before, after = (
        value if value is ABSENT else masked_value(value, "" if whole else called, known)
        for value in (change.before, change.after)
    )
    reason = None if change.reason is None else _masked(change.reason, known)
    return replace(change, before=before, after=after, reason=reason)
