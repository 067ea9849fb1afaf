"""Synthesis of every stage and stack against the same resources in plain CDK, both under cdk-nag."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.plain_systems import FEWER, SYSTEMS
from tests.bench.result import Result, at_most
from tests.snapshots.synth import ROOT, Synthesized, stacks_in, synthesize

GOAL = 1.15
ROUNDS = 5

Stacks = dict[tuple[str, str], Synthesized]


def run() -> Result:
    """The least CPU of the processes in some rounds, in turns: what others do meanwhile only ever adds to it.

    `ours` and `theirs` are all stages of the systems that the plain app knows. `least` is one construct without a
    class for each resource of our templates: nobody would write it, and nothing made of classes can reach it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = checked(folder)
        templates = written(ours, folder)
        sides: dict[str, Callable[[Path], None]] = {
            "all": lambda out: run_app("our_app", out),
            "one": lambda out: run_app("our_app", out, stage="prod"),
            "plain": lambda out: run_app("plain_app", out),
            "least": lambda out: run_app("least_app", out, *templates),
        }
        found: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(ROUNDS):
            for side, action in sides.items():
                found[side].append(cpu(action, folder / f"{side}-{number}"))
        best = {side: min(times) for side, times in found.items()}
    return at_most(
        GOAL,
        name="synth",
        ours=best["all"],
        theirs=best["plain"],
        unit="CPU s a synth (least)",
        what=f"all stages of {', '.join(SYSTEMS)} ({len(ours)} templates, {resources(ours)} resources) against the "
        "same in plain CDK",
        one_stage_s=round(best["one"], 2),
        all_stages_to_one=round(best["all"] / best["one"], 2),
        least_possible_s=round(best["least"], 2),
        to_least_possible=round(best["all"] / best["least"], 2),
    )


def checked(folder: Path) -> Stacks:
    """Our stacks of the systems that are compared; an error unless both sides make the same resources."""
    synthesize(ROOT, folder / "app")
    run_app("our_app", folder / "ours")
    run_app("plain_app", folder / "theirs")
    app, ours, theirs = (compared(folder / side) for side in ("app", "ours", "theirs"))
    if not {system for _, system in app} == {system for _, system in ours} == set(SYSTEMS) or set(app) != set(theirs):
        raise RuntimeError(f"app.py, our_app and plain_app should each have the systems {', '.join(SYSTEMS)}.")
    for key, stack in app.items():
        if stack.template["Resources"] != ours[key].template["Resources"]:
            raise RuntimeError(f"our_app makes {'/'.join(key)} otherwise than app.py: make it the same way.")
        differing = difference(stack, theirs[key])
        if differing:
            raise RuntimeError(f"{'/'.join(key)} has other resources in plain CDK than in ours: {differing}.")
    return ours


def compared(out: Path) -> Stacks:
    """The stacks of the systems that are compared, by stage and system."""
    return {(stack.stage, stack.system): stack for stack in stacks_in(out) if stack.system in SYSTEMS}


def difference(ours: Synthesized, theirs: Synthesized) -> Mapping[str, tuple[int, int]]:
    """Each type that the two have not the same number of, those of `FEWER` taken in account: ours and theirs."""
    counts, found = by_type(ours), by_type(theirs)
    for (system, kind), fewer in FEWER.items():
        if system == ours.system:
            counts[kind] -= fewer
    return {kind: (counts[kind], found[kind]) for kind in counts | found if counts[kind] != found[kind]}


def by_type(stack: Synthesized) -> Counter[str]:
    """How many resources of each type a template has."""
    return Counter(resource["Type"] for resource in stack.template["Resources"].values())


def resources(stacks: Stacks) -> int:
    """How many resources all templates have."""
    return sum(len(stack.template["Resources"]) for stack in stacks.values())


def written(stacks: Stacks, folder: Path) -> list[str]:
    """The paths of files with the templates."""
    paths = []
    for (stage, system), stack in stacks.items():
        path = folder / f"{stage}-{system}.json"
        path.write_text(json.dumps(stack.template), encoding="utf-8")
        paths.append(str(path))
    return paths


def run_app(module: str, out: Path, *arguments: str, stage: str | None = None) -> None:
    """Synthesizes an app of this folder as the CDK command line does, validation included, but without bundling."""
    settings = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    asked = {"aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True, **({"stage": stage} if stage else {})}
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps({**settings, **asked}),
        "CDK_VALIDATION": "true",
        "PATH": os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ.get("PATH", ""))),
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("runtime", "constructs")),
    }
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    # The least app has no acknowledgements: it is told of every finding, and has made its templates all the same.
    if finished.returncode != 0 and not (module == "least_app" and (out / "manifest.json").exists()):
        raise RuntimeError(f"{module} was not synthesized: {finished.stderr[-2_000:]}")


def cpu(action: Callable[[Path], object], out: Path) -> float:
    """CPU seconds of the processes that an action starts."""
    before = os.times()
    action(out)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system
