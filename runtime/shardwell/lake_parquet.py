"""Rows of the lake as the bytes of a Parquet file, written by arro3: small, and imported in milliseconds."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

from arro3.core import Array, DataType, Field, Schema, Table, list_array
from arro3.io import write_parquet

from shardwell.lake_table import Column, LakeTable
from shardwell.lake_values import FLOAT_BYTES, Row

COMPRESSION: Final = "zstd(3)"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_ELEMENT = Field("element", DataType.float32(), nullable=False)


def to_parquet(table: LakeTable, rows: Sequence[Row]) -> bytes:
    """The file of these rows, as `lake_row` makes them, with the columns of the table in their order.

    Vectors are split into the bytes of their floats before they are compressed, and get no dictionary: they hardly ever
    repeat, and a dictionary of them is larger than they are.
    """
    fields = [Field(column.name, _TYPES[column.type], nullable=not column.required) for column in table.columns]
    arrays = [_array(column, [row.get(column.name) for row in rows]) for column in table.columns]
    vectors = [(column.name, "list", "element") for column in table.columns if column.type == "list<float>"]
    file = io.BytesIO()
    write_parquet(
        Table.from_arrays(arrays, schema=Schema(fields)),
        file,
        compression=COMPRESSION,
        column_dictionary_enabled=dict.fromkeys(vectors, False),
        column_encoding=dict.fromkeys(vectors, "byte_stream_split"),
        skip_arrow_metadata=True,
    )
    return file.getvalue()


def _array(column: Column, values: list[Any]) -> Array:
    return _ARRAYS[column.type](values)


def _plain(type: DataType) -> Callable[[list[Any]], Array]:
    return lambda values: Array(values, type)


def _days(values: list[date | None]) -> Array:
    days = [None if value is None else value.toordinal() - _FIRST_DAY for value in values]
    return Array(days, DataType.int32()).cast(_TYPES["date"])


def _instants(values: list[datetime | None]) -> Array:
    microseconds = [None if value is None else (value - _EPOCH) // timedelta(microseconds=1) for value in values]
    return Array(microseconds, DataType.int64()).cast(_TYPES["timestamptz"])


def _decimals(values: list[Decimal | None]) -> Array:
    # arro3 makes decimals of text only, and rounds or drops what does not fit: `lake_row` has refused such values.
    texts = [None if value is None else format(value, "f") for value in values]
    return Array(texts, DataType.utf8()).cast(_TYPES["decimal(38, 10)"])


def _vectors(values: list[memoryview | None]) -> Array:
    lengths = [0 if value is None else len(value) // FLOAT_BYTES for value in values]
    offsets = Array([0, *accumulate(lengths)], DataType.int32())
    floats = Array.from_buffer(memoryview(b"".join(value or b"" for value in values)).cast("f"))
    absent = Array([value is None for value in values], DataType.bool())
    return list_array(offsets, floats, type=_TYPES["list<float>"], mask=absent)


_TYPES: dict[str, DataType] = {
    "string": DataType.utf8(),
    "int": DataType.int32(),
    "long": DataType.int64(),
    "boolean": DataType.bool(),
    "date": DataType.date32(),
    "timestamptz": DataType.timestamp("us", tz="UTC"),
    "decimal(38, 10)": DataType.decimal128(38, 10),
    "list<float>": DataType.list(_ELEMENT),
}
_ARRAYS: dict[str, Callable[[list[Any]], Array]] = {
    "string": _plain(_TYPES["string"]),
    "int": _plain(_TYPES["int"]),
    "long": _plain(_TYPES["long"]),
    "boolean": _plain(_TYPES["boolean"]),
    "date": _days,
    "timestamptz": _instants,
    "decimal(38, 10)": _decimals,
    "list<float>": _vectors,
}
