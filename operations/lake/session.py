"""A DuckDB that sees the lake and nothing else: no file, no network, no setting that could be changed back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from operations.lake.views import CURRENT, ROWS
from operations.local.problem import Problem
from shardwell.lake_read import current_state_sql
from shardwell.lake_table import LakeTable

AT_ONCE = 1_000
_READS = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_SOURCE = "lake_files"


@dataclass(frozen=True, slots=True)
class Answer:
    """The names and types of the columns of an answer, and its rows, which are read as they are asked for."""

    columns: Sequence[str]
    types: Sequence[str]
    rows: Iterator[Sequence[Any]]


def session(lake: LakeTable, dataset: Any, *, memory: str, all_rows: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection with both views. With `all_rows` both of them have every row, as the catalog's table has."""
    connection = duckdb.connect(":memory:", config={"python_enable_replacements": "false", "memory_limit": memory})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET temp_directory = ''")  # what is over its memory fails, and fills nobody's disk
    connection.register(_SOURCE, dataset)
    rows = f"SELECT * FROM {_SOURCE}"  # noqa: S608 (our own name)
    current = rows if all_rows else current_state_sql(lake, _SOURCE)
    for name, text in ((ROWS, rows), (CURRENT, current)):
        connection.execute(f"CREATE TEMP VIEW {name} AS {text}")
    for setting in _SETTINGS:
        connection.execute(setting)
    return connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """The answer to one question; a Problem where it is none, or is more than a question."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise Problem("The query cannot be read.", detail=str(error)) from error
    if len(statements) != 1:
        raise Problem(f"There are {len(statements)} statements: give one.")
    (statement,) = statements
    if statement.type not in _READS:
        raise Problem(
            f"The lake is only read here, and {statement.type.name} does more: give a SELECT, a DESCRIBE or an EXPLAIN."
        )
    try:
        found = connection.sql(sql)
    except duckdb.Error as error:
        raise _problem(error) from error
    return Answer(found.columns, [str(one) for one in found.types], _rows(found))


def _rows(found: duckdb.DuckDBPyRelation) -> Iterator[Sequence[Any]]:
    try:
        # By way of Arrow: DuckDB's own rows of Python need a library for instants that is no part of its package.
        for batch in found.to_arrow_reader(AT_ONCE):
            columns: list[list[Any]] = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise _problem(error) from error


def _problem(error: Exception) -> Problem:
    said = str(error)
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in said:
        return Problem(
            "The query needs more memory than it may have: ask for fewer columns (an embedding is the largest), a "
            "tenant, a year and a month, or give it more with --memory.",
            detail=said,
        )
    if isinstance(error, duckdb.PermissionException):
        return Problem("The query reaches beyond the lake, which is all that it may read.", detail=said)
    return Problem("The query failed.", detail=said)
