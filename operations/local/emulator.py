"""The local AWS: started, recognised, stopped. Everything it writes is in one folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from operations.local import guard, ports, processes
from operations.local.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "emulator" / "bin" / "python"
LAUNCHER = Path(__file__).parent / "mended_ministack.py"
PATIENCE = 60.0


@dataclass(frozen=True)
class Emulator:
    """A local AWS that runs: its process, and the port it listens on."""

    pid: int
    started: str
    port: int

    @property
    def endpoint(self) -> str:
        return guard.endpoint_of(self.port)


def start(folder: Path, *, port: int, python: Path = PYTHON) -> Emulator:
    """Starts one that outlives this command and listens on 127.0.0.1 only; returns once it answers."""
    if ports.is_taken(port):
        raise Problem(port_taken(port, ports.owner(port)))
    for name in ("tmp", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    with _interruption_delayed(), (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            # -P: the modules beside the launcher are not to hide Python's own.
            [str(python), "-P", str(LAUNCHER)],
            cwd=folder,
            env=settings(os.environ, folder=folder, port=port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is not for it; its functions' processes share its group
        )
        seen = processes.find(process.pid)
        emulator = Emulator(process.pid, seen.started if seen else "", port)
        _record(folder).write_text(json.dumps(asdict(emulator)), encoding="utf-8")
    _wait_until_healthy(emulator, process, folder)
    return emulator


def running(folder: Path) -> Emulator | None:
    """The one recorded in this folder, if that very process still runs; a record of another is removed."""
    recorded = read_record(folder)
    if recorded is None:
        return None
    process = processes.find(recorded.pid)
    if process is not None and process.started == recorded.started:
        return recorded
    if not left_over(recorded, folder):
        _record(folder).unlink(missing_ok=True)
    return None


def stop(folder: Path) -> tuple[processes.Process, ...]:
    """Ends the one recorded in this folder with all its functions; returns the processes that were ended."""
    recorded = read_record(folder)
    if recorded is None:
        return ()
    members: tuple[processes.Process, ...] = ()
    if running(folder) is not None:
        members = processes.in_group(recorded.pid)
    elif _record(folder).exists():
        members = left_over(recorded, folder)
    if members and not processes.stop_group(recorded.pid):
        alive = ", ".join(str(process.pid) for process in processes.in_group(recorded.pid))
        raise Problem(f"The emulator's processes {alive} do not end; end them with `kill -9 {alive}`.")
    _record(folder).unlink(missing_ok=True)
    for name in ("tmp", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return members


def healthy(port: int, *, timeout: float = 2.0) -> bool:
    """Whether an emulator answers there and has finished starting."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{guard.endpoint_of(port)}/_ministack/ready", timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def settings(outer: Mapping[str, str], *, folder: Path, port: int) -> dict[str, str]:
    """The environment it runs in: loopback only, IAM enforced, nothing kept, nothing outside its folder."""
    inside = guard.without_checkout(guard.environment(outer, port=port), path=folder / "tmp")
    return {
        **inside,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": guard.ACCOUNT,
        "MINISTACK_REGION": guard.REGION,
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "LOCALSTACK_PERSISTENCE": "0",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "state" / "s3"),
        # Two services that would open ports of their own.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "USE_SSL": "0",
        # Functions run as processes, and no container of this person's is ever looked at.
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{folder / 'no-docker.sock'}",
        "PYTHONUNBUFFERED": "1",
    }


def port_taken(port: int, holder: processes.Process | None) -> str:
    """The sentence for a port that something else has."""
    who = f"process {holder.pid} ({holder.command[:60]})" if holder else "another program"
    other = port + 11 if port < 65_000 else port - 11
    return f"Port {port} is taken by {who}: stop that, or choose another port with `make up PORT={other}`."


def read_record(folder: Path) -> Emulator | None:
    """What was written when it started; None if nothing was, or if the writing was cut off."""
    try:
        return Emulator(**json.loads(_record(folder).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, TypeError):
        _record(folder).unlink()
        return None


def left_over(recorded: Emulator, folder: Path) -> tuple[processes.Process, ...]:
    """Function processes that outlived a killed emulator; none if its number has become a stranger's group."""
    members = processes.in_group(recorded.pid)
    if any(process.pid == recorded.pid for process in members):
        return ()
    return members if all(str(folder) in process.command for process in members) else ()


def _record(folder: Path) -> Path:
    return folder / "emulator.json"


def _wait_until_healthy(emulator: Emulator, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not healthy(emulator.port):
        if process.poll() is not None:
            _record(folder).unlink(missing_ok=True)
            raise Problem(
                f"The emulator ended as it started, with status {process.returncode}.",
                detail=tail(folder / "emulator.log"),
            )
        if time.monotonic() > deadline:
            stop(folder)
            raise Problem(
                f"The emulator did not answer within {PATIENCE:.0f} s and was stopped; run the same command again.",
                detail=tail(folder / "emulator.log"),
            )
        time.sleep(0.05)


def tail(path: Path, *, lines: int = 15) -> str:
    """The end of a log."""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


@contextlib.contextmanager
def _interruption_delayed() -> Iterator[None]:
    """Between the start of a process and its record nothing may stop us, or nobody would know the process."""
    received: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for delayed in received:
        signal.raise_signal(signal.Signals(delayed))
