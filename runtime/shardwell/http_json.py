"""JSON in and out with exact numbers: a Decimal is read from the text of a number, and written as one."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring as _text
from typing import Any

MOST_DIGITS = 40


def read_json(text: str) -> Any:
    """The value of a JSON text; ValueError says what is wrong with it.

    Refused are also NaN, Infinity, a name twice in one object, nesting that no request needs, and numbers of
    thousands of digits, all of which Python would let pass or stumble over.
    """
    try:
        return json.loads(
            text,
            parse_float=_decimal,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeated,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write_json(value: Any) -> str:
    """`value` as JSON, every number with all its digits."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is Decimal:
        return _number(value)
    if kind is dict:
        # Most values are text: a call less for each halves the time of a page.
        parts = [f"{_text(n)}:{_text(one) if type(one) is str else write_json(one)}" for n, one in value.items()]
        return "{" + ",".join(parts) + "}"
    if kind is list:
        return "[" + ",".join(map(write_json, value)) + "]"
    return json.dumps(value, allow_nan=False)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no number that JSON can hold.")
    return format(value, "f") if abs(value.adjusted()) < MOST_DIGITS else str(value)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the exponent of {text[:MOST_DIGITS]} is out of range") from None


def _whole(text: str) -> int:
    if (digits := len(text.lstrip("-"))) > MOST_DIGITS:
        raise ValueError(f"it has a number of {digits} digits")
    return int(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"it has {name}, which is no JSON number")


def _without_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object in it has one name twice")
    return found
