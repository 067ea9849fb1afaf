"""What a request or an answer is made of, as plain data: values are checked by it, and OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shardwell.fields import day_fault
from shardwell.keypart import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text of a length; `pattern` is a regular expression for the whole of it, `form` what an error calls that."""

    about: str
    least: int = 1
    most: int | None = None
    pattern: str | None = None
    form: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the calendar, as YYYY-MM-DD."""

    about: str
    example: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """An instant in UTC."""

    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number."""

    about: str
    least: int | None = None
    most: int | None = None
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A decimal number, exact from the JSON text to the table and back."""

    about: str
    least: Decimal | None = None
    most: Decimal | None = None
    decimals: int | None = None
    example: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few texts."""

    about: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Any number of values of one kind."""

    about: str
    of: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A JSON object with these fields and no others."""

    name: str
    """What the OpenAPI document calls it."""
    about: str
    fields: Mapping[str, Schema]
    required: frozenset[str] = frozenset()
    """Fields that must be there."""
    nullable: frozenset[str] = frozenset()
    """Fields that may be null."""
    least: int = 0
    """How many fields it must have, whichever they are: 1 refuses `{}`."""


_MOST_POINTED = 100

Plain = Text | Day | Instant | Whole | Number | Choice
Schema = Plain | Listing | Record


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, and where it is, as a JSON pointer or the name of a parameter."""

    where: str
    detail: str


def faults(schema: Schema, value: Any, where: str = "", name: str = "The body") -> list[Fault]:
    """All that is wrong with a value; `name` is what the sentences call it."""
    if isinstance(schema, Record):
        return _faults_in_record(schema, value, where, name)
    if isinstance(schema, Listing):
        if not isinstance(value, list):
            return [Fault(where, f"{name} is {_described(value)}: give a list.")]
        return [
            fault
            for index, one in enumerate(value)
            for fault in faults(schema.of, one, f"{where}/{index}", f"{name}[{index}]")
        ]
    wrong = _wrong(schema, value)
    return [] if wrong is None else [Fault(where, f"{name} {wrong}.")]


def _faults_in_record(schema: Record, value: Any, where: str, name: str) -> list[Fault]:
    if not isinstance(value, dict):
        return [Fault(where, f"{name} is {_described(value)}: give a JSON object.")]
    found = [
        Fault(f"{where}/{field}", f"{name} lacks {field}: it needs {', '.join(sorted(schema.required))}.")
        for field in sorted(schema.required - value.keys())
    ]
    if len(value) < schema.least:
        found.append(Fault(where, f"{name} is empty: give at least one of {', '.join(schema.fields)}."))
    for field, one in value.items():
        inner = schema.fields.get(field)
        if isinstance(inner, Plain) and _wrong(inner, one) is None:
            continue  # as nearly all are: where it is need not be worked out
        pointer = f"{where}/{pointed(field)}"
        if inner is None:
            known = ", ".join(schema.fields)
            found.append(Fault(pointer, f"{shown(field)} is no field of {name[:1].lower()}{name[1:]}: it has {known}."))
        elif one is not None or field not in schema.nullable:
            found.extend(faults(inner, one, pointer, f"{name}'s {field}" if where else field))
    return found


def pointed(field: str) -> str:
    """A field's name as a part of a JSON pointer; what no answer could hold is written as an escape, or cut."""
    sendable = field[:_MOST_POINTED].encode(errors="backslashreplace").decode()
    return sendable.replace("~", "~0").replace("/", "~1")


def _wrong(schema: Plain, value: Any) -> str | None:
    """What is wrong with a plain value, as the end of a sentence."""
    if isinstance(schema, Whole | Number):
        return _wrong_number(schema, value)
    if not isinstance(value, str):
        return f"is {_described(value)}: give text"
    match schema:
        case Text():
            return _wrong_text(schema, value)
        case Day():
            fault = day_fault(value)
            return None if fault is None else f"{shown(value)} {fault}"
        case Choice() if value not in schema.values:
            return f"is {shown(value)}: give one of {', '.join(schema.values)}"
        case _:
            return None


def _wrong_text(schema: Text, value: str) -> str | None:
    if len(value) < schema.least:
        return f"is empty: give at least {schema.least} character{'s' if schema.least > 1 else ''}"
    if schema.most is not None and len(value) > schema.most:
        return f"has {len(value)} characters: it may have at most {schema.most}"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return f"is {shown(value)}, which is not valid Unicode (a lone surrogate): remove it"
    if schema.pattern is not None:
        import re  # here, because most requests have no text of a form

        if not re.fullmatch(schema.pattern, value, re.ASCII):
            return f"is {shown(value)}: give {schema.form or f'text that matches {schema.pattern}'}"
    return None


def _wrong_number(schema: Whole | Number, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"is {_described(value)}: give a number"
    number = str(value)[:_MOST_DIGITS]
    whole = isinstance(schema, Whole)
    if isinstance(value, Decimal) and whole and not (value.adjusted() < _MOST_DIGITS and value % 1 == 0):
        return f"is {number}: give a whole number"
    if (schema.least is not None and value < schema.least) or (schema.most is not None and value > schema.most):
        return f"is {number}: it may be {_span(schema)}"
    if isinstance(schema, Number) and schema.decimals is not None and _decimals(value) > schema.decimals:
        return f"is {number}: it may have at most {schema.decimals} decimals"
    return None


_MOST_DIGITS = 38


def _span(schema: Whole | Number) -> str:
    if schema.least is None or schema.most is None:
        return f"at least {schema.least}" if schema.most is None else f"at most {schema.most}"
    return f"from {schema.least} to {schema.most}"


def _decimals(value: int | Decimal) -> int:
    """How many decimals a number has, trailing zeros left out."""
    if isinstance(value, int) or not value:
        return 0
    _, digits, exponent = value.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -int(exponent) - zeros)


def _described(value: Any) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        bool: "true or false",
        type(None): "null",
        str: "text",
        float: "a float, which is not exact",
    }
    return kinds.get(type(value)) or "a number"
