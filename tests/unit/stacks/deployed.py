"""The stacks of one stage, as the app makes them, for tests that look into them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import aws_cdk as cdk

from app import build

ROOT = Path(__file__).resolve().parents[3]


def stacks_of(stage: str) -> dict[str, cdk.Stack]:
    """Every stack of a stage by its id."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    context = {**flags, "aws:cdk:bundling-stacks": [], "stage": stage}
    app = cdk.App(outdir=tempfile.mkdtemp(), context=context)
    build(app)
    # Without a synth of the whole app, references between stacks stay unresolved, and every template alone fails.
    app.synth()
    [found] = [each for each in app.node.children if isinstance(each, cdk.Stage)]
    return {each.node.id: each for each in found.node.children if isinstance(each, cdk.Stack)}
