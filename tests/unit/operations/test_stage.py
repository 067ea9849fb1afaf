"""How commands choose a stage, and which they cannot reach."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from operations.command import confirm, number, stage_name
from operations.counting import SECONDS_BETWEEN_LINES, counted, counting
from operations.folded import folded
from operations.local import guard
from operations.local.console import Voice
from operations.local.problem import Problem
from operations.stage import Stage, aws_stage
from tests.unit.operations.answering import answering

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = {
    "redrive": ["list"],
    "replay": ["--from", "2026-01-01", "--until", "2026-01-02"],
    "lake": ["query", "SELECT 1"],
}


class Stacks:
    """CloudFormation with one stack, or an error."""

    def __init__(self, error: str = "") -> None:
        self._error = error

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 (CloudFormation's name)
        """As CloudFormation does."""
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": StackName}}, "DescribeStacks")
        return {"Stacks": [{"StackName": StackName, "Outputs": [{"OutputKey": "A", "OutputValue": StackName}]}]}


def stage(error: str = "") -> Stage:
    return Stage("prod", "123456789012", "eu-west-1", client=lambda _service: Stacks(error))


def test_an_output_is_read_from_the_systems_stack() -> None:
    assert stage().output("carousel-sync", "A") == "shardwell-prod-carousel-sync"


def test_what_is_not_there_is_said_so() -> None:
    with pytest.raises(Problem, match="has no output B, only A: deploy the version"):
        stage().output("carousel-sync", "B")
    with pytest.raises(Problem, match="no stack shardwell-prod-carousel-sync in account 123456789012, eu-west-1"):
        stage("ValidationError").output("carousel-sync", "A")
    with pytest.raises(ClientError, match="AccessDenied"):
        stage("AccessDenied").output("carousel-sync", "A")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_local_stage_cannot_reach_aws_whatever_the_shell_is_set_to(command: str) -> None:
    """Something that answers for a real account stands where the emulator should be: it is asked who it is, no more."""
    hostile = {
        **os.environ,
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_ENDPOINT_URL_SQS": "https://sqs.eu-west-1.amazonaws.com",
        "AWS_ENDPOINT_URL": "https://dynamodb.eu-west-1.amazonaws.com",
    }
    with answering(sts_account="123456789012") as server:
        done = subprocess.run(
            [sys.executable, "-m", f"operations.{command}", *COMMANDS[command], "--port", str(server.port)],
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


def test_a_stage_on_aws_has_the_callers_account_and_hands_his_keys_to_the_reader_of_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, f"the-{name}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_aws():
        found = aws_stage("dev")
        assert found.client("sqs").meta.region_name == "eu-west-3"
    assert (found.name, found.account, found.region, found.endpoint) == ("dev", "123456789012", "eu-west-3", None)
    assert (found.file_settings or {}).keys() == {"s3.access-key-id", "s3.secret-access-key", "s3.session-token"}


def test_without_a_region_a_stage_on_aws_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(Problem, match="No region is set"):
        aws_stage("dev")


def test_only_the_word_itself_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Voice(Console(file=StringIO()))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    confirm("queue", what="it", voice=voice, ask=lambda _: " queue\n")
    for answer in ("", "y", "yes", "QUEUE"):
        with pytest.raises(Problem, match="nothing was done"):
            confirm("queue", what="it", voice=voice, ask=lambda _, answer=answer: answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(Problem, match="Nobody is there to confirm it: add --yes"):
        confirm("queue", what="it", voice=voice)


def test_what_is_typed_is_read_or_refused() -> None:
    import argparse

    assert number(10)("10") == 10
    assert stage_name("dev") == "dev"
    for read, text in ((number(10), "11"), (number(10), "0"), (number(10), "²"), (stage_name, "a b"), (stage_name, "")):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)


def test_counts_and_long_sentences_are_written_for_people() -> None:
    assert [counted(1, "message"), counted(2_000, "message")] == ["1 message", "2,000 messages"]
    lines = folded("word " * 60, sign="  ! ").splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("  ! word")
    assert lines[1].startswith("    word")


def test_where_nobody_watches_a_line_tells_now_and_then_how_far_it_is() -> None:
    said, now = StringIO(), [0.0]
    with counting(Console(file=said), "sales staged", expected=1_000, clock=lambda: now[0]) as show:
        for seconds in range(12):
            now[0] = seconds
            show(seconds * 10, "2 left")
    assert SECONDS_BETWEEN_LINES == 5
    assert said.getvalue().splitlines() == [
        "  50 of about 1,000 sales staged, 2 left",
        "  100 of about 1,000 sales staged, 2 left",
    ]


@pytest.mark.parametrize("expected", [None, 0, 10, 1_000])
def test_where_somebody_watches_a_bar_shows_it(expected: int | None) -> None:
    said = StringIO()
    with counting(Console(file=said, force_terminal=True, width=140), "sales", expected=expected) as show:
        show(500, "2 left")
    assert "500/" in said.getvalue()
    assert "2 left" in said.getvalue()
