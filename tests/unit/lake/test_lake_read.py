"""The current state, by SQL in an engine and by Arrow: both hold to what a plain walk through the history says."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import sale_row
from shardwell.lake_parquet import to_parquet
from shardwell.lake_read import current_state_sql, newest
from shardwell.lake_rows import arrow_schema
from shardwell.stream_events import Change
from tests.support.ambient import START
from tests.support.sale_stream import stored
from tests.support.sales import sale


def history(seed: int, count: int = 200) -> pa.Table:
    """Sales that come, change and go at random, in no order."""
    chance, rows, there = random.Random(seed), [], set[int]()
    for sequence in range(1, count + 1):
        number = chance.randrange(20)
        operation: Any = "insert" if number not in there else chance.choice(["change", "delete"])
        (there.discard if operation == "delete" else there.add)(number)
        item = stored(sale(number, brand=f"b{sequence}"))
        change = Change(operation, str(sequence).zfill(40), START, item, {} if operation == "delete" else item)
        rows.append({**sale_row(change, None), "embedding": None})
    chance.shuffle(rows)
    return pa.Table.from_pylist(rows, schema=arrow_schema(SALES_HISTORY))


def by_hand(rows: pa.Table) -> dict[str, str]:
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(rows.to_pylist(), key=lambda row: row["sequence"]):
        last[row["sale_id"]] = row
    return {sale_id: row["brand"] for sale_id, row in last.items() if row["operation"] != "delete"}


@pytest.mark.parametrize("seed", range(5))
def test_sql_and_arrow_agree_with_a_walk_through_the_history(seed: int) -> None:
    rows = history(seed)
    expected = by_hand(rows)
    assert 0 < len(expected) < 20
    with duckdb.connect() as engine:
        engine.register("history", rows)
        found = engine.sql(current_state_sql(SALES_HISTORY, "history")).to_arrow_table()
    for answer in (found, newest(SALES_HISTORY, rows)):
        assert dict(zip(answer["sale_id"].to_pylist(), answer["brand"].to_pylist(), strict=True)) == expected


def test_the_columns_of_the_query_are_those_of_the_table() -> None:
    with duckdb.connect() as engine:
        engine.register("history", history(1))
        found = engine.sql(current_state_sql(SALES_HISTORY, "history"))
        assert found.columns == [column.name for column in SALES_HISTORY.columns]


def test_the_query_is_of_words_that_athena_and_spark_know_too() -> None:
    query = current_state_sql(SALES_HISTORY, '"s3tablescatalog/lake"."pricing_intelligence"."sales_history"')
    assert "QUALIFY" not in query.upper()
    assert query.replace('"s3tablescatalog/lake"."pricing_intelligence"."sales_history"', "t").count('"') == 0


def test_no_history_is_no_state() -> None:
    empty = arrow_schema(SALES_HISTORY).empty_table()
    assert newest(SALES_HISTORY, empty).num_rows == 0
    assert to_parquet(SALES_HISTORY, [])


def test_a_table_in_several_chunks_is_one_history() -> None:
    rows = history(3)
    parts = pa.concat_tables([rows.slice(0, 70), rows.slice(70, 1), rows.slice(71)])
    assert newest(SALES_HISTORY, parts).num_rows == len(by_hand(rows))
