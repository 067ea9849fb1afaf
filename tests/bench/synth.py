"""Synthesis of every stage and stack against the same resources in plain CDK, both under cdk-nag."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.result import Result, at_most
from tests.snapshots.synth import ROOT, stacks_in, synthesize

GOAL = 1.15
ROUNDS = 3


def run() -> Result:
    """Median CPU of the processes, in turns. The CPU is what both sides cost; wall time is what others leave of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        templates = synthesized(folder)
        found: dict[str, list[float]] = {"all": [], "one": [], "plain": []}
        sides: dict[str, Callable[[Path], object]] = {
            "all": lambda out: synthesize(ROOT, out, validate=True),
            "one": lambda out: synthesize(ROOT, out, context={"stage": "prod"}, validate=True),
            "plain": lambda out: plain(templates, out),
        }
        for number in range(ROUNDS):
            for side, action in sides.items():
                found[side].append(cpu(action, folder / f"{side}-{number}"))
        every, one, theirs = (statistics.median(times) for times in found.values())
    return at_most(
        GOAL,
        name="synth",
        ours=every,
        theirs=theirs,
        unit="CPU s a synth (median)",
        what=f"all stages of all stacks ({len(templates)} templates) against the same resources, one CfnResource each",
        one_stage_s=round(one, 2),
        all_stages_to_one=round(every / one, 2),
    )


def synthesized(folder: Path) -> list[Path]:
    """Our templates, each in a file."""
    synthesize(ROOT, folder / "templates")
    paths = []
    for stack in stacks_in(folder / "templates"):
        path = folder / f"{stack.stage}-{stack.system}.json"
        path.write_text(json.dumps(stack.template), encoding="utf-8")
        paths.append(path)
    return paths


def plain(templates: list[Path], out: Path) -> None:
    """Synthesize the same resources in plain CDK."""
    settings = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(settings),
        "PATH": os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ.get("PATH", ""))),
    }
    app = Path(__file__).with_name("plain_app.py")
    subprocess.run([sys.executable, str(app), *map(str, templates)], env=environment, capture_output=True, check=False)
    if not (out / "manifest.json").exists():
        raise RuntimeError("The plain app was not synthesized.")


def cpu(action: Callable[[Path], object], out: Path) -> float:
    """CPU seconds of the processes that an action starts."""
    before = os.times()
    action(out)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system
