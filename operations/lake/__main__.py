"""Ask the lake, with DuckDB, on this machine or on AWS. It is only read; no file and no other address is reached.

  query "SELECT …"     one question to these two views:
                         sales_history        the current state: the newest row of each sale, without deleted ones
                         sales_history_rows   every row: inserts, changes and deletions, in the order of `sequence`
  tables               their columns, and how much there is

A tenant, a year and a month are files of their own: name them, and the others are not opened.

  python -m operations.lake query "SELECT year, month, count(*) AS sales, sum(sale_price) AS total
    FROM sales_history WHERE tenant_id = 'carousel-labs' AND year = 2026 GROUP BY ALL ORDER BY ALL"
  python -m operations.lake query "SELECT product_id, sale_id, sale_date, sale_price FROM sales_history
    WHERE tenant_id = 'carousel-labs' AND year = 2026 AND month = 11 ORDER BY sale_price DESC LIMIT 10"
  python -m operations.lake query --format csv "SELECT * EXCLUDE embedding FROM sales_history_rows
    WHERE tenant_id = 'carousel-labs' AND operation = 'delete'" > deleted.csv

The current state of what a query asks for is worked out in memory, up to --memory; rows that are only filtered or
added up (of sales_history_rows) pass by in batches.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from operations.command import add_stage, carry_out, check_stage, number
from operations.local.console import Voice
from operations.stage import Stage

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from operations.lake.dataset import Files

MEMORY = "2GB"
MOST_ROWS = 50
_MEMORY = re.compile(r"[1-9]\d{0,5} ?(MB|GB|MiB|GiB)", re.ASCII)


def main(arguments: list[str]) -> int:
    """The exit code: 0 if there was an answer."""
    chosen = parse(arguments)

    def work(reach: Callable[[], Stage], voice: Voice) -> int:
        # Here, because they take half a second to import, which --help need not wait for.
        from carousel_sync.lake import SALES_HISTORY
        from operations.lake.dataset import files_of, load_table
        from operations.lake.session import session

        stage = reach()
        table = load_table(stage, SALES_HISTORY)
        files = files_of(SALES_HISTORY, table)
        if chosen.command == "tables":
            describe(stage, table, files, voice)
            return 0
        connection = session(SALES_HISTORY, files.dataset, memory=chosen.memory, all_rows=chosen.all_rows)
        with connection:
            answer_query(connection, chosen, voice)
        return 0

    return carry_out(chosen, work, way_on="")


def answer_query(connection: object, chosen: argparse.Namespace, voice: Voice) -> None:
    """The answer, as it is wanted."""
    from operations.lake.output import show_table, write_csv, write_json
    from operations.lake.session import ask

    answer = ask(connection, chosen.sql)  # type: ignore[arg-type]  # DuckDB is imported only once it is needed
    match chosen.format:
        case "csv":
            write_csv(answer, sys.stdout)
        case "json":
            write_json(answer, sys.stdout)
        case _:
            show_table(answer, most=chosen.most, voice=voice)
    sys.stdout.flush()


def describe(stage: Stage, table: Table, files: Files, voice: Voice) -> None:
    """What there is to ask, and how much of it."""
    from carousel_sync.lake import SALES_HISTORY
    from operations.lake.views import CURRENT, ROWS
    from shardwell.ledger import Ledger

    snapshot = table.current_snapshot()
    shards = len(Ledger.of(table.properties).entries)
    voice.heading(f"The lake, stage {stage.name}")
    voice.pairs(
        [
            ("table", f"{SALES_HISTORY.namespace}.{SALES_HISTORY.name}"),
            ("rows", f"{files.rows:,} in {files.files:,} files, {files.bytes / 1e6:,.1f} MB"),
            ("snapshot", f"{snapshot.snapshot_id}" if snapshot else "none yet: nothing was committed"),
            ("ledger", f"{shards:,} shards of the stream"),
            (CURRENT, "the current state: the newest row of each sale, without deleted ones"),
            (ROWS, "every row, and of each: operation, sequence, recorded_at"),
        ]
    )
    voice.heading("Columns")
    by = dict.fromkeys(SALES_HISTORY.partition_by, "a partition")
    voice.grid(
        ("column", "type", "null", ""),
        [
            (column.name, column.type, "never" if column.required else "may be", by.get(column.name, ""))
            for column in SALES_HISTORY.columns
        ],
    )


def parse(arguments: list[str]) -> argparse.Namespace:
    """What is asked for; refuses what makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.lake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    query = commands.add_parser("query", help="ask a question in SQL")
    query.add_argument("sql", metavar="SQL", help="one SELECT, DESCRIBE or EXPLAIN")
    query.add_argument("--format", choices=("table", "csv", "json"), default="table", help="json: an object a line")
    rows = query.add_mutually_exclusive_group()
    rows.add_argument(
        "--current", dest="all_rows", action="store_false", help="sales_history is the current state (unless given)"
    )
    rows.add_argument(
        "--all-rows", action="store_true", help="sales_history has every row, as the table of that name in Athena"
    )
    query.add_argument("--most", type=number(100_000), default=MOST_ROWS, help=f"rows of a table ({MOST_ROWS})")
    query.add_argument("--memory", type=memory, default=MEMORY, help=f"the most that DuckDB takes ({MEMORY})")
    for one in (query, commands.add_parser("tables", help="what there is to ask")):
        add_stage(one)
    chosen = parser.parse_args(arguments)
    check_stage(parser, chosen)
    return chosen


def memory(text: str) -> str:
    """Reads an amount of memory off the command line."""
    if not _MEMORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of memory: write it as 500MB or 4GB")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
