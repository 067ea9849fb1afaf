"""The reviewer's page says what the command does: its commands, exit codes, file and output are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from operations.docs.pages import CASES, ROOT
from review.__main__ import EXIT, FAILED, main
from review.acknowledgements import FILE, acknowledgements_in
from review.model import Verdict
from review.wording import SYMBOLS
from tests.unit.docs.blocks import blocks

PAGE = ROOT / "docs" / "reviewer.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)
    assert links
    assert [link for link in links if not PAGE.parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("verdict", Verdict, ids=lambda verdict: verdict.word)
def test_each_verdict_has_a_row_with_its_exit_code(verdict: Verdict) -> None:
    [row] = re.findall(rf"^\| {SYMBOLS[verdict]} {verdict.word} \|.*$", TEXT, re.MULTILINE)
    assert f"| {EXIT[verdict]} |" in row


def test_a_failure_has_its_code() -> None:
    assert f"| the review itself failed; one sentence says why | {FAILED} |" in TEXT.replace("| |", "|", 1)


def test_the_acknowledgement_is_one() -> None:
    [block] = [block for block in blocks(PAGE) if block.language == "toml"]
    [line] = acknowledgements_in(block.text.encode(), str(PAGE))
    assert (line.stage, line.logical_id) == ("prod", "SalesTableD1AE2578")
    assert f"`{FILE}`" in TEXT


def test_the_output_is_what_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = tmp_path / "acknowledgements.toml"
    nothing.touch()
    case = CASES / "templates" / "turn_off_recovery"
    main([f"--base={case / 'before'}", f"--head={case / 'after'}", f"--acknowledgements={nothing}"])
    printed = capsys.readouterr().out.splitlines()
    [block] = [block for block in blocks(PAGE) if block.language == "text"]
    assert [line for line in block.text.splitlines() if line not in printed] == []


def test_every_option_of_the_commands_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    options = set(re.findall(r"--[a-z]+", TEXT))
    assert {"--base", "--head", "--format", "--acknowledge", "--lint"} <= options
    assert [option for option in options if option not in said] == []
