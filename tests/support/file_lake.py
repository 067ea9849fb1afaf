"""A lake in a folder: a catalog of this process, and files that PyArrow reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import Table

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import sale_row
from shardwell.lake_catalog import ensure_table
from shardwell.lake_files import write_data_files
from shardwell.lake_parquet import to_parquet
from shardwell.lake_rows import read_rows
from shardwell.staging import Staged
from shardwell.stream_events import Change, Operation
from tests.support import lake
from tests.support.ambient import START


class FileLake(lake.LocalLake):
    """The catalog, its files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.io = PyArrowFileIO()  # type: ignore[assignment]  # as a server's: files are read by Arrow
        self._folder = folder

    def create_table(self, identifier: Any, schema: Any, location: str | None = None, **further: Any) -> Table:
        """As a server does."""
        return super().create_table(identifier, schema, location or f"file://{self._folder}/table", **further)

    def table(self) -> Table:
        """The history of sales, made where it is not there."""
        return ensure_table(self, SALES_HISTORY)

    def add(self, *rows: Mapping[str, Any]) -> None:
        """One commit of rows that `row` has made."""
        content = to_parquet(SALES_HISTORY, rows)
        staged = Staged("k", "replayed", "", "", "", "", len(content), START)
        table = self.table()
        with table.transaction() as transaction, transaction.update_snapshot().fast_append() as append:
            for file in write_data_files(SALES_HISTORY, table, read_rows(SALES_HISTORY, staged, content)):
                append.append_data_file(file)


def row(
    item: Mapping[str, Any], sequence: int, operation: Operation = "insert", vector: bytes | None = None
) -> dict[str, Any]:
    """The row of a sale."""
    return sale_row(Change(operation, f"{sequence:040}", START, {}, item), vector)
