"""Fields of a record: read once from its dataclass, then every item is checked and converted by them.

A dataclass names its fields in Python's way and the table in its own: `sale_date` is the attribute `saleDate`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from shardwell.errors import BadItem, SchemaError
from shardwell.keypart import shown, whole_number

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", re.ASCII)

Record = TypeVar("Record")
Check = Callable[[Any], str | None]
"""What is wrong with a value, as the end of a sentence, or None."""


def day_fault(value: str) -> str | None:
    """What is wrong with a text as a day, or None."""
    if _DAY.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return "is not a day of the calendar: give a date that exists, as YYYY-MM-DD"
        return None
    return "is not a date: write it as YYYY-MM-DD"


def instant_fault(value: str) -> str | None:
    """What is wrong with a text as an instant, or None."""
    if _INSTANT.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "is not an instant of the calendar: give a time that exists, as YYYY-MM-DDThh:mm:ssZ"
        return None
    return "is not an instant in UTC: write it as YYYY-MM-DDThh:mm:ssZ"


Day = Annotated[str, day_fault]
"""A day of the calendar, as the text `YYYY-MM-DD`."""

Instant = Annotated[str, instant_fault]
"""An instant in UTC, as the text `YYYY-MM-DDThh:mm:ss[.ffffff]Z`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its names, the Python types it takes, its further checks, and whether it may lack."""

    name: str
    attribute: str
    types: tuple[type, ...]
    checks: tuple[Check, ...]
    required: bool
    optional: bool
    kind: type

    def fault(self, value: Any) -> str | None:
        """What is wrong with `value` as this field, as a whole sentence, or None."""
        kind = type(value)
        if kind not in self.types:
            if kind is float and Decimal in self.types:
                return f"{self.attribute} is the float {value!r}, which is not exact: give Decimal({str(value)!r})."
            wanted = " or ".join(one.__name__ for one in self.types)
            return f"{self.attribute} is {shown(value)} of type {kind.__name__}: give {wanted}."
        for check in self.checks:
            if (wrong := check(value)) is not None:
                return f"{self.attribute} {shown(value)} {wrong}."
        return None


def fields_of(record: type) -> Mapping[str, Field]:
    """The fields of a record's dataclass, by the attribute each is stored in."""
    return _read_fields(cast(Hashable, record))


@cache
def _read_fields(record: Any) -> Mapping[str, Field]:
    try:
        hints = get_type_hints(record, include_extras=True)
        described = fields(record)
    except TypeError:
        raise SchemaError(f"The record {record!r} is not a dataclass: decorate it with @dataclass.") from None
    found = [_field(record, one.name, hints[one.name], _default(one)) for one in described]
    by_attribute = {field.attribute: field for field in found}
    if len(by_attribute) < len(found):
        raise SchemaError(f"Two fields of {record.__name__} are stored in one attribute: rename one.")
    return by_attribute


def to_item(record: Any) -> dict[str, Any]:
    """The item of a record: its fields under their attributes' names, without those that are None."""
    found = ((one.attribute, getattr(record, one.name)) for one in fields_of(type(record)).values())
    return {attribute: value for attribute, value in found if value is not None}


def from_item(record: type[Record], item: Mapping[str, Any]) -> Record:
    """The record of an item as read from its table; attributes that the record does not name are left out."""
    known = fields_of(record)
    lacking = {field.name: None for a, field in known.items() if field.optional and a not in item}
    return record(**lacking, **{f.name: _python(f, item[a]) for a, f in known.items() if a in item})


def check_fields(record: type, item: Mapping[str, Any], *, partial: bool = False) -> None:
    """Refuse an item with an unknown field, a wrong type or value, or (unless `partial`) a missing field."""
    known = fields_of(record)
    for attribute, value in item.items():
        field = known.get(attribute)
        if field is None:
            raise BadItem(f"{attribute} is not a field of {record.__name__}: its fields are {', '.join(known)}.")
        if (fault := field.fault(value)) is not None:
            raise BadItem(fault)
    if not partial:
        lacking = [one.attribute for one in known.values() if one.required and one.attribute not in item]
        if lacking:
            raise BadItem(f"The {record.__name__} lacks {', '.join(lacking)}: give every field that is not optional.")


def camel(name: str) -> str:
    """`sale_date` as the attribute name `saleDate`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def _python(field: Field, value: Any) -> Any:
    if field.kind is int:
        number = whole_number(value)
        return value if number is None else number
    return field.kind(value) if field.kind in (tuple, frozenset) and isinstance(value, list | set) else value


def _default(described: Any) -> Any:
    return described.default if described.default_factory is MISSING else described.default_factory


def _field(record: type, name: str, hint: Any, default: Any) -> Field:
    optional, hint = _without_none(hint)
    if optional and default is not None and default is not MISSING:
        raise SchemaError(
            f"The field {name} of {record.__name__} may be None, but its default is {shown(default)}: an item without "
            "it could mean either, so let the default be None."
        )
    hint, checks = _without_annotations(hint)
    kind = get_origin(hint) or hint
    if kind is Literal:
        allowed = get_args(hint)
        kind = type(allowed[0]) if len({type(one) for one in allowed}) == 1 else None
        checks = (*checks, lambda value: None if value in allowed else f"is none of {', '.join(map(str, allowed))}")
    taken = _TAKEN.get(kind)
    if taken is None:
        raise SchemaError(
            f"The field {name} of {record.__name__} has the type {hint!r}, which no attribute can hold: use str, Day, "
            "Instant, int, Decimal, bool, bytes, list, tuple, dict, set, frozenset or a Literal."
        )
    required = not optional and default is MISSING
    return Field(name, camel(name), taken, (*_CHECKS.get(kind, ()), *checks), required, optional, kind)


def _without_none(hint: Any) -> tuple[bool, Any]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [one for one in get_args(hint) if one is not type(None)]
        if len(rest) == 1:
            return True, rest[0]
    return False, hint


def _without_annotations(hint: Any) -> tuple[Any, tuple[Check, ...]]:
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        return inner, tuple(one for one in extras if callable(one))
    return hint, ()


_TAKEN: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int, Decimal),
    Decimal: (Decimal, int),
    bool: (bool,),
    bytes: (bytes,),
    list: (list, tuple),
    tuple: (tuple, list),
    dict: (dict,),
    set: (set, frozenset),
    frozenset: (frozenset, set),
}
_CHECKS: dict[Any, tuple[Check, ...]] = {
    int: (lambda value: "is not a whole number of at most 38 digits" if whole_number(value) is None else None,),
}
