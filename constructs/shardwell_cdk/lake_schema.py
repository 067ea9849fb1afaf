"""A described table of the lake, as S3 Tables creates it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from aws_cdk import aws_s3tables as s3tables

from shardwell.lake_table import BOOKKEEPING, FORMAT, PROPERTIES, Column, LakeTable


def iceberg_metadata(table: LakeTable, *, created_with: int | None) -> s3tables.CfnTable.IcebergMetadataProperty:
    """Schema, partitions and properties that the table is created with; `created_with` columns of its own, or all."""
    columns = _first_columns(table, created_with)
    ids = {column.name: number for number, column in enumerate(columns, start=1)}
    return s3tables.CfnTable.IcebergMetadataProperty(
        iceberg_schema_v2=s3tables.CfnTable.IcebergSchemaV2Property(
            schema_v2_field_type="struct", schema_v2_field_list=_fields(columns)
        ),
        iceberg_partition_spec=s3tables.CfnTable.IcebergPartitionSpecProperty(
            fields=[
                s3tables.CfnTable.IcebergPartitionFieldProperty(name=name, source_id=ids[name], transform="identity")
                for name in table.partition_by
            ]
        ),
        table_properties={"format-version": FORMAT, **PROPERTIES},
    )


def _first_columns(table: LakeTable, created_with: int | None) -> tuple[Column, ...]:
    own = table.columns[: -len(BOOKKEEPING)]
    if created_with is None:
        return table.columns
    if not 1 <= created_with <= len(own):
        raise ValueError(
            f"The lake's table {table.name} cannot have been created with {created_with} columns: it describes "
            f"{len(own)}, without those that the lake adds."
        )
    created = (*own[:created_with], *BOOKKEEPING)
    late = [name for name in table.partition_by if name not in {column.name for column in created}]
    if late:
        raise ValueError(
            f"The lake's table {table.name} is partitioned by {', '.join(late)}, which is not among the "
            f"{created_with} columns that it was created with: count on to it, or partition by the others."
        )
    return created


def _fields(columns: tuple[Column, ...]) -> list[s3tables.CfnTable.SchemaV2FieldProperty]:
    """Numbered as Iceberg's libraries number a new table: columns first, then what is inside of them."""
    inner = count(len(columns) + 1)
    return [
        s3tables.CfnTable.SchemaV2FieldProperty(
            id=number, name=column.name, required=column.required, type=_type(column, inner)
        )
        for number, column in enumerate(columns, start=1)
    ]


def _type(column: Column, inner: Iterator[int]) -> Any:
    if column.type != "list<float>":
        return column.type
    # Spelled as Iceberg spells it: CloudFormation passes a nested type on as it is.
    return {"type": "list", "element-id": next(inner), "element": "float", "element-required": True}
