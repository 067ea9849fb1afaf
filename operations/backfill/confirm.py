"""Before a backfill touches a table on AWS: what it is going to do, to whose data, and a person's word."""

from __future__ import annotations

import sys
from collections.abc import Callable

from operations.backfill.target import Target
from operations.local.console import Voice
from operations.local.problem import Problem
from shardwell.backfill_write import units_of


def describe(target: Target, *, rate: float, voice: Voice) -> None:
    """Where the table is, how big it is, and what the backfill may take."""
    most = int(target.items * units_of(target.table))
    voice.pairs(
        [
            ("stage", target.stage),
            ("account", target.account),
            ("region", target.region),
            ("table", target.name),
            ("records", f"about {target.items:,}"),
            (
                "at most",
                f"{most:,} write units at {rate:,.0f} a second: {duration(most / rate)}; records over 1 KB more",
            ),
        ]
    )


def confirm(target: Target, *, voice: Voice, ask: Callable[[str], str] = input) -> None:
    """Returns once the person has typed the table's name; refuses otherwise."""
    if not sys.stdin.isatty():
        raise Problem(f"Nobody is there to confirm a backfill of {target.name}: add --yes to do without.")
    voice.say()
    if ask("  Type the table's name to begin: ").strip() != target.name:
        raise Problem(f"That is not {target.name}: nothing was written.")


def duration(seconds: float) -> str:
    """About how long, in the unit that a person would use."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
