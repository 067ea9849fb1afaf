"""The commands on the page of redrive and replay are ones that there are, and their output fits."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from operations.lake import __main__ as lake
from operations.redrive import __main__ as redrive
from operations.redrive.messages import HIDDEN_SECONDS
from operations.replay import __main__ as replay
from operations.replay.run import CHUNK_ITEMS, CHUNK_OBJECTS
from tests.unit.docs.blocks import ROOT

PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("redrive", "lake")}
PARSERS: dict[str, Callable[[list[str]], Any]] = {
    "redrive": redrive.parse,
    "replay": replay.parse,
    "lake": lake.parse,
}


def commands() -> list[list[str]]:
    """Every command that a page shows, in words."""
    found = []
    for text in PAGES.values():
        for block in re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            found += re.findall(r"python -m operations\.((?:[^\n\"]|\"[^\"]*\")+)", block)
    lines = [shlex.split(line.partition(" > ")[0]) for line in found]
    return [words for words in lines if len(words) > 1]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_is_one_that_there_is(words: list[str]) -> None:
    assert PARSERS[words[0]](words[1:])


def test_there_are_commands() -> None:
    assert {words[0] for words in commands()} == set(PARSERS)


def test_what_a_terminal_shows_fits_a_terminal() -> None:
    blocks = re.findall(r"^```\n(\$ .*?)^```", PAGES["redrive"], re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    assert [line for block in blocks for line in block.splitlines() if len(line) > 100] == []


def test_the_figures_are_those_of_the_code() -> None:
    text = " ".join(PAGES["redrive"].split())
    assert f"after {HIDDEN_SECONDS // 60} minutes if it is killed" in text
    assert f"{replay.RATE:,} unless given" in text
    assert f"{replay.SEGMENTS} unless given" in text
    assert f"at most {CHUNK_ITEMS:,} sales and {CHUNK_OBJECTS} such objects" in text
    assert f"{redrive.MOST:,} messages be held at once" in text
