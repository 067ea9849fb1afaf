"""A table of the lake, described once, for the construct that makes it and the functions that write and read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shardwell.errors import SchemaError

ColumnType = Literal["string", "int", "long", "boolean", "date", "timestamptz", "decimal(38, 10)", "list<float>"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,254}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """A column by name and Iceberg type; a required one never holds null."""

    name: str
    type: ColumnType
    required: bool = False


OPERATION: Final = "operation"
SEQUENCE: Final = "sequence"
RECORDED_AT: Final = "recorded_at"
BOOKKEEPING: Final = (
    Column(OPERATION, "string", required=True),
    Column(SEQUENCE, "string", required=True),
    Column(RECORDED_AT, "timestamptz", required=True),
)
"""What every row says of itself: `insert`, `change` or `delete`; its place in the order of changes; when it happened.

A sequence is the stream's own number, padded with zeros to 40 digits, so that it sorts as text in every engine.
"""


FORMAT: Final = "2"
"""The version of Iceberg's format that every engine writes and reads."""
PROPERTIES: Final = {
    # A library's own retries would set properties again as they were before another commit: the ledger must not be.
    "commit.retry.num-retries": "0",
    # A commit a minute is a manifest a minute, and each commit lists them all: after a hundred they become one.
    "commit.manifest-merge.enabled": "true",
    "write.parquet.compression-codec": "zstd",
}
"""What a table has, unless somebody has set it otherwise.

Nothing is said of old snapshots: S3 Tables sees to them itself, and stops where a table has properties for that.
"""


@dataclass(frozen=True, init=False)
class LakeTable:
    """An append-only Iceberg table whose newest row of a key is the current state.

    `key` names the columns that identify what a row is about, `partition_by` those it is partitioned by, as they are;
    their values follow from the key's, so that all rows of a key are in one partition. Columns are only ever added, at
    the end.
    """

    name: str
    namespace: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by: tuple[str, ...]

    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        columns: Sequence[Column],
        key: Sequence[str],
        partition_by: Sequence[str],
    ) -> None:
        described = (*columns, *BOOKKEEPING)
        for value in (name, namespace, *(column.name for column in described)):
            if not _NAME.fullmatch(value):
                raise SchemaError(
                    f"The name {value!r} of the lake is not one that every engine takes: use a to z, 0 to 9 and _, at "
                    "most 255 characters, a letter first."
                )
        _refuse_twice([column.name for column in described])
        by_name = {column.name: column for column in described}
        for use, names in (("key", key), ("partition", partition_by)):
            _check_use(use, names, by_name)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "namespace", namespace)
        object.__setattr__(self, "columns", described)
        object.__setattr__(self, "key", tuple(key))
        object.__setattr__(self, "partition_by", tuple(partition_by))

    def column(self, name: str) -> Column:
        """The column of that name; an error that names the known ones where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise SchemaError(f"The lake's table {self.name} has no column {name!r}: it has {known}.")


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        own = ", ".join(column.name for column in BOOKKEEPING)
        raise SchemaError(f"The columns {', '.join(twice)} are there twice ({own} are added by the lake): rename them.")


def _check_use(use: str, names: Sequence[str], columns: dict[str, Column]) -> None:
    if not names:
        raise SchemaError(f"The lake's table has no {use} columns: name at least one.")
    for name in names:
        if name not in columns:
            raise SchemaError(f"The {use} column {name!r} is not described: add it to the columns.")
        if not columns[name].required or columns[name].type == "list<float>":
            raise SchemaError(f"The {use} column {name} may be null or is a list: make it a required plain one.")
