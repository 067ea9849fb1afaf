"""Values as the lake's columns hold them: converted from a table's items exactly, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from shardwell.errors import BadItem
from shardwell.fields import day_fault, instant_fault
from shardwell.keypart import shown, whole_number
from shardwell.lake_table import Column, LakeTable

Row = Mapping[str, Any]
"""A row by the names of its columns; one that is left out is null."""

FLOAT_BYTES = 4
_SCALE = Decimal("1E-10")
_DECIMAL = Context(prec=38, traps=[Inexact, InvalidOperation])
_INTS = {"int": 2**31, "long": 2**63}


def lake_row(table: LakeTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as a row: every column of the table, converted; values of no column are refused."""
    unknown = values.keys() - {column.name for column in table.columns}
    if unknown:
        table.column(min(unknown))
    return {column.name: column_value(column, values.get(column.name)) for column in table.columns}


def column_value(column: Column, value: Any) -> Any:
    """A value as its column holds it.

    Days and instants may be given as text. A list of floats is given as its bytes, four for each, little endian.
    """
    if value is None:
        if column.required:
            raise BadItem(f"The column {column.name} is never null, and there is no value for it: give one.")
        return None
    return _CONVERTERS[column.type](column, value)


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise _refusal(column, value, "text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refusal(column, value, "valid Unicode, without a lone surrogate") from None
    return value


def _whole(column: Column, value: Any) -> int:
    number, most = whole_number(value), _INTS[column.type]
    if number is None or not -most <= number < most:
        raise _refusal(column, value, f"a whole number from -{most} to {most - 1}")
    return number


def _boolean(column: Column, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refusal(column, value, "true or false")
    return value


def _day(column: Column, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or day_fault(value) is not None:
        raise _refusal(column, value, "a day, as YYYY-MM-DD")
    return date.fromisoformat(value)


def _instant(column: Column, value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str) or instant_fault(value) is not None:
        raise _refusal(column, value, "an instant, as YYYY-MM-DDThh:mm:ssZ")
    return datetime.fromisoformat(value)


def _decimal(column: Column, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise _refusal(column, value, "a decimal number")
    try:
        return Decimal(value).quantize(_SCALE, context=_DECIMAL)
    except (Inexact, InvalidOperation):
        raise _refusal(column, value, "a number of at most 28 digits before the point and 10 behind it") from None


def _floats(column: Column, value: Any) -> memoryview:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _refusal(column, value, "the bytes of its floats")
    view = memoryview(value).cast("B")
    if len(view) % FLOAT_BYTES:
        raise _refusal(column, value, f"a whole number of floats, {FLOAT_BYTES} bytes each")
    return view


def _refusal(column: Column, value: Any, wanted: str) -> BadItem:
    return BadItem(f"The column {column.name} cannot hold {shown(value)}: give {wanted}.")


_CONVERTERS: dict[str, Callable[[Column, Any], Any]] = {
    "string": _text,
    "int": _whole,
    "long": _whole,
    "boolean": _boolean,
    "date": _day,
    "timestamptz": _instant,
    "decimal(38, 10)": _decimal,
    "list<float>": _floats,
}
