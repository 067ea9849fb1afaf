"""`python -m tests.bench NAME` prints one result as JSON; without a name, a table and a picture of all of them."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.picture import draw
from tests.bench.result import Result

NAMES = (
    "cold_start",
    "crash_matrix",
    "event_cost",
    "fan_out",
    "ingest",
    "insert_batch",
    "lake_layout",
    "point_ops",
    "query_decode",
    "shard_skew",
    "synth",
)

PICTURE = Path(".build") / "bench.png"


def main(arguments: list[str]) -> int:
    """0 when the benchmarks ran, whether their goals hold or not: timing decides no build."""
    if not arguments:
        results = [measure(name) for name in NAMES]
        show(results)
        draw(results, PICTURE)
        print(f"\nThe picture: {PICTURE}")
        return 0
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}: choose from {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in arguments:
        print(json.dumps(asdict(measure(name)), ensure_ascii=False))
    return 0


def measure(name: str) -> Result:
    """The result of a benchmark by name."""
    found: Result = importlib.import_module(f"tests.bench.{name}").run()
    return found


def show(results: list[Result]) -> None:
    """A table of results for a person."""
    table = Table("benchmark", "ours", "theirs", "unit", "ratio", "goal", "holds", box=None, header_style="bold")
    for one in results:
        holds = "yes" if one.holds else "NO"
        table.add_row(one.name, f"{one.ours:.3g}", f"{one.theirs:.3g}", one.unit, f"{one.ratio:.3f}", one.goal, holds)
    console = Console()
    console.print(table)
    for one in results:
        console.print(f"  {one.name}: {one.what} {one.details or ''}", style="dim", highlight=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
