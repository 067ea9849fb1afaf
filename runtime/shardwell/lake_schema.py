"""A described table of the lake in Iceberg's terms, and what a table in the catalog still lacks of it."""

from __future__ import annotations

from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

from shardwell.errors import SchemaError
from shardwell.lake_table import PROPERTIES, Column, ColumnType, LakeTable

_PLAIN: dict[ColumnType, IcebergType] = {
    "string": StringType(),
    "int": IntegerType(),
    "long": LongType(),
    "boolean": BooleanType(),
    "date": DateType(),
    "timestamptz": TimestamptzType(),
    "decimal(38, 10)": DecimalType(38, 10),
}


def iceberg_type(column: Column, element_id: int = -1) -> IcebergType:
    """The type of a column; the elements of a list have an id of their own."""
    if column.type == "list<float>":
        return ListType(element_id, FloatType(), element_required=True)
    return _PLAIN[column.type]


def iceberg_schema(table: LakeTable) -> Schema:
    """The schema of a table that is new."""
    count = len(table.columns)
    fields = [
        NestedField(number, column.name, iceberg_type(column, count + number), required=column.required)
        for number, column in enumerate(table.columns, 1)
    ]
    return Schema(*fields)


def iceberg_partitions(table: LakeTable) -> PartitionSpec:
    """The partitions of a table that is new: its columns as they are."""
    schema = iceberg_schema(table)
    fields = [
        PartitionField(schema.find_field(name).field_id, PARTITION_FIELD_ID_START + number, IdentityTransform(), name)
        for number, name in enumerate(table.partition_by)
    ]
    return PartitionSpec(*fields)


def lacking_columns(table: LakeTable, found: Table) -> list[Column]:
    """The columns that the table in the catalog has not; one that it has as another is refused."""
    present = {field.name: field for field in found.schema().fields}
    for column in table.columns:
        field = present.get(column.name)
        if field is not None and not _same_type(column, field.field_type):
            raise SchemaError(
                f"The column {column.name} of {table.namespace}.{table.name} is {field.field_type} in the catalog and "
                f"{column.type} in its description: describe it as it is, or add another column."
            )
    lacking = [column for column in table.columns if column.name not in present]
    needed = [column.name for column in lacking if column.required]
    if needed and found.metadata.snapshots:
        raise SchemaError(
            f"The table {table.namespace}.{table.name} has rows, and the required columns {', '.join(needed)} are new: "
            "make them optional."
        )
    return lacking


def lacking_partitions(table: LakeTable, found: Table) -> list[str]:
    """The columns that the table in the catalog is not partitioned by yet."""
    names = {found.schema().find_column_name(field.source_id) for field in found.spec().fields}
    return [name for name in table.partition_by if name not in names]


def lacking_properties(found: Table) -> dict[str, str]:
    """The properties that the table in the catalog has not; one that it has otherwise stays."""
    return {name: value for name, value in PROPERTIES.items() if name not in found.properties}


def _same_type(column: Column, found: IcebergType) -> bool:
    if isinstance(found, ListType):
        return column.type == "list<float>" and isinstance(found.element_type, FloatType)
    return column.type != "list<float>" and found == iceberg_type(column)
