"""Questions to the lake: answered from as few files as they need, and never more than questions."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from rich.console import Console

from carousel_sync.lake import SALES_HISTORY
from operations.lake import __main__ as command
from operations.lake.dataset import Files, files_of
from operations.lake.output import show_table, write_csv, write_json
from operations.lake.session import Answer, ask, session
from operations.local.console import Voice
from operations.local.problem import Problem
from shardwell.vectors import float32
from tests.support.file_lake import FileLake, row
from tests.support.sales import sale

VECTOR = float32([0.5, -0.25])
SECRET = "a file that no query may read"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> FileLake:
    """Sales of two tenants and two months; one is changed, one deleted, one deleted and there again."""
    found = FileLake(tmp_path_factory.mktemp("lake"))
    north = [sale(number, tenant="north", saleDate=f"2026-{9 + number % 2:02}-{number:02}") for number in range(1, 9)]
    south = [sale(number, tenant="south", saleDate="2026-10-05") for number in range(1, 4)]
    found.add(*(row(item, number, vector=VECTOR) for number, item in enumerate((*north, *south), 1)))
    found.add(
        row({**north[0], "salePrice": Decimal("7.25")}, 20, "change"),
        row(north[1], 21, "delete"),
        row(south[0], 22, "delete"),
        row(south[0], 23, "insert"),
    )
    return found


@pytest.fixture(scope="module")
def files(lake: FileLake) -> Files:
    return files_of(SALES_HISTORY, lake.table())


def query(files: Files, sql: str, *, all_rows: bool = False) -> list[tuple[Any, ...]]:
    """The rows of an answer."""
    with session(SALES_HISTORY, files.dataset, memory="500MB", all_rows=all_rows) as connection:
        return [tuple(one) for one in ask(connection, sql).rows]


def test_the_current_state_has_the_newest_row_of_each_sale_and_no_deleted_one(files: Files) -> None:
    assert query(files, "SELECT count(*) FROM sales_history_rows") == [(15,)]
    found = query(files, "SELECT tenant_id, count(*) FROM sales_history GROUP BY ALL ORDER BY ALL")
    assert found == [("north", 7), ("south", 3)]
    changed = query(files, "SELECT sale_price, embedding FROM sales_history WHERE operation = 'change'")
    assert changed == [(Decimal("7.2500000000"), None)]


def test_with_all_rows_the_history_is_the_table_of_the_catalog(files: Files) -> None:
    assert query(files, "SELECT count(*) FROM sales_history", all_rows=True) == [(15,)]


def test_partitions_that_are_not_asked_for_are_not_opened(files: Files) -> None:
    assert files.files == 6
    wanted = (pc.field("tenant_id") == "north") & (pc.field("month") == 10)
    assert len(list(files.dataset.get_fragments(filter=wanted))) == 2
    (plan,) = query(files, "EXPLAIN SELECT sale_id FROM sales_history WHERE tenant_id = 'north' AND month = 10")
    scan = plan[1].partition("Arrow Scan")[2]
    assert "\"tenant_id\" = 'north'" in scan
    assert '"month" = 10' in scan
    assert "embedding" not in scan


def test_an_empty_lake_has_columns_and_no_rows(tmp_path: Path) -> None:
    files = files_of(SALES_HISTORY, FileLake(tmp_path).table())
    assert (files.files, files.rows) == (0, 0)
    assert query(files, "SELECT * FROM sales_history") == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x AS SELECT 1",
        "DROP VIEW sales_history",
        "INSERT INTO sales_history_rows SELECT * FROM sales_history_rows",
        "COPY (SELECT 1) TO '{path}'",
        "EXPORT DATABASE '{path}'",
        "ATTACH '{path}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "SELECT 1; SELECT 2",
        "",
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM glob('{path}*')",
        "SELECT * FROM read_parquet('s3://bucket/key')",
        "SELECT * FROM files",
        "SELECT",
        "SELECT no_such_column FROM sales_history",
    ],
)
def test_what_writes_or_reaches_beyond_the_lake_is_refused(files: Files, sql: str, tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text(SECRET, encoding="utf-8")
    with pytest.raises(Problem) as refused:
        query(files, sql.format(path=path))
    assert SECRET not in str(refused.value) + refused.value.detail
    assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"]
    assert path.read_text(encoding="utf-8") == SECRET


def test_a_query_that_needs_too_much_memory_says_so(files: Files) -> None:
    hungry = "SELECT list(a.sale_id || b.sequence || range::text) FROM sales_history_rows a, sales_history_rows b, "
    with (
        session(SALES_HISTORY, files.dataset, memory="20MB") as connection,
        pytest.raises(Problem, match="--memory"),
    ):
        list(ask(connection, f"{hungry} range(100000)").rows)


def test_no_query_writes_to_the_disk(files: Files) -> None:
    assert query(files, "SELECT current_setting('temp_directory')") == [("",)]


def answer(files: Files) -> Answer:
    connection = session(SALES_HISTORY, files.dataset, memory="500MB")
    return ask(
        connection,
        "SELECT sale_id, sale_price, sale_date, created_at, embedding, brand, sum(days_to_sell) AS days, count(*) AS n "
        "FROM sales_history WHERE sale_id = 's0003' AND tenant_id = 'north' GROUP BY ALL",
    )


def test_an_answer_is_lines_of_json(files: Files) -> None:
    file = StringIO()
    assert write_json(answer(files), file) == 1
    assert json.loads(file.getvalue()) == {
        "sale_id": "s0003",
        "sale_price": "5.5000000000",
        "sale_date": "2026-10-03",
        "created_at": "2026-10-01T00:00:00Z",
        "embedding": [0.5, -0.25],
        "brand": None,
        "days": None,
        "n": 1,
    }


def test_an_answer_is_csv(files: Files) -> None:
    file = StringIO()
    write_csv(answer(files), file)
    head, line = file.getvalue().splitlines()
    assert head == "sale_id,sale_price,sale_date,created_at,embedding,brand,days,n"
    assert line == 's0003,5.5000000000,2026-10-03,2026-10-01T00:00:00Z,"[0.5, -0.25]",,,1'


def shown(answer: Answer, *, most: int = 10) -> list[str]:
    said = StringIO()
    show_table(answer, most=most, voice=Voice(Console(file=said, width=100, highlight=False, soft_wrap=True)))
    return said.getvalue().splitlines()


def test_a_table_is_as_wide_as_a_screen_and_a_wider_one_is_shown_row_by_row() -> None:
    narrow = Answer(["a", "b"], ["INTEGER", "VARCHAR"], iter([(1, "x"), (22, None)]))
    assert shown(narrow) == ["     a   b", "     1   x", "    22", "  2 rows"]
    wide = Answer([f"column{n}" for n in range(20)], ["VARCHAR"] * 20, iter([("word " * 40,) * 20]))
    lines = shown(wide)
    assert lines[0] == "  row 1"
    assert max(map(len, lines)) <= 100
    vector = Answer(["v"], ["FLOAT[]"], iter([([0.5] * 1024,)]))
    assert "    [1,024 numbers]" in shown(vector)


def test_a_table_says_that_there_is_more() -> None:
    many = Answer(["a"], ["INTEGER"], iter([(n,) for n in range(50)]))
    assert shown(many, most=3)[-1] == "  3 rows, and there are more: --most 30 shows them, --format csv all"


@pytest.mark.parametrize(
    "arguments",
    [
        ["query"],
        ["query", "SELECT 1", "--format", "xml"],
        ["query", "SELECT 1", "--current", "--all-rows"],
        ["query", "SELECT 1", "--memory", "lots"],
        ["query", "SELECT 1", "--most", "0"],
        ["tables", "--stage", "prod", "--port", "4566"],
        ["drop"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_happens(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.parse(arguments)


def test_the_help_has_examples_that_can_be_asked(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.parse(["--help"])
    examples = [text.partition('"')[0] for text in capsys.readouterr().out.split('"SELECT ')[1:]]
    asked = [f"SELECT {example}" for example in examples if "FROM" in example]
    assert len(asked) == 3
    for sql in asked:
        query(files, sql)
