"""The command: what it is asked, whom it asks, what it says, and whom it cannot reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.backfill import __main__ as command
from operations.backfill.confirm import confirm, describe, duration
from operations.backfill.progress import SECONDS_BETWEEN_LINES, progress
from operations.backfill.run import dry_run, run
from operations.backfill.target import Target, aws_target
from operations.local import guard
from operations.local.console import Voice
from operations.local.problem import Problem
from sales_intelligence.tables import SALES
from shardwell.backfill_tally import Tally
from shardwell.rate import RateLimit
from tests.support.sales import sale
from tests.unit.backfill.scene import FAST, Scene, expected_ttl, mixed, sort_key
from tests.unit.operations.answering import answering

ROOT = Path(__file__).resolve().parents[3]
ASKED = ["--table", "sales-intelligence", "--stage"]


@pytest.fixture
def said() -> StringIO:
    return StringIO()


@pytest.fixture
def voice(said: StringIO) -> Voice:
    return Voice(Console(file=said, width=120, highlight=False, soft_wrap=True))


@pytest.fixture
def outer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment comes back, whatever the command makes of it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def target(scene: Scene, **changes: Any) -> Target:
    values = {
        "table": scene.table,
        "name": scene.store.name,
        "stage": "prod",
        "account": "123456789012",
        "region": "eu-west-1",
        "identity": "it",
        "items": 1_234_567,
        "client": scene.backend.client,
    }
    return Target(**{**values, **changes})


def test_a_dry_run_says_what_would_be_done_and_keeps_no_checkpoint(
    scene: Scene, voice: Voice, said: StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(20):
        scene.put(mixed(number))
    tally = dry_run(target(scene), segments=None, voice=voice)
    assert (tally.given, tally.deleted) == (15, 5)
    assert not scene.backend.wire.writes
    assert not list(tmp_path.iterdir())
    assert "deleted                     5  too old for DynamoDB ever to expire" in said.getvalue()
    assert "Dry run: nothing was written." in said.getvalue()


def test_a_checkpoint_that_cannot_be_kept_is_found_out_before_the_first_write(
    scene: Scene, voice: Voice, tmp_path: Path
) -> None:
    scene.put(sale(1))
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="cannot be"):
        run(target(scene), path=tmp_path / "file" / "c", limit=RateLimit(FAST), segments=None, voice=voice)
    assert not scene.backend.wire.sent


def test_the_report_names_every_record_that_was_left_alone(
    scene: Scene, voice: Voice, said: StringIO, tmp_path: Path
) -> None:
    scene.put(sale(1))
    scene.put_raw({"PK": {"S": "P [red]"}, "SK": {"S": "S"}, "saleDate": {"S": "soon"}})
    tally = run(target(scene), path=tmp_path / "c", limit=RateLimit(FAST), segments=1, voice=voice)
    assert tally.faults == 1
    assert "! PK=P [red], SK=S: saleDate 'soon' is no date to count from" in said.getvalue()
    assert "unreadable                  1  no date to count from" in said.getvalue()
    assert scene.raw()[sort_key(sale(1))]["ttl"]["N"] == expected_ttl(sale(1))


def test_where_nobody_watches_a_line_tells_now_and_then_how_far_it_is(said: StringIO, voice: Voice) -> None:
    now = [0.0]
    with progress(voice.console, expected=1_000, before=Tally(), clock=lambda: now[0]) as show:
        for seconds in range(12):
            now[0] = seconds
            show(Tally(looked_at=seconds * 10, given=seconds))
    assert SECONDS_BETWEEN_LINES == 5
    assert said.getvalue().splitlines() == [
        "  50 of about 1,000 records looked at, 5 given, 0 deleted",
        "  100 of about 1,000 records looked at, 10 given, 0 deleted",
    ]


@pytest.mark.parametrize("expected", [0, 10, 1_000])
def test_where_somebody_watches_a_bar_shows_it(said: StringIO, expected: int) -> None:
    console = Console(file=said, force_terminal=True, width=140)
    with progress(console, expected=expected, before=Tally(looked_at=5)) as show:
        show(Tally(looked_at=500, given=321))
    assert "500/" in said.getvalue()
    assert "321 given" in said.getvalue()


def test_it_shows_whose_table_it_is_and_what_it_may_take(scene: Scene, voice: Voice, said: StringIO) -> None:
    describe(target(scene), rate=500, voice=voice)
    for expected in ("prod", "123456789012", "eu-west-1", scene.store.name, "about 1,234,567", "4,938,268 write units"):
        assert expected in said.getvalue()
    assert "3 hours" in said.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "1 seconds"), (150, "2 minutes"), (9_000, "2 hours"), (260_000, "3 days")]
)
def test_a_duration_is_said_in_the_unit_of_its_size(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_only_the_tables_own_name_confirms(scene: Scene, voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    confirm(target(scene), voice=voice, ask=lambda _: f" {scene.store.name}\n")
    for answer in ("", "y", "yes", "prod", scene.store.name.upper()):
        with pytest.raises(Problem, match="nothing was written"):
            confirm(target(scene), voice=voice, ask=lambda _, answer=answer: answer)


def test_where_nobody_can_be_asked_it_needs_to_be_told_so(
    scene: Scene, voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(Problem, match="add --yes"):
        confirm(target(scene), voice=voice)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--table", "sales-intelligence"],
        ["--stage", "local"],
        [*ASKED, "local", "--rate", "0"],
        [*ASKED, "local", "--rate", "40001"],
        [*ASKED, "local", "--segments", "two"],
        [*ASKED, "local", "--dry-run", "--checkpoint", "file"],
        [*ASKED, "prod", "--port", "4577"],
        ["--table", "no-such-table", "--stage", "local"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_happens(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.parse(arguments)


def run_command(
    monkeypatch: pytest.MonkeyPatch, scene: Scene, *arguments: str, items: int = 5, yes: bool = True
) -> int:
    found = target(scene, items=items)
    monkeypatch.setattr(command, "aws_target", lambda *_args, **_named: found)
    return command.main([*ASKED, "prod", *arguments, *(["--yes"] if yes else [])])


def test_the_exit_code_tells_whether_somebody_has_to_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], outer: None
) -> None:
    checkpoint = ("--checkpoint", str(tmp_path / "c"))
    scene.put(sale(1))
    assert run_command(monkeypatch, scene, *checkpoint, yes=False) == 1
    assert "add --yes" in capsys.readouterr().out
    assert run_command(monkeypatch, scene, "--dry-run", yes=False) == 0
    assert not scene.backend.wire.writes
    assert run_command(monkeypatch, scene, *checkpoint) == 0
    scene.put_raw({"PK": {"S": "P"}, "SK": {"S": "S"}, "saleDate": {"S": "soon"}})
    assert run_command(monkeypatch, scene, *checkpoint) == 1


def test_interrupted_it_says_how_to_go_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], outer: None
) -> None:
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 2)
    for number in range(20):
        scene.put(sale(number))
    path = tmp_path / "c"

    def interrupted(*_args: Any) -> None:
        if '"positions": {}' not in path.read_text():
            raise KeyboardInterrupt

    monkeypatch.setattr("operations.backfill.progress._lines", lambda *_: interrupted)
    assert run_command(monkeypatch, scene, "--checkpoint", str(path)) == 130
    assert f"The same command goes on from {path}." in capsys.readouterr().out
    monkeypatch.undo()
    assert run_command(monkeypatch, scene, "--checkpoint", str(path)) == 0
    assert f"Resumes from {path}" in capsys.readouterr().out
    assert all("ttl" in item for item in scene.raw().values())


def test_a_stage_that_is_not_there_is_said_so(moto: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(Problem, match="no table shardwell-nowhere-sales-intelligence in account 123456789012"):
        aws_target(SALES, stage="nowhere")


def test_the_local_stage_cannot_reach_aws_whatever_the_shell_is_set_to() -> None:
    """Something that answers for a real account stands where the emulator should be: it is asked who it is, no more."""
    hostile = {
        **os.environ,
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.eu-west-1.amazonaws.com",
        "AWS_ENDPOINT_URL": "https://dynamodb.eu-west-1.amazonaws.com",
    }
    with answering(sts_account="123456789012") as server:
        done = subprocess.run(
            [sys.executable, "-m", "operations.backfill", *ASKED, "local", "--port", str(server.port)],
            cwd=ROOT,
            env=hostile,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"answers for account 123456789012, not for {guard.ACCOUNT}; nothing was sent to it." in done.stdout
    assert server.requests == ["Action=GetCallerIdentity"]
