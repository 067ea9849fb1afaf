"""Bytecode beside the sources of a bundle, so that a cold start compiles nothing.

It is made by a Python of the version that runs the functions, and read without a look at the source: the time of a file
does not outlive the way into Lambda. Without such a Python on this machine bundles have their sources alone, and work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shardwell_cdk.lambda_platform import LambdaPlatform

# Where Lambda has the code. Whatever stands here, an import puts the real path in; but the same everywhere, it makes
# bytecode the same too.
_PLACE = "/var/task"

_VERSION = "import sys; print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])))"


@dataclass(frozen=True, kw_only=True)
class Compiler:
    """A Python on this machine, and its whole version."""

    program: str
    version: str


def compiler_for(platform: LambdaPlatform) -> Compiler | None:
    """The Python of this machine that makes a platform's bytecode; without one None, and a line that says so once."""
    return _compiler(platform.python, sys.executable)


def compile_folder(folder: Path, compiler: Compiler) -> None:
    """Puts bytecode beside every source in the folder; a source that is none, as some tests are, stays as it is."""
    command = [
        *(compiler.program, "-S", "-m", "compileall", "-qq", "-f", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(folder), "-p", _PLACE, str(folder)),
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # Sets of constants are written in the order of their hashes.
    environment = {**kept, "PYTHONHASHSEED": "0"}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    # 1: some source could not be compiled. It says nothing then, and something where it could not work at all.
    if finished.returncode not in (0, 1) or finished.stderr:
        said = " ".join(finished.stderr.split())[-600:]
        raise RuntimeError(f"{compiler.program} could not compile {folder}: {said}")


@cache
def _compiler(python: str, own: str) -> Compiler | None:
    for program in (own, shutil.which(f"python{python}")):
        version = program and _version(program)
        if program and version and version.rpartition(".")[0] == python:
            return Compiler(program=program, version=version)
    print(
        f"No python{python} on the path: functions are bundled without bytecode, and compile at each cold start.",
        file=sys.stderr,
    )
    return None


def _version(program: str) -> str | None:
    """The version of a CPython; None where the program is none, or is a stand-in for one that is not installed."""
    try:
        finished = subprocess.run([program, "-c", _VERSION], capture_output=True, text=True, check=False)
    except OSError:
        return None
    name, _, version = finished.stdout.strip().partition(" ")
    return version if finished.returncode == 0 and name == "cpython" else None
