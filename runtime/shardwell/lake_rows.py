"""Staged rows as Arrow tables: read, held to the table's description, and without those that the lake has."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import schema_to_pyarrow

from shardwell.errors import BadItem
from shardwell.lake_schema import iceberg_schema
from shardwell.lake_table import SEQUENCE, LakeTable
from shardwell.ledger import Ledger
from shardwell.staging import Staged


def arrow_schema(lake: LakeTable) -> pa.Schema:
    """The columns of a table as Arrow has them."""
    return schema_to_pyarrow(iceberg_schema(lake), include_field_ids=False)


def no_rows(lake: LakeTable) -> pa.Table:
    """A table of no rows."""
    return arrow_schema(lake).empty_table()


def read_rows(lake: LakeTable, staged: Staged, content: bytes) -> pa.Table:
    """The rows of a staged object; columns that came later are null in it."""
    found = pq.ParquetFile(pa.BufferReader(content)).read()
    known = {column.name for column in lake.columns}
    if unknown := set(found.column_names) - known:
        raise BadItem(
            f"The staged object {staged.key} has the columns {', '.join(sorted(unknown))}, which the table {lake.name} "
            "has not: deploy the version that describes them."
        )
    rows = with_columns(found, arrow_schema(lake))
    if staged.kind != "replayed" and rows.num_rows:
        first, last = pc.min_max(rows[SEQUENCE]).as_py().values()
        if not staged.first <= first <= last <= staged.last:
            raise BadItem(
                f"The staged object {staged.key} has rows from {first} to {last}, which its name does not cover: it "
                "was written by something else; move it away and replay its rows."
            )
    return rows


def with_columns(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with exactly these columns; those they lack are null."""
    columns = [
        rows[field.name] if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type) for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


def unseen_rows(lake: LakeTable, ledger: Ledger, staged: Iterable[tuple[Staged, pa.Table]]) -> pa.Table:
    """The rows beyond the ledger, each once, however often it was staged; the objects of a shard come in their order.

    An object has every row between its first and its last sequence. So what an object repeats of those before it is all
    that is not beyond the furthest of them.
    """
    parts = [no_rows(lake)]
    reached: dict[str, str] = {}
    for one, rows in staged:
        furthest = reached.get(one.shard, ledger.last(one.shard))
        parts.append(rows if one.first > furthest else rows.filter(pc.greater(rows[SEQUENCE], furthest)))
        reached[one.shard] = max(furthest, one.last)
    return pa.concat_tables(parts)
