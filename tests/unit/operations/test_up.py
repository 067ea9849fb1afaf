"""What `make up` decides from what it finds, and what it says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from operations.local import deployment, emulator, up
from operations.local.__main__ import parse
from operations.local.console import Voice, columns
from operations.local.deployment import Deployed
from operations.local.down import down
from operations.local.emulator import Emulator
from operations.local.problem import Problem
from operations.local.status import status

RUNNING = Emulator(pid=4242, started="long ago", port=4701)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that an emulator was started on."""
    ports: list[int] = []

    def start(_folder: Path, *, port: int) -> Emulator:
        ports.append(port)
        return Emulator(pid=4343, started="now", port=port)

    monkeypatch.setattr(emulator, "start", start)
    return ports


def found(monkeypatch: pytest.MonkeyPatch, running: Emulator | None, *, healthy: bool) -> None:
    monkeypatch.setattr(emulator, "running", lambda _folder: running)
    monkeypatch.setattr(emulator, "read_record", lambda _folder: running)
    monkeypatch.setattr(emulator, "healthy", lambda _port, **_: healthy)
    monkeypatch.setattr(emulator, "stop", lambda _folder: ("a process",))


def test_one_that_runs_and_is_well_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[int]) -> None:
    found(monkeypatch, RUNNING, healthy=True)

    assert up.ensure_emulator(tmp_path, port=None) == (RUNNING, "runs already, process 4242")
    assert up.ensure_emulator(tmp_path, port=4701)[0] == RUNNING
    assert started == []


def test_another_port_than_the_running_ones_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    found(monkeypatch, RUNNING, healthy=True)

    with pytest.raises(Problem, match=r"already runs, on port 4701: `make down` first, then `make up PORT=4800`"):
        up.ensure_emulator(tmp_path, port=4800)
    assert started == []


def test_one_that_no_longer_answers_is_replaced_on_its_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    found(monkeypatch, RUNNING, healthy=False)

    _, said = up.ensure_emulator(tmp_path, port=None)

    assert started == [4701]
    assert "in place of one that no longer answered" in said


def test_nothing_there_starts_one_on_the_usual_port_or_on_the_given_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    found(monkeypatch, None, healthy=False)

    up.ensure_emulator(tmp_path, port=None)
    up.ensure_emulator(tmp_path, port=4577)

    assert started == [4566, 4577]


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "CDK", tmp_path / "cdk")

    with pytest.raises(Problem, match=r"cdk is missing: run `make setup`"):
        up.check_machine(tmp_path)


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "NEEDED_GIGABYTES", 1e9)

    with pytest.raises(Problem, match="GB free, less than the 1000000000 GB needed"):
        up.check_machine(tmp_path)


@pytest.mark.parametrize(
    ("deployed", "said"),
    [
        (Deployed(("local/A",), ()), "1 stack, nothing to change"),
        (Deployed(("local/A",), ("local/A",)), "1 stack, 1 changed: A"),
        (Deployed(("local/A", "local/B"), ("local/B",)), "2 stacks, 1 changed: B"),
    ],
)
def test_a_deployment_is_told_in_a_few_words(deployed: Deployed, said: str) -> None:
    assert up.describe(deployed) == said


def test_the_end_says_what_is_where_and_fits_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = "http://localhost:4701/000000000000/shardwell-local-carousel-sync-Sold"
    outputs = {
        "shardwell-local-sales-intelligence": {
            "TableName": "shardwell-local-sales-intelligence",
            "TableArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/shardwell-local-sales-intelligence",
            "ApiUrl": "https://9d7a87e1.execute-api.eu-west-1.amazonaws.com/",
        },
        "shardwell-local-carousel-sync": {"QueueUrl": queue, "SkippedUrl": f"{queue}-Skipped-{'x' * 60}"},
    }
    (tmp_path / "outputs.json").write_text(json.dumps(outputs), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    up.summary(tmp_path, local=RUNNING, voice=Voice())

    said = capsys.readouterr().out
    assert "  QueueUrl          shardwell-local-carousel-sync-Sold\n" in said
    assert "Skipped" not in said
    assert "arn:" not in said
    assert "  all other names   outputs.json\n" in said
    assert "python -m operations.redrive" in said
    assert '"Host: 9d7a87e1.execute-api.localhost:4701" \\\n' in said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize("port", ["0", "80", "65536", "-1", "abc", "4566.5", ""])
def test_a_port_that_cannot_be_is_refused_with_the_range(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["up", f"--port={port}"])

    assert "choose one from 1024 to 65535" in capsys.readouterr().err


def test_down_where_nothing_runs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    down(tmp_path, voice=Voice())

    assert capsys.readouterr().out == "Nothing runs: there was no emulator of this checkout to stop.\n"


def test_status_where_nothing_runs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not status(tmp_path, voice=Voice())

    assert capsys.readouterr().out == "Nothing runs. `make up` starts it.\n"


def test_stopping_needs_none_of_the_code_that_somebody_is_changing() -> None:
    program = (
        "import sys; import operations.local.__main__, operations.local.down; "
        "print({'sales_intelligence', 'shardwell', 'operations.local.demo'} & set(sys.modules))"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())

    assert said.stdout == "set()\n"


def test_a_hostile_shell_reaches_no_command(tmp_path: Path) -> None:
    program = (
        "import os; from pathlib import Path; from operations.local import __main__ as local; "
        f"local.FOLDER = Path({str(tmp_path)!r}); local.main(['status']); "
        "print({'AWS_PROFILE', 'AWS_SESSION_TOKEN'} & set(os.environ), os.environ['AWS_ENDPOINT_URL'])"
    )
    hostile = {"AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "x", "AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}

    said = subprocess.run(
        [sys.executable, "-c", program], env=hostile, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )

    assert said.stdout.splitlines()[-1] == "set() http://127.0.0.1:4566"


def test_a_step_is_one_line_with_its_time_also_when_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    voice = Voice()
    with voice.step("machine") as step:
        step.detail = "Python 3.11"
    with pytest.raises(Problem), voice.step("emulator"):
        raise Problem("no port")

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("  ✓ machine     Python 3.11 ")
    assert first.endswith("0.0 s")
    assert second.startswith("  ✗ emulator")
    assert len(first) == len(second) < 80


def test_columns_align_words_to_the_left_and_numbers_to_the_right() -> None:
    assert columns([("month", "sales", "by"), ("2025-07", "9", "a"), ("2025-08", "1,012", "bcd")]) == [
        "month     sales   by",
        "2025-07       9   a",
        "2025-08   1,012   bcd",
    ]


def test_the_port_owner_is_this_process_for_a_socket_of_its_own() -> None:
    from operations.local import ports

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        number = listening.getsockname()[1]
        assert ports.is_taken(number)
        listening.listen()
        holder = ports.owner(number)
    assert holder is not None
    assert holder.pid == os.getpid()
    assert not ports.is_taken(number)
