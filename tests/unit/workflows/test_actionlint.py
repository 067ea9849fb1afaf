"""actionlint has nothing to say of the workflows, and would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.workflows.actionlint import actionlint
from tests.unit.workflows.workflow import FOLDER, NAMES, ROOT

WRONG = """
on: push
permissions: {}
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.event.head_commit.message }}"
      - run: echo "${{ steps.none.outputs.x }}"
"""


@pytest.fixture(scope="module")
def linter() -> Path:
    found = actionlint()
    if isinstance(found, str):
        pytest.skip(found)
    return found


def lint(linter: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    # Without the linters of scripts that happen to be on this machine: the same answer everywhere.
    command = [str(linter), "-no-color", "-oneline", "-shellcheck=", "-pyflakes=", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_has_nothing_to_say(linter: Path) -> None:
    finished = lint(linter, *(FOLDER / f"{name}.yml" for name in NAMES))
    assert finished.stdout == ""
    assert finished.returncode == 0, finished.stderr


def test_it_would(linter: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(WRONG, encoding="utf-8")
    finished = lint(linter, file)
    assert finished.returncode == 1
    assert "potentially untrusted" in finished.stdout
    assert '"none" is not defined' in finished.stdout
