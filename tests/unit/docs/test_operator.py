"""The operator's page says of the stages what their settings are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from operations.docs.pages import ROOT
from shardwell_cdk import Settings
from stacks.settings import STAGES

Says = Callable[[Settings], str]

ROWS: dict[str, Says] = {
    "point-in-time recovery": lambda stage: f"{stage.recovery_days} days" if stage.recovery_days else "off",
    "deletion protection, data kept when a stack goes": lambda stage: "yes" if stage.retain else "no",
    "alarms, dashboard": lambda stage: (
        "yes, to an alarm topic" if stage.alarm_topic else "yes" if stage.alarms else "no"
    ),
    "an API's throttle: calls a second, at once": lambda stage: f"{stage.throttle.rate:,}, {stage.throttle.burst:,}",
    "sign-in: second factor, threat protection": lambda stage: "required, on" if stage.retain else "optional, off",
}


def table() -> dict[str, dict[str, str]]:
    """The table of stages: what is said of each, by the row's name."""
    text = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8").partition("## The stages")[2]
    lines = [line for line in text.partition("\n\nThey are")[0].splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def test_every_stage_has_a_column() -> None:
    assert all(row.keys() == STAGES.keys() for row in table().values())


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_what_the_settings_say(row: str) -> None:
    assert table()[row] == {name: ROWS[row](stage) for name, stage in STAGES.items()}
