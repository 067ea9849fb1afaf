"""The workflows as data, for the tests of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".github" / "workflows"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


def text_of(name: str) -> str:
    """The file of a workflow."""
    return (FOLDER / f"{name}.yml").read_text(encoding="utf-8")


def workflow(name: str) -> dict[str, Any]:
    """A workflow with every value as the text that it is written as: to YAML's older rules `on` would be a boolean."""
    loaded: dict[str, Any] = yaml.load(text_of(name), Loader=yaml.BaseLoader)  # noqa: S506 (it makes nothing but text)
    return loaded


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Every step of every job of a workflow."""
    for job in workflow(name)["jobs"].values():
        yield from job.get("steps", ())


def step(name: str, called: str) -> dict[str, Any]:
    """The step of a workflow with a name."""
    [found] = [each for each in steps(name) if each.get("name") == called]
    return found
