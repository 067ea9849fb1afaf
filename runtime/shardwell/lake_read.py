"""The lake's current state: the newest row of each key, without what was deleted; as SQL text, and as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shardwell.lake_table import OPERATION, SEQUENCE, LakeTable

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import Table


def current_state_sql(table: LakeTable, source: str) -> str:
    """A query of the current state, for Athena, Spark and DuckDB alike; `source` is the table as the engine names it.

    A condition on columns of the key or the partition may be put around it, and engines push it down to the files.
    Other columns may have had another value in an older row, which is why a condition on them belongs outside, where it
    is. Partitions follow from the key, so rows are numbered by both: engines hand down conditions on these alone.
    """
    columns = ", ".join(column.name for column in table.columns)
    numbered_by = ", ".join(dict.fromkeys((*table.partition_by, *table.key)))
    return (  # The names are the description's, and of small letters, digits and _ only.
        f"SELECT {columns} FROM (SELECT {columns}, row_number() OVER (PARTITION BY {numbered_by} "  # noqa: S608 (the names are described)
        f"ORDER BY {SEQUENCE} DESC) AS newest_first FROM {source}) AS history "
        f"WHERE newest_first = 1 AND {OPERATION} <> 'delete'"
    )


def current_state(
    lake: LakeTable, table: Table, *, where: BooleanExpression | str, columns: tuple[str, ...]
) -> pa.Table:
    """The current rows for which `where` holds, which may only ask about columns of the key and of the partition."""
    wanted = dict.fromkeys((*lake.key, SEQUENCE, OPERATION, *columns))
    rows = table.scan(row_filter=where, selected_fields=tuple(wanted)).to_arrow()
    return newest(lake, rows).select(list(columns))


def newest(lake: LakeTable, rows: Any) -> pa.Table:
    """Of these rows the newest of each key, unless it is a deletion."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not rows.num_rows:
        return rows
    keys = rows.select([*lake.key, SEQUENCE])
    order = pc.sort_indices(keys, sort_keys=[*((name, "ascending") for name in lake.key), (SEQUENCE, "descending")])
    sorted_keys = keys.take(order).combine_chunks()
    first = pa.array([True] * min(1, rows.num_rows))
    differs = None
    for name in lake.key:
        column = sorted_keys[name]
        changed = pc.not_equal(column[1:], column[:-1])
        differs = changed if differs is None else pc.or_(differs, changed)
    begins = pa.chunked_array([first, *differs.chunks]) if differs is not None else first
    chosen = rows.take(order.filter(begins))
    return chosen.filter(pc.not_equal(chosen[OPERATION], "delete"))
