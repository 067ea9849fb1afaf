"""The linter of workflows: the one on the path, or built once by Go from the module that its makers publish."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from tests.unit.workflows.workflow import ROOT

VERSION = "v1.7.12"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
FOLDER = ROOT / ".build" / "actionlint" / VERSION
BUILD_SECONDS = 240


def actionlint() -> Path | str:
    """The program, or why it cannot be had here."""
    if (there := shutil.which("actionlint")) is not None:
        return Path(there)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return FOLDER / "actionlint" if (FOLDER / "actionlint").exists() else _built()


def _built() -> Path | str:
    if shutil.which("go") is None:
        return "there is neither actionlint nor Go, which builds it."
    try:
        finished = subprocess.run(
            ["go", "install", f"{MODULE}@{VERSION}"],
            # Go is not to fetch another Go: one that is too old for it is a reason like any other.
            env={**os.environ, "GOBIN": str(FOLDER), "GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Go did not build actionlint within {BUILD_SECONDS} s."
    if finished.returncode != 0:
        return f"Go could not build actionlint: {finished.stderr.strip().splitlines()[-1:]}"
    return FOLDER / "actionlint"
