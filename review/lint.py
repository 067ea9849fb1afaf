"""What cfn-lint says about the templates that differ, from a run of its command: it is never loaded into a review."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from review.findings import LINTER, Found
from review.names import construct_path
from review.templates import Comparison, Template

MOST_SECONDS = 300
_ANSWERS = (0, 2, 4, 6, 8, 10, 12, 14)
"""How it ends when it has done its work: the sum of errors 2, warnings 4 and notes 8."""


class LintError(Exception):
    """cfn-lint did not do its work; the text says what to do."""


def linted(comparison: Comparison) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """What it says about the base side and the head side of every stack that differs."""
    different = [pair for pair in comparison.pairs if not pair.same]
    before = [pair.before for pair in different if pair.before is not None]
    after = [pair.after for pair in different if pair.after is not None]
    said = _said([*before, *after])
    return tuple(_each(before, said)), tuple(_each(after, said))


def _each(templates: Iterable[Template], said: Mapping[str, list[Any]]) -> Iterator[Found]:
    for template in templates:
        for match in said.get(_content(template), ()):
            yield _found(template, match)


def _said(templates: Iterable[Template]) -> dict[str, list[Any]]:
    """What it says about each template, by its content: several stages may have the same."""
    contents = list(dict.fromkeys(_content(template) for template in templates))
    if not contents:
        return {}
    with TemporaryDirectory(prefix="review-lint-") as folder:
        files = {f"{at}.template.json": content for at, content in enumerate(contents)}
        for name, content in files.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
        found: dict[str, list[Any]] = {}
        for match in _run(Path(folder), list(files)):
            if isinstance(match, Mapping):
                name = Path(str(match.get("Filename"))).name
                found.setdefault(files.get(name, ""), []).append(match)
    return found


def _run(folder: Path, files: list[str]) -> list[Any]:
    command = shutil.which("cfn-lint", path=str(Path(sys.executable).parent)) or shutil.which("cfn-lint")
    if command is None:
        raise LintError("there is no cfn-lint: install it (pip install cfn-lint), or review without --lint")
    try:
        done = subprocess.run(
            [command, "--format", "json", "--", *files],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = f"cfn-lint took over {MOST_SECONDS} s for {len(files)} templates: review without --lint, or fewer stages"
        raise LintError(text) from None
    try:
        found = json.loads(done.stdout or "[]")
    except ValueError:
        found = None
    if done.returncode not in _ANSWERS or not isinstance(found, list):
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise LintError(f"cfn-lint ended with {done.returncode}: {last[0][:300]}")
    return found


def _content(template: Template) -> str:
    return json.dumps(template.body, sort_keys=True)


def _found(template: Template, match: Mapping[str, Any]) -> Found:
    steps = [step for step in _in(match, "Location").get("Path") or () if isinstance(step, str | int)]
    logical_id = str(steps[1]) if len(steps) > 1 and steps[0] == "Resources" else ""
    return Found(
        stage=template.stage,
        stack=template.stack,
        tool=LINTER,
        rule=str(_in(match, "Rule").get("Id", "")),
        severity=str(match.get("Level", "")).lower() or "unknown",
        message=str(match.get("Message", "")),
        logical_id=logical_id,
        construct_path=construct_path(template.resources.get(logical_id)),
        path=tuple(steps[2:] if logical_id else steps),
    )


def _in(match: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = match.get(name)
    return found if isinstance(found, Mapping) else {}
