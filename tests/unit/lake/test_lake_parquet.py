"""Rows come back from Parquet as they went in, to the last bit, or do not go in at all."""

from __future__ import annotations

import io
import struct
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.errors import BadItem, SchemaError
from shardwell.lake_parquet import to_parquet
from shardwell.lake_table import BOOKKEEPING, Column, ColumnType, LakeTable
from shardwell.lake_values import column_value, lake_row

TYPES: tuple[ColumnType, ...] = (
    "string",
    "int",
    "long",
    "boolean",
    "date",
    "timestamptz",
    "decimal(38, 10)",
    "list<float>",
)
TABLE = LakeTable(
    "things",
    namespace="test",
    columns=(Column("id", "string", required=True), *(Column(f"c{at}", kind) for at, kind in enumerate(TYPES))),
    key=("id",),
    partition_by=("id",),
)
OWN = {"operation": "insert", "sequence": "0" * 40, "recorded_at": datetime(2026, 1, 1, tzinfo=UTC)}
VALUES: dict[ColumnType, st.SearchStrategy[Any]] = {
    "string": st.text(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
    "decimal(38, 10)": st.integers(-(10**38) + 1, 10**38 - 1).map(lambda number: Decimal(f"{number}E-10")),
    "list<float>": st.lists(st.binary(min_size=4, max_size=4), max_size=5).map(b"".join),
}
ROWS = st.fixed_dictionaries({f"c{at}": st.none() | VALUES[kind] for at, kind in enumerate(TYPES)})


def read(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(io.BytesIO(content)).read().to_pylist()
    return rows


@given(st.lists(ROWS, max_size=20))
def test_rows_come_back_as_they_went_in(rows: list[dict[str, Any]]) -> None:
    given_rows = [{"id": str(at), **row, **OWN} for at, row in enumerate(rows)]
    content = to_parquet(TABLE, [lake_row(TABLE, row) for row in given_rows])
    table = pq.ParquetFile(io.BytesIO(content)).read()
    assert table.column_names == [column.name for column in TABLE.columns]
    for found, row in zip(_bits(table), given_rows, strict=True):
        assert found == {**{column.name: None for column in TABLE.columns}, **row}


def test_the_same_rows_are_the_same_bytes() -> None:
    rows = [lake_row(TABLE, {"id": str(at), "c7": struct.pack("<2f", at, 0.1), **OWN}) for at in range(100)]
    assert to_parquet(TABLE, rows) == to_parquet(TABLE, rows)


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("string", 1),
        ("string", b"x"),
        ("string", "\ud800"),
        ("int", 2**31),
        ("int", -(2**31) - 1),
        ("int", Decimal("1.5")),
        ("int", True),
        ("int", "1"),
        ("long", 2**63),
        ("boolean", 1),
        ("date", "2026-02-30"),
        ("date", "20260201"),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamptz", "2026-01-01"),
        ("timestamptz", datetime(2026, 1, 1)),  # noqa: DTZ001 (it is to be refused)
        ("decimal(38, 10)", Decimal("0.00000000001")),
        ("decimal(38, 10)", Decimal("1E+28")),
        ("decimal(38, 10)", Decimal("NaN")),
        ("decimal(38, 10)", Decimal("-Infinity")),
        ("decimal(38, 10)", 1.5),
        ("decimal(38, 10)", "1.5"),
        ("decimal(38, 10)", True),
        ("list<float>", b"123"),
        ("list<float>", [1.0]),
    ],
)
def test_what_a_column_cannot_hold_is_refused_by_name(type: ColumnType, value: Any) -> None:
    with pytest.raises(BadItem, match="The column colour cannot hold"):
        column_value(Column("colour", type), value)


@pytest.mark.parametrize(
    ("type", "value", "held"),
    [
        ("int", Decimal("12"), 12),
        ("date", "2026-02-01", date(2026, 2, 1)),
        ("timestamptz", "2026-02-01T10:00:00.5Z", datetime(2026, 2, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        (
            "timestamptz",
            datetime(2026, 2, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 2, 1, 10, tzinfo=UTC),
        ),
        ("decimal(38, 10)", 7, Decimal(7)),
        ("decimal(38, 10)", Decimal("9999999999999999999999999999.9999999999"), Decimal("9" * 28 + "." + "9" * 10)),
        ("list<float>", b"", b""),
    ],
)
def test_what_a_table_holds_is_converted_exactly(type: ColumnType, value: Any, held: Any) -> None:
    assert column_value(Column("colour", type), value) == held


def test_a_required_column_is_never_null() -> None:
    with pytest.raises(BadItem, match="id is never null"):
        lake_row(TABLE, OWN)


def test_a_value_of_no_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="has no column 'colour'"):
        lake_row(TABLE, {"id": "1", "colour": "red", **OWN})


def test_bookkeeping_comes_last() -> None:
    assert TABLE.columns[-3:] == BOOKKEEPING


def _bits(table: Any) -> list[dict[str, Any]]:
    """The rows, lists of floats as their bits: NaN is not equal to itself, and has many forms."""
    rows = table.drop_columns(["c7"]).to_pylist()
    vectors = table["c7"].combine_chunks()
    offsets, floats = vectors.offsets.to_pylist(), memoryview(vectors.values.buffers()[1] or b"").cast("B")
    for at, row in enumerate(rows):
        start = vectors.values.offset
        held = bytes(floats[4 * (start + offsets[at]) : 4 * (start + offsets[at + 1])])
        row["c7"] = held if vectors[at].is_valid else None
    return rows
