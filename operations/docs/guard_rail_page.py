"""The page of the guard rails: every rule, and how a finding is accepted."""

from __future__ import annotations

from pathlib import Path

from operations.docs.findings import guard_rails
from operations.docs.markdown import code, fenced, table
from operations.docs.source import read_module


def guard_rail_page(folder: Path, example: str) -> str:
    """Every rule of ours, with what it looks at and what to do about a finding."""
    rows = [
        (code(f"Shardwell::{rule.id}"), ", ".join(map(code, sorted(rule.types))), rule.says, rule.fix)
        for rule in guard_rails(folder)
    ]
    return (
        "\n\n".join(
            [
                "# Guard rails",
                read_module(folder / "__init__.py").doc,
                "`add_guard_rails(app)` lets synth fail on any finding, of cdk-nag's AWS Solutions or of the rules "
                "below, that nobody acknowledged, with a reason, on the construct it is about or on one above it. What "
                "was acknowledged is listed in the assembly's `validation-report.json`.",
                "## Example",
                fenced(example),
                "## Rules",
                table(("rule", "looks at", "says", "way out"), rows),
            ]
        )
        + "\n"
    )
