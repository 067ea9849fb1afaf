"""Rows that come a second way, replayed from the table or redriven from its stream: those that the lake has not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, In

from shardwell.lake_rows import no_rows
from shardwell.lake_table import SEQUENCE, LakeTable
from shardwell.staging import Staged

if TYPE_CHECKING:
    from pyiceberg.table import Table

Key = tuple[Any, ...]


def absent_rows(lake: LakeTable, table: Table, returned: Sequence[tuple[Staged, pa.Table]]) -> pa.Table:
    """The returned rows that the table has not: redriven ones by key and sequence, replayed ones by key.

    A replayed row is the state of an item that was read from its table. Where the lake has any row of it, be it
    a deletion, it has had its history from the stream, and the row is left out.
    """
    rows = pa.concat_tables([no_rows(lake), *(part for _, part in returned)])
    changes = _changes_in(lake, table, rows)
    keys = {key for key, _ in changes}
    kept = [no_rows(lake)]
    for kind in ("redriven", "replayed"):
        for part in (part for one, part in returned if one.kind == kind):
            keep = []
            for change in _changes_of(lake, part):
                new = change[0] not in keys if kind == "replayed" else change not in changes
                keep.append(new)
                changes.add(change)
                keys.add(change[0])
            kept.append(part.filter(pa.array(keep, pa.bool_())))
    return pa.concat_tables(kept)


def _changes_in(lake: LakeTable, table: Table, rows: pa.Table) -> set[tuple[Key, str]]:
    """Key and sequence of each row of the table that is of the same key as one of these, and of some others."""
    if not rows.num_rows:
        return set()
    names = dict.fromkeys((*lake.partition_by, *lake.key))
    wanted: BooleanExpression = AlwaysTrue()
    for name in names:
        # Days and instants would have to be spelled for Iceberg: the other columns of a key narrow it down enough.
        if lake.column(name).type in ("string", "int", "long"):
            values = set(rows[name].to_pylist())
            wanted = And(wanted, In(name, values))  # type: ignore[call-arg, arg-type]  # mypy reads pydantic's fields
    found = table.scan(row_filter=wanted, selected_fields=(*lake.key, SEQUENCE)).to_arrow()
    return set(_changes_of(lake, found))


def _changes_of(lake: LakeTable, rows: pa.Table) -> list[tuple[Key, str]]:
    keys = zip(*(rows[name].to_pylist() for name in lake.key), strict=True)
    return list(zip(keys, rows[SEQUENCE].to_pylist(), strict=True))
