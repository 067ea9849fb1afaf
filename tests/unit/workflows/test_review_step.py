"""The steps of the review, run as GitHub runs them, with a review that ends as it is told to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.workflows.workflow import step

REVIEW = """#!/usr/bin/env bash
[[ "$1 $2" = "-m review" ]] || exit 99
shift 2
while (($#)); do
    case $1 in --base) base=$2 ;; --format) format=$2 ;; --out) out=$2 ;; *) exit 98 ;; esac
    shift 2
done
if ((CODE < 3)) && [[ $base != nothing ]]; then printf 'the %s of %s' "$format" "$base" > "$out"; fi
exit "$CODE"
"""
HOSTILE = "origin/main$(touch owned)`touch owned`"


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step as GitHub runs it: bash with -e and -o pipefail, from a file."""
    file = folder / "step.sh"
    file.write_text(script, encoding="utf-8")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def reviewed(folder: Path, code: int, base: str = "origin/main") -> dict[str, str]:
    """What the step leaves when the review ends with a code: its output, its summary and its files, by name."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(REVIEW, encoding="utf-8")
    python.chmod(0o755)
    left = {name: folder / name for name in ("output", "summary")}
    told = {"GITHUB_OUTPUT": str(left["output"]), "GITHUB_STEP_SUMMARY": str(left["summary"])}
    finished = run(step("checks", "Review")["run"], folder, BASE=base, CODE=str(code), **told)
    assert finished.returncode == 0, finished.stderr
    files = {**left, **{path.name: path for path in (folder / "verdict").iterdir()}}
    return {name: path.read_text(encoding="utf-8") for name, path in files.items() if path.exists()}


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_verdict_is_kept_told_and_does_not_stop_what_comes_after(tmp_path: Path, code: int) -> None:
    assert reviewed(tmp_path, code) == {
        "output": f"code={code}\n",
        "summary": "the markdown of origin/main",
        "review.md": "the markdown of origin/main",
        "review.html": "the html of origin/main",
    }


@pytest.mark.parametrize("code", [3, 127])
def test_a_review_that_failed_is_no_verdict(tmp_path: Path, code: int) -> None:
    assert reviewed(tmp_path, code) == {"output": "code=3\n"}


def test_a_review_that_wrote_nothing_is_no_verdict_whatever_it_says(tmp_path: Path) -> None:
    assert reviewed(tmp_path, 0, "nothing") == {"output": "code=3\n"}


def test_a_branch_s_name_is_never_run(tmp_path: Path) -> None:
    assert reviewed(tmp_path, 0, HOSTILE)["review.md"] == f"the markdown of {HOSTILE}"
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(("code", "passes"), [("0", True), ("1", True), ("2", False), ("3", False), ("", False)])
def test_what_is_blocked_or_has_no_verdict_fails_the_check(tmp_path: Path, code: str, passes: bool) -> None:
    finished = run(step("checks", "Verdict")["run"], tmp_path, CODE=code)
    assert (finished.returncode == 0) is passes
    assert ("::error::" in finished.stdout) is not passes
