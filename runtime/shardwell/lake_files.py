"""Data files of the lake: Arrow tables written as Parquet, one file for each partition, described for Iceberg."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    schema_to_pyarrow,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import partition_record_value
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record

from shardwell.errors import SchemaError
from shardwell.lake_rows import with_columns
from shardwell.lake_table import SEQUENCE, LakeTable

if TYPE_CHECKING:
    from pyiceberg.table import Table


def write_data_files(lake: LakeTable, table: Table, rows: pa.Table) -> list[DataFile]:
    """Files with these rows, written where the table keeps its data; they are part of it once they are committed.

    Their names say nothing of the rows: a tenant may be called anything, `../` included.
    """
    batch = uuid4()
    places = table.location_provider()
    return [
        _write(table, partition, part, places.new_data_location(f"{batch}-{number}.parquet"))
        for number, (partition, part) in enumerate(_partitions(lake, table, rows))
    ]


def parquet_options(schema: pa.Schema) -> dict[str, Any]:
    """How Parquet is written: zstd, and vectors as bytes of their floats, which no dictionary would make smaller."""
    vectors = [field.name for field in schema if pa.types.is_large_list(field.type)]
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": [field.name for field in schema if field.name not in vectors],
        "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in vectors},
        "store_schema": False,
        "write_page_index": True,
    }


def _write(table: Table, partition: Record, rows: pa.Table, path: str) -> DataFile:
    schema = table.schema()
    arrow = schema_to_pyarrow(schema, include_field_ids=True)
    output = table.io.new_output(path)
    with output.create() as stream, pq.ParquetWriter(stream, arrow, **parquet_options(arrow)) as writer:
        writer.write_table(with_columns(rows, arrow))
    properties = table.metadata.properties
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=writer.writer.metadata,
        stats_columns=compute_statistics_plan(schema, properties),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=partition,
        file_size_in_bytes=len(output),
        sort_order_id=None,
        spec_id=table.spec().spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _partitions(lake: LakeTable, table: Table, rows: pa.Table) -> Iterator[tuple[Record, pa.Table]]:
    """The rows of each partition, those of a key together and in their order."""
    names, schema = _partition_columns(table), table.schema()
    order = dict.fromkeys((*names, *lake.key, SEQUENCE))
    rows = rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in order]))
    values = rows.select(names).combine_chunks()
    starts = [0, *_changes(values), rows.num_rows]
    for start, end in pairwise(starts):
        found = zip(table.spec().fields, names, strict=True)
        partition = [partition_record_value(field, values[name][start].as_py(), schema) for field, name in found]
        yield Record(*partition), rows.slice(start, end - start)


def _changes(sorted_values: pa.Table) -> list[int]:
    """The rows that differ from the one before them."""
    found: set[int] = set()
    for column in sorted_values.columns:
        differ = pc.not_equal(column[1:], column[:-1])
        found.update(pc.indices_nonzero(differ).to_pylist())
    return [index + 1 for index in sorted(found)]


def _partition_columns(table: Table) -> list[str]:
    names = []
    for field in table.spec().fields:
        if not isinstance(field.transform, IdentityTransform):
            raise SchemaError(
                f"The table {'.'.join(table.name())} is partitioned by {field.transform} of {field.name}, and only "
                "columns as they are can be written: partition it by a column of its own."
            )
        names.append(table.schema().find_column_name(field.source_id) or field.name)
    return names
