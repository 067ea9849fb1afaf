"""Answers as a table to look at, as CSV, and as lines of JSON."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, TextIO

from operations.lake.session import Answer
from operations.local.console import Voice, columns

WIDTH = 100
LONGEST_CELL = 40
INDENT = 4
EXPLAINED = ["explain_key", "explain_value"]


def write_csv(answer: Answer, file: TextIO) -> int:
    """How many rows were written, below a line of their names. A list is JSON in its cell."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(answer.columns)
    return _counted(answer.rows, lambda row: writer.writerow([_cell_of_csv(value) for value in row]))


def write_json(answer: Answer, file: TextIO) -> int:
    """How many rows were written, each a line with an object. Decimals are text, so that no digit is lost."""

    def write(row: Sequence[Any]) -> None:
        file.write(json.dumps(dict(zip(answer.columns, map(plain, row), strict=True)), ensure_ascii=False) + "\n")

    return _counted(answer.rows, write)


def show_table(answer: Answer, *, most: int, voice: Voice) -> None:
    """The first rows: as a table, or below each other where a table would be too wide."""
    if list(answer.columns) == EXPLAINED:
        for _, plan in answer.rows:
            voice.say(plan)
        return
    found = list(islice(answer.rows, most + 1))
    shown = [tuple(_cell(value) for value in row) for row in found[:most]]
    lines = columns([tuple(answer.columns), *shown])
    if shown and max(map(len, lines)) + INDENT > WIDTH:
        _show_records(answer.columns, shown, voice)
    else:
        voice.grid(tuple(answer.columns), shown)
    rows = "1 row" if len(shown) == 1 else f"{len(shown):,} rows"
    more = f", and there are more: --most {most * 10} shows them, --format csv all" if len(found) > most else ""
    voice.say(f"  {rows}{more}")


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case Decimal():
            # A sum of whole numbers is one of so many digits, and is a number in JSON all the same.
            return int(value) if value.as_tuple().exponent == 0 else format(value, "f")
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple():
            return [plain(one) for one in value]
        case dict():
            return {str(name): plain(one) for name, one in value.items()}
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def _show_records(names: Sequence[str], rows: Iterable[Sequence[str]], voice: Voice) -> None:
    for number, row in enumerate(rows, 1):
        voice.say(f"  row {number}")
        voice.pairs([(f"  {name}", value) for name, value in zip(names, row, strict=True) if value])


def _cell(value: Any) -> str:
    if isinstance(value, list) and len(value) > 3 and all(isinstance(one, int | float) for one in value):
        return f"[{len(value):,} numbers]"
    text = _cell_of_csv(value)
    if isinstance(value, str):
        text = " ".join(text.split())
    if isinstance(value, Decimal) and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _cell_of_csv(value: Any) -> str:
    found = plain(value)
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _counted(rows: Iterable[Sequence[Any]], use: Any) -> int:
    count = 0
    for row in rows:
        use(row)
        count += 1
    return count
