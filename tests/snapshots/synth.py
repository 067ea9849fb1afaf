"""The app's templates, synthesized as the CDK command line does it, but without bundling and without the network."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Synthesized:
    """A stack of a stage: its system's name (as in `stacks/`, with dashes) and its template."""

    stage: str
    system: str
    template: Mapping[str, Any]


def synthesize(root: Path, out: Path, *, context: Mapping[str, Any] | None = None, validate: bool = False) -> str:
    """Runs the app at `root` with the context of its cdk.json; returns what it said, raises if it failed."""
    settings = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    asked = {"aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True, **(context or {})}
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps({**settings, **asked}),
        "CDK_VALIDATION": "true" if validate else "false",
        "PATH": os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ.get("PATH", ""))),
        "PYTHONPATH": os.pathsep.join(str(root / folder) for folder in ("runtime", "constructs")),
    }
    command = [sys.executable, str(root / "app.py")]
    finished = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RuntimeError(finished.stderr)
    return finished.stderr


def stacks_in(out: Path) -> Iterator[Synthesized]:
    """Every stack of every stage in a folder that the app was synthesized into."""
    for assembly in sorted(out.glob("assembly-*")):
        stage = assembly.name.removeprefix("assembly-")
        manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
        for artifact in manifest["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                found = artifact["properties"]
                template = json.loads((assembly / found["templateFile"]).read_text(encoding="utf-8"))
                yield Synthesized(stage, found["stackName"].removeprefix(f"shardwell-{stage}-"), template)


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """`folder`, filled by the first process that asks for it; the others wait: CDK takes seconds to start."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            make(folder)
            (folder / "done").touch()
    return folder
