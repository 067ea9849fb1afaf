"""The gallery's templates: every case, before and after, in every stage, made in one process."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STACK = "shop"
SIDES = ("before", "after")
CASES = tuple(sorted(file.stem for file in (HERE / "cases").glob("*.py")))


def template_files() -> Iterator[tuple[str, str]]:
    """Each template's path below the folder of the templates, and its text as it is kept."""
    for name in CASES:
        case = import_module(f"tests.gallery.cases.{name}")
        for side in SIDES:
            for stage, body in _templates(case, side):
                yield f"{name}/{side}/{stage}/{STACK}.template.json", _text(body)


def write(folder: Path = TEMPLATES) -> None:
    """Writes every template anew, and removes what no case makes."""
    made = dict(template_files())
    for file in list(folder.rglob("*.template.json")):
        if file.relative_to(folder).as_posix() not in made:
            file.unlink()
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _templates(case: ModuleType, side: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    _prepare()
    import aws_cdk as cdk

    from tests.gallery.stages import STAGES

    build: Callable[[cdk.Stack, Any], None] = getattr(case, side)
    with tempfile.TemporaryDirectory() as out:
        app = cdk.App(
            outdir=out,
            analytics_reporting=False,
            context={"aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True},
        )
        for settings in STAGES:
            stage = cdk.Stage(app, settings.stage)
            name = f"{settings.stage}-{STACK}"
            synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
            build(cdk.Stack(stage, STACK, stack_name=name, synthesizer=synthesizer), settings)
        app.synth()
        for settings in STAGES:
            [file] = (Path(out) / f"assembly-{settings.stage}").glob("*.template.json")
            yield settings.stage, json.loads(file.read_text(encoding="utf-8"))


def _prepare() -> None:
    """CDK without its own check of templates, which takes seconds, and with Node from this environment."""
    os.environ.setdefault("CDK_VALIDATION", "false")
    if (node := Path(sys.prefix) / "bin" / "node").exists():
        os.environ.setdefault("JSII_NODE", str(node))


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
