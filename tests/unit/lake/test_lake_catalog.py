"""The table in the catalog becomes what its description says, whoever else is at it, and loses nothing."""

from __future__ import annotations

import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import ListType, NestedField, StringType

from carousel_sync.lake import SALES_HISTORY
from shardwell.errors import SchemaError, Unavailable
from shardwell.lake_catalog import ensure_table, open_catalog
from shardwell.lake_table import BOOKKEEPING, Column, LakeTable
from tests.support.ambient import Surroundings
from tests.support.lake import LocalLake, conflict
from tests.unit.lake.conftest import Here

NAME = (SALES_HISTORY.namespace, SALES_HISTORY.name)


def described(*further: Column, partition_by: tuple[str, ...] = ("tenant_id", "year", "month")) -> LakeTable:
    columns = (*SALES_HISTORY.columns[: -len(BOOKKEEPING)], *further)
    return LakeTable(
        SALES_HISTORY.name,
        namespace=SALES_HISTORY.namespace,
        columns=columns,
        key=SALES_HISTORY.key,
        partition_by=partition_by,
    )


def test_a_new_table_is_as_described() -> None:
    table = ensure_table(LocalLake(), SALES_HISTORY)
    assert [(field.name, field.required) for field in table.schema().fields] == [
        (column.name, column.required) for column in SALES_HISTORY.columns
    ]
    assert isinstance(table.schema().find_type("embedding"), ListType)
    assert [(field.name, str(field.transform)) for field in table.spec().fields] == [
        ("tenant_id", "identity"),
        ("year", "identity"),
        ("month", "identity"),
    ]
    assert table.format_version == 2
    assert table.properties["commit.retry.num-retries"] == "0"


def test_a_table_that_is_complete_is_not_touched() -> None:
    lake = LocalLake()
    ensure_table(lake, SALES_HISTORY)
    lake.disturbance.calls.clear()
    ensure_table(lake, SALES_HISTORY)
    assert [one for one, _ in lake.disturbance.calls] == ["LoadTable"]


def test_an_empty_table_without_columns_and_partitions_is_completed() -> None:
    lake = LocalLake()
    lake.create_namespace(SALES_HISTORY.namespace)
    lake.create_table(NAME, Schema(NestedField(1, "tenant_id", StringType(), required=True)))
    table = ensure_table(lake, SALES_HISTORY)
    assert set(table.schema().column_names) >= {column.name for column in SALES_HISTORY.columns}
    assert table.schema().find_field("sale_id").required
    assert [field.name for field in table.spec().fields] == ["tenant_id", "year", "month"]


def test_what_somebody_has_set_otherwise_stays() -> None:
    lake = LocalLake()
    lake.create_namespace(SALES_HISTORY.namespace)
    lake.create_table(NAME, Schema(), properties={"commit.retry.num-retries": "7"})
    properties = ensure_table(lake, SALES_HISTORY).properties
    assert (properties["commit.retry.num-retries"], properties["commit.manifest-merge.enabled"]) == ("7", "true")


def test_a_new_column_is_null_in_rows_that_are_there(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    table = ensure_table(here.lake, described(Column("colour", "string")))
    assert table.scan().to_arrow()["colour"].to_pylist() == [None]


def test_a_new_column_that_is_required_is_refused_where_there_are_rows(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    with pytest.raises(SchemaError, match=r"has rows.*colour.*make them optional"):
        ensure_table(here.lake, described(Column("colour", "string", required=True)))


def test_a_column_of_another_type_is_refused() -> None:
    lake = LocalLake()
    lake.create_namespace(SALES_HISTORY.namespace)
    lake.create_table(NAME, Schema(NestedField(1, "embedding", StringType(), required=False)))
    with pytest.raises(SchemaError, match=r"embedding .* is string in the catalog and list<float>"):
        ensure_table(lake, SALES_HISTORY)


def test_a_column_that_is_described_no_more_stays() -> None:
    lake = LocalLake()
    ensure_table(lake, described(Column("colour", "string")))
    assert "colour" in ensure_table(lake, SALES_HISTORY).schema().column_names


def test_who_comes_second_finds_the_table_made() -> None:
    lake = LocalLake()
    lake.create_namespace(SALES_HISTORY.namespace)

    def another_first(operation: str, _: str) -> None:
        lake.disturbance.before = lambda *_: None
        ensure_table(lake, SALES_HISTORY)

    lake.disturbance.before = another_first
    assert ensure_table(lake, SALES_HISTORY).spec().fields


def test_who_comes_second_finds_the_table_extended(surroundings: Surroundings) -> None:
    lake = LocalLake()
    ensure_table(lake, SALES_HISTORY)
    wider = described(Column("colour", "string"), Column("size", "int"), partition_by=("tenant_id", "year"))

    def another_first(operation: str, _: str) -> None:
        if operation == "Commit":
            lake.disturbance.before = lambda *_: None
            ensure_table(lake, wider)

    lake.disturbance.before = another_first
    names = ensure_table(lake, wider, ambient=surroundings.ambient).schema().column_names
    assert names.count("colour") == names.count("size") == 1


def test_an_endless_conflict_ends(surroundings: Surroundings) -> None:
    lake = LocalLake()
    ensure_table(lake, SALES_HISTORY)
    lake.disturbance.before = lambda operation, _: conflict() if operation == "Commit" else None
    with pytest.raises(Unavailable, match="changed by others"):
        ensure_table(lake, described(Column("colour", "string")), ambient=surroundings.ambient)
    assert len(surroundings.waits) == 7


@pytest.mark.parametrize(
    "arn", ["", "bucket", "arn:aws:s3:::bucket", "arn:aws:s3tables:eu-west-1:000000000000:table/x"]
)
def test_what_is_no_table_bucket_is_refused(arn: str) -> None:
    with pytest.raises(SchemaError, match="arn:aws:s3tables:REGION:ACCOUNT:bucket/NAME"):
        open_catalog(arn)
