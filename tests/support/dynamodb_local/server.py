"""DynamoDB Local, Amazon's own emulator of DynamoDB: fetched once by Maven, started for the tests."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.child import child, free_port

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
JARS = HERE.parents[2] / ".build" / "dynamodb-local"
LEAST_JAVA = 17
FETCH_SECONDS = 240


def missing() -> str | None:
    """Why it cannot be had here, or None; fetches it the first time."""
    if shutil.which("java") is None:
        return "there is no java: DynamoDB Local needs a JDK of version 17 or later."
    listed = subprocess.run(["java", "--list-modules"], capture_output=True, text=True, timeout=30, check=False).stdout
    compiler = re.search(r"^jdk\.compiler@(\d+)", listed, re.MULTILINE)
    if compiler is None or int(compiler[1]) < LEAST_JAVA:
        return f"java is no JDK of version {LEAST_JAVA} or later, which DynamoDB Local needs."
    return _fetched()


@contextmanager
def dynamodb_local(folder: Path) -> Iterator[str]:
    """The endpoint of one that keeps nothing."""
    port = free_port()
    command = [
        "java",
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        f"-Dsqlite4java.library.path={_jars()}",
        "-cp",
        f"{_jars()}/*",
        str(HERE / "Loopback.java"),
        str(port),
    ]
    with child(command, env=os.environ, folder=folder, ready=lambda: _listens(port)):
        yield f"http://127.0.0.1:{port}"


def _jars() -> Path:
    """The folder of this very pom's jars: a new version goes to another one."""
    return JARS / _version()


def _version() -> str:
    found = re.search(r"<artifactId>DynamoDBLocal</artifactId>\s*<version>([^<]+)</version>", POM.read_text())
    if found is None:
        raise LookupError(f"{POM} names no version of DynamoDBLocal.")
    return found[1]


def _fetched() -> str | None:
    JARS.mkdir(parents=True, exist_ok=True)
    with (JARS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _jars().exists():
            return None
        if shutil.which("mvn") is None:
            return "there is no mvn, which fetches DynamoDB Local."
        partial = JARS / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        fault = _fetch(partial)
        if fault is None:
            partial.rename(_jars())
        return fault


def _fetch(folder: Path) -> str | None:
    command = [
        "mvn",
        "--batch-mode",
        "--quiet",
        f"--file={POM}",
        "-Daether.connector.connectTimeout=10000",
        "-Daether.connector.requestTimeout=60000",
        "dependency:copy-dependencies",
        f"-DoutputDirectory={folder}",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"mvn did not fetch DynamoDB Local in {FETCH_SECONDS} s."
    if done.returncode == 0:
        return None
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
    return f"mvn could not fetch DynamoDB Local: {lines[0] if lines else done.returncode}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
