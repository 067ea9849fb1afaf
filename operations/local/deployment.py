"""The local stage's stacks, put into the emulator by the same CDK command line that deploys to AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from operations.local import guard, processes
from operations.local.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ROOT = Path(__file__).resolve().parents[2]
CDK = ROOT / "node_modules" / ".bin" / "cdk"
READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
PROGRESS = re.compile(r"\S+ +\| +\d+/\d+ +\|")


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation lists it."""

    name: str
    status: str


@dataclass(frozen=True)
class Deployed:
    """What a deployment did: the stacks it looked at, and those of them that it changed."""

    stacks: tuple[str, ...]
    changed: tuple[str, ...]


def is_bootstrapped(*, port: int) -> bool:
    """Whether CDK's own stack, with the bucket for what is uploaded, is there."""
    return any(stack.name == "CDKToolkit" and stack.status in READY for stack in stacks(port=port))


def bootstrap(folder: Path, *, port: int) -> None:
    """Puts CDK's own stack into the emulator."""
    # From a folder without a cdk.json: with one, the command would synthesize the app first and make no use of it.
    cdk("bootstrap", f"aws://{guard.ACCOUNT}/{guard.REGION}", folder=folder, port=port, within=folder)


def deploy(folder: Path, *, port: int) -> Deployed:
    """Brings every stack of the local stage to what the code says now."""
    # The assembly of an earlier deployment keeps bundles that nobody uses any more, and, if that was ended by force,
    # a lock that nobody holds.
    shutil.rmtree(folder / "cdk.out", ignore_errors=True)
    arguments = ("deploy", "local/*", "--require-approval", "never", "--method", "direct", "--concurrency", "4")
    output = cdk(*arguments, "--outputs-file", str(folder / "outputs.json"), folder=folder, port=port)
    return read_progress(output)


def outputs(folder: Path) -> dict[str, dict[str, str]]:
    """The outputs of each stack, as the last deployment left them."""
    path = folder / "outputs.json"
    answer: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return answer


def stacks(*, port: int) -> tuple[Stack, ...]:
    """Every stack that is in the emulator."""
    cloudformation: CloudFormationClient = guard.client("cloudformation", port=port)
    found = cloudformation.describe_stacks()["Stacks"]
    return tuple(Stack(stack["StackName"], stack["StackStatus"]) for stack in found)


def cdk(command: str, *arguments: str, folder: Path, port: int, within: Path = ROOT) -> str:
    """Runs the pinned CDK command line against the emulator; its words go to a log, and into the error if it fails."""
    inside = environment(os.environ, port=port)
    guard.check(inside)
    # An output folder of its own: `cdk synth` in another terminal does not lock this one out. Bundles are taken from
    # where they are: copying them into it, 270 MB, would take longer than all the rest.
    output = ("--output", str(folder / "cdk.out"), "--no-staging")
    options = ("-c", "stage=local", *output, "--no-notices", "--ci", "--no-color")
    log = folder / f"{command}.log"
    status, said = run_group([str(CDK), command, *arguments, *options], log=log, inside=inside, within=within)
    if status != 0:
        raise Problem(
            f"`cdk {command}` failed; correct what it says and run the same command again. All of it: {log}",
            detail=reason(said),
        )
    return said


def environment(outer: Mapping[str, str], *, port: int) -> dict[str, str]:
    """For the CDK command line: its Python and Node are those of this checkout."""
    inside = guard.environment(outer, port=port)
    own = [str(Path(sys.executable).parent), str(ROOT / ".venv" / "bin"), str(CDK.parent)]
    return {**inside, "PATH": os.pathsep.join([*own, inside.get("PATH", os.defpath)])}


def run_group(command: list[str], *, log: Path, inside: Mapping[str, str], within: Path = ROOT) -> tuple[int, str]:
    """A command and all that it starts, which end with us if we are interrupted; its status and what it said."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=within,
            env=dict(inside),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait()
        except BaseException:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # one more Ctrl-C must not leave half of them behind
            process.terminate()
            processes.stop_group(process.pid, patience=5.0)
            process.wait()
            raise
    return status, log.read_text(encoding="utf-8", errors="replace")


def read_progress(said: str) -> Deployed:
    """What `cdk deploy` reported, stack by stack: `✅  local/Name (stack-name) (no changes)`."""
    found = re.findall(r"✅\s+(\S+)( \([^)]*\))??( \(no changes\))?$", said, re.MULTILINE)
    stacks = tuple(name for name, _, _ in found)
    changed = tuple(name for name, _, unchanged in found if not unchanged)
    return Deployed(stacks, changed)


def reason(said: str, *, lines: int = 14) -> str:
    """The part of CDK's words that tells why it failed, without its progress lines."""
    kept = [text for text in said.splitlines() if text.strip() and ("FAILED" in text or not PROGRESS.match(text))]
    errors = [
        number for number, text in enumerate(kept) if re.search(r"❌|\berror\b|Error:|Traceback|FAILED", text, re.I)
    ]
    start = errors[0] if errors and len(kept) - errors[0] > lines else max(0, len(kept) - lines)
    picked = kept[start:]
    return "\n".join(picked if len(picked) <= lines else [*picked[: lines // 2], "…", *picked[-lines // 2 :]])
