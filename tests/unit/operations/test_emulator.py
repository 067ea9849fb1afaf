"""Starting, recognising and stopping, with a small program in the emulator's place."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from operations.local import emulator, guard, ports, processes
from operations.local.emulator import Emulator
from operations.local.problem import Problem

SERVING = """
import http.server, json, os, subprocess, sys
worker = os.path.join(os.environ["TMPDIR"], "worker.py")
open(worker, "w").write("import time; time.sleep(300)")
child = subprocess.Popen([sys.executable, worker])
json.dump(dict(os.environ), open(os.path.join(os.environ["STATE_DIR"], "seen.json"), "w"))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/_ministack/ready" else 404)
        self.end_headers()
http.server.HTTPServer((os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
"""
FAILING = "import sys; print('no such module'); sys.exit(3)"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "local"
    place.mkdir()
    yield place
    emulator.stop(place)


def program(tmp_path: Path, text: str) -> Path:
    """An executable that runs `text` whatever its arguments, as `.venv/emulator/bin/python` runs the emulator."""
    (tmp_path / "program.py").write_text(text)
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{tmp_path / 'program.py'}'\n")
    path.chmod(0o755)
    return path


def test_it_runs_healthy_in_a_group_of_its_own_and_is_recognised(folder: Path, port: int, tmp_path: Path) -> None:
    started = emulator.start(folder, port=port, python=program(tmp_path, SERVING))

    assert emulator.healthy(port)
    assert emulator.running(folder) == started
    assert os.getpgid(started.pid) == started.pid != os.getpgrp()


def test_stopping_ends_every_process_and_leaves_no_record(folder: Path, port: int, tmp_path: Path) -> None:
    started = emulator.start(folder, port=port, python=program(tmp_path, SERVING))

    ended = emulator.stop(folder)

    assert len(ended) == 2
    assert processes.in_group(started.pid) == ()
    assert not ports.is_taken(port)
    assert sorted(path.name for path in folder.iterdir()) == ["emulator.log"]
    assert emulator.stop(folder) == ()


def test_a_function_process_that_outlived_a_killed_emulator_is_ended_too(
    folder: Path, port: int, tmp_path: Path
) -> None:
    started = emulator.start(folder, port=port, python=program(tmp_path, SERVING))
    os.kill(started.pid, 9)
    os.waitpid(started.pid, 0)
    assert len(processes.in_group(started.pid)) == 1

    assert emulator.running(folder) is None
    ended = emulator.stop(folder)

    assert len(ended) == 1
    assert processes.in_group(started.pid) == ()


def test_a_record_whose_number_now_belongs_to_a_stranger_stops_nobody(folder: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    try:
        (folder / "emulator.json").write_text(json.dumps(asdict(Emulator(stranger.pid, "an earlier start", 4566))))

        assert emulator.running(folder) is None
        assert emulator.stop(folder) == ()
        assert stranger.poll() is None
        assert not (folder / "emulator.json").exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_strangers_in_a_group_that_took_over_the_number_are_left_alone(folder: Path) -> None:
    leader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])",
        ],
        start_new_session=True,
    )
    leader.wait()
    try:
        assert len(processes.in_group(leader.pid)) == 1
        (folder / "emulator.json").write_text(json.dumps(asdict(Emulator(leader.pid, "an earlier start", 4566))))

        assert emulator.stop(folder) == ()
        assert len(processes.in_group(leader.pid)) == 1
    finally:
        processes.stop_group(leader.pid)


@pytest.mark.parametrize("content", ["", '{"pid": 12', '{"unknown": 1}'])
def test_a_record_cut_off_while_it_was_written_counts_as_none(folder: Path, content: str) -> None:
    (folder / "emulator.json").write_text(content)

    assert emulator.running(folder) is None
    assert emulator.stop(folder) == ()


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(folder: Path, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]

        with pytest.raises(Problem) as caught:
            emulator.start(folder, port=taken, python=program(tmp_path, SERVING))

    assert f"Port {taken} is taken by process {os.getpid()}" in str(caught.value)
    assert f"make up PORT={taken + 11}" in str(caught.value)
    assert not (folder / "emulator.json").exists()


def test_one_that_ends_as_it_starts_is_reported_with_its_words(folder: Path, port: int, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="ended as it started, with status 3") as caught:
        emulator.start(folder, port=port, python=program(tmp_path, FAILING))

    assert caught.value.detail == "no such module"
    assert not (folder / "emulator.json").exists()


def test_one_that_never_answers_is_stopped(
    folder: Path, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "PATIENCE", 0.3)

    with pytest.raises(Problem, match="did not answer within"):
        emulator.start(folder, port=port, python=program(tmp_path, "import time; time.sleep(300)"))

    assert not (folder / "emulator.json").exists()


def test_it_starts_closed_to_the_outside_and_blind_to_this_checkout(
    folder: Path, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/checkout/runtime")
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("PERSIST_STATE", "1")

    emulator.start(folder, port=port, python=program(tmp_path, SERVING))

    seen = json.loads((folder / "state" / "seen.json").read_text())
    expected = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": guard.REGION,
        "MINISTACK_ACCOUNT_ID": guard.ACCOUNT,
        "PERSIST_STATE": "0",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(folder / "tmp"),
        "AWS_ACCESS_KEY_ID": "test",
    }
    assert expected.items() <= seen.items()
    assert not {"PYTHONPATH", "AWS_PROFILE"} & set(seen)


def test_an_ended_process_that_nobody_collected_does_not_count_as_running() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

        assert processes.find(ended.pid) is None
    finally:
        ended.wait()


def test_this_process_is_found_with_its_group_and_a_start_that_stays_the_same() -> None:
    first, second = processes.find(os.getpid()), processes.find(os.getpid())

    assert first is not None
    assert first == second
    assert first.group == os.getpgrp()
    assert replace(first, started="other") != second


def test_a_group_that_ignores_the_polite_signal_is_ended_all_the_same() -> None:
    text = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(300)"
    stubborn = subprocess.Popen([sys.executable, "-c", text], start_new_session=True, stdout=subprocess.PIPE)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()

    assert processes.stop_group(stubborn.pid, patience=0.2)
    assert stubborn.wait() == -9
