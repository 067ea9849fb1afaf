"""Running the CDK command line: its environment, its words, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operations.local import deployment, processes
from operations.local.deployment import Deployed
from operations.local.problem import Problem
from tests.unit.operations.answering import answering

CHANGED = """
✨  Synthesis time: 8.5s

local/SalesIntelligence (shardwell-local-sales-intelligence): deploying... [1/2]
shardwell-local-sales-intelligence |  1/29 | 8:49:42 PM | CREATE_COMPLETE | AWS::IAM::Role | Role

✅  local/SalesIntelligence (shardwell-local-sales-intelligence)

✨  Deployment time: 0.5s

✅  local/Delivery (shardwell-local-delivery) (no changes)
"""
FAILED = """
✨  Synthesis time: 8.5s
shardwell-local-sales-intelligence |  1/29 | 8:49:42 PM | CREATE_FAILED | AWS::IAM::Role | Role
local/SalesIntelligence: creating stack...

❌  local/SalesIntelligence (shardwell-local-sales-intelligence) failed: ValidationError: the table exists
    at somewhere (file.js:1)
"""


def test_the_environment_names_the_emulator_and_the_tools_of_this_checkout() -> None:
    inside = deployment.environment({"PATH": "/usr/bin", "AWS_PROFILE": "prod"}, port=4701)

    assert inside["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4701"
    assert "AWS_PROFILE" not in inside
    first, *_, last = inside["PATH"].split(os.pathsep)
    assert first == str(Path(sys.executable).parent)
    assert last == "/usr/bin"
    assert str(deployment.CDK.parent) in inside["PATH"]


def test_what_changed_is_read_from_its_words() -> None:
    assert deployment.read_progress(CHANGED) == Deployed(
        stacks=("local/SalesIntelligence", "local/Delivery"), changed=("local/SalesIntelligence",)
    )


def test_the_reason_of_a_failure_is_shown_without_the_progress() -> None:
    shown = deployment.reason(FAILED)

    assert "the table exists" in shown
    assert "CREATE_FAILED | AWS::IAM::Role" in shown
    assert "1/29" not in deployment.reason(CHANGED)


def test_a_long_reason_keeps_its_beginning_and_its_end() -> None:
    said = "\n".join(["fine", "Traceback (most recent call last):", *(f"line {n}" for n in range(50)), "KeyError: 'x'"])

    shown = deployment.reason(said).splitlines()

    assert shown[0] == "Traceback (most recent call last):"
    assert "…" in shown
    assert shown[-1] == "KeyError: 'x'"


def test_a_failure_names_the_log_and_tells_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "cdk"
    command.write_text("#!/bin/sh\necho '❌ Stack failed: no such bucket'\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setattr(deployment, "CDK", command)

    with answering(sts_account="000000000000") as server, pytest.raises(Problem, match="`cdk deploy` failed") as caught:
        deployment.deploy(tmp_path, port=server.port)

    assert caught.value.detail == "❌ Stack failed: no such bucket"
    assert (tmp_path / "deploy.log").read_text() == "❌ Stack failed: no such bucket\n"


def test_the_command_line_is_not_started_for_a_foreign_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "cdk"
    command.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'started'}'\n")
    command.chmod(0o755)
    monkeypatch.setattr(deployment, "CDK", command)

    with answering(sts_account="123456789012") as server, pytest.raises(Problem, match="123456789012"):
        deployment.deploy(tmp_path, port=server.port)

    assert not (tmp_path / "started").exists()


def test_an_interruption_ends_everything_that_the_command_started(tmp_path: Path) -> None:
    grandchild = f"{sys.executable} -c 'import time; time.sleep(300)' & echo $! > {tmp_path / 'pid'}; wait"
    program = (
        "import os; from pathlib import Path; from operations.local.deployment import run_group; "
        f"run_group(['sh', '-c', {grandchild!r}], log=Path({str(tmp_path / 'log')!r}), inside=dict(os.environ))"
    )
    ours = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert time.monotonic() < deadline, "the command did not start"
        time.sleep(0.02)
    pid = int((tmp_path / "pid").read_text())
    assert processes.find(pid) is not None

    ours.send_signal(signal.SIGINT)

    assert b"KeyboardInterrupt" in ours.communicate(timeout=20)[1]
    assert processes.find(pid) is None
