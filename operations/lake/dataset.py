"""The lake's table as an Arrow dataset: its files as the catalog lists them, read only as far as a query asks.

DuckDB hands its conditions and columns down to the dataset. Files of other partitions are then not opened, row groups
are skipped by their statistics, columns that nobody asks for are not read, and what is read passes by in batches.
DuckDB's own Iceberg extension would do the same, but it is no part of its package: it is downloaded when it is first
used, which a command that must reach nothing but its stage cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.transforms import IdentityTransform

from operations.local.problem import Problem
from operations.stage import SYNC_SYSTEM, Stage
from shardwell.lake_catalog import open_catalog
from shardwell.lake_rows import arrow_schema
from shardwell.lake_table import LakeTable

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table


@dataclass(frozen=True, slots=True)
class Files:
    """What the table is made of now."""

    files: int
    rows: int
    bytes: int
    dataset: ds.Dataset


def load_table(stage: Stage, lake: LakeTable) -> Table:
    """The table of a stage as it is now; a Problem where there is none yet."""
    catalog = open_catalog(stage.output(SYNC_SYSTEM, "TableBucketArn"), endpoint=stage.endpoint)
    catalog.properties.update(stage.file_settings or {})
    try:
        return catalog.load_table((lake.namespace, lake.name))
    except NoSuchTableError:
        raise Problem(
            f"The lake of the stage {stage.name} has no table {lake.namespace}.{lake.name} yet: the committer makes it "
            "when it has the first rows to commit."
        ) from None


def files_of(lake: LakeTable, table: Table) -> Files:
    """The files of the table's current snapshot, and all of their rows as one dataset."""
    tasks = list(table.scan().plan_files())
    if any(task.delete_files for task in tasks):
        raise Problem(
            f"The table {lake.name} has files of deleted rows, which something else than the committer has written: "
            "query it with Athena or Spark."
        )
    parquet = ds.ParquetFileFormat()
    fragments = []
    for task in tasks:
        filesystem, path = _place(table, task.file.file_path)
        fragments.append(
            parquet.make_fragment(path, filesystem=filesystem, partition_expression=_partition(table, task.file))
        )
    return Files(
        files=len(tasks),
        rows=sum(task.file.record_count for task in tasks),
        bytes=sum(task.file.file_size_in_bytes for task in tasks),
        dataset=ds.FileSystemDataset(fragments, _schema(lake), parquet, fragments[0].filesystem)
        if fragments
        else ds.dataset(_schema(lake).empty_table()),
    )


def _place(table: Table, location: str) -> tuple[Any, str]:
    if not isinstance(table.io, PyArrowFileIO):
        raise TypeError(f"The table's files are read by {type(table.io).__name__}, and PyArrow's is needed.")
    scheme, host, path = PyArrowFileIO.parse_location(location)
    return table.io.fs_by_scheme(scheme, host), path


def _partition(table: Table, file: DataFile) -> pc.Expression:
    """What holds for every row of a file, as its place among the partitions says."""
    spec = table.specs()[file.spec_id]
    schema = table.schema()
    conditions = []
    for number, field in enumerate(spec.fields):
        value = file.partition[number]
        column = pc.field(schema.find_column_name(field.source_id))
        if isinstance(field.transform, IdentityTransform):
            conditions.append(column.is_null() if value is None else column == value)
    return reduce(and_, conditions) if conditions else pc.scalar(True)


def _schema(lake: LakeTable) -> pa.Schema:
    """The columns in the types that Parquet files are read as."""
    return pa.schema([pa.field(field.name, _plain(field.type)) for field in arrow_schema(lake)])


def _plain(type: pa.DataType) -> pa.DataType:
    if pa.types.is_large_list(type):
        return pa.list_(type.value_type)
    return pa.string() if pa.types.is_large_string(type) else type
