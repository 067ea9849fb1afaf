"""The SQL and the Python of the lake's page run as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from carousel_sync.lake import SALES_HISTORY
from operations.lake.dataset import files_of
from operations.lake.session import ask, session
from shardwell.lake_read import current_state_sql
from shardwell.vectors import float32
from tests.support.file_lake import FileLake, row
from tests.support.sales import sale
from tests.unit.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs" / "lake.md"
ATHENA, SPARK = '"s3tablescatalog/', "lake.pricing_intelligence"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> FileLake:
    """Sales of December 2025, each with an embedding; the first of them is changed, the last deleted."""
    found = FileLake(tmp_path_factory.mktemp("lake"))
    sales = [
        sale(number, tenant="north", saleId=f"S{number:04}", productId="PROD-1", saleDate="2025-12-02", season="Q4")
        for number in range(1, 6)
    ]
    found.add(*(row(one, number, vector=float32([number, 1])) for number, one in enumerate(sales)))
    found.add(row(sales[0], 8, "change", vector=float32([0, 1])), row(sales[-1], 9, "delete"))
    return found


@pytest.fixture
def dataset(lake: FileLake) -> Any:
    return files_of(SALES_HISTORY, lake.table()).dataset


def statements() -> list[str]:
    """The SQL of the page, in order."""
    return [block.text.strip() for block in blocks(PAGE) if block.language == "sql"]


def spaced(sql: str) -> str:
    """The SQL with one blank where there are several, and none within brackets' ends."""
    return re.sub(r"(?<=\() | (?=\))", "", " ".join(sql.split()))


@pytest.fixture
def elsewhere(dataset: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in which the table has the names that Athena and Spark call it by."""
    with duckdb.connect(":memory:") as connection:
        connection.register("files", dataset)
        for catalog in ("s3tablescatalog/shardwell-prod-carousel-sync-lake", "lake"):
            connection.execute(f"ATTACH ':memory:' AS \"{catalog}\"")
            connection.execute(f'CREATE SCHEMA "{catalog}"."pricing_intelligence"')
            connection.execute(
                f'CREATE TABLE "{catalog}"."pricing_intelligence"."sales_history" AS SELECT * FROM files'  # noqa: S608 (the names are written above)
            )
        yield connection


def test_the_command_answers_its_examples(dataset: Any) -> None:
    own = [sql for sql in statements() if ATHENA not in sql and SPARK not in sql and "FROM sales\n" not in sql]
    assert len(own) == 5
    with session(SALES_HISTORY, dataset, memory="500MB") as connection:
        assert [len(list(ask(connection, sql).rows)) for sql in own] == [1, 4, 7, 4, 4]


def test_the_nearest_embedding_is_the_sales_own(dataset: Any) -> None:
    (sql,) = (sql for sql in statements() if "likeness" in sql)
    with session(SALES_HISTORY, dataset, memory="500MB") as connection:
        first = next(iter(ask(connection, sql).rows))
    assert first[1] == "S0001"
    assert first[3] == pytest.approx(1)


@pytest.mark.parametrize(
    "source",
    [
        "sales_history_rows",
        '"s3tablescatalog/shardwell-prod-carousel-sync-lake"."pricing_intelligence"."sales_history"',
        "lake.pricing_intelligence.sales_history",
    ],
)
def test_the_current_state_is_the_one_that_the_command_has(source: str) -> None:
    wanted = spaced(current_state_sql(SALES_HISTORY, source))
    assert sum(wanted in spaced(sql) for sql in statements()) == 1


def test_the_queries_of_athena_and_spark_have_the_current_state(elsewhere: duckdb.DuckDBPyConnection) -> None:
    (athena,) = (sql for sql in statements() if ATHENA in sql)
    found = elsewhere.execute(athena).fetchall()
    assert [(year, month, sales) for year, month, sales, _ in found] == [(2025, 12, 4)]
    (view,) = (sql for sql in statements() if SPARK in sql)
    elsewhere.execute(view)
    (question,) = (sql for sql in statements() if "avg(days_to_sell)" in sql)
    assert [row[:2] for row in elsewhere.execute(question).fetchall()] == [("dress", 4)]


def test_the_python_reads_rows_and_embeddings(lake: FileLake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.table()
    monkeypatch.setattr("shardwell.lake_catalog.open_catalog", lambda _arn: lake)
    names: dict[str, Any] = {"table_bucket_arn": "arn"}
    for block in blocks(PAGE):
        if block.language == "python":
            exec(block.text, names)  # noqa: S102 (the page is ours)
    assert names["rows"].num_rows == 7
    assert names["vectors"].num_rows == 4
    assert names["answer"].num_rows == 1


def test_links_within_the_page_lead_somewhere() -> None:
    text = Path(PAGE).read_text(encoding="utf-8")
    titles = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-") for line in re.findall(r"^## .*", text, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles
