"""Another team installs the review alone, and reviews what it has synthesized."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from operations.setup import ROOT, VENV, pip_settings, run, uv_settings
from operations.wheels import build_wheels
from tests.reuse.conftest import UNREACHABLE
from tests.unit.review.large import write_snapshots
from tests.unit.review.sides import table

pytestmark = pytest.mark.heavy
REVIEW = ROOT / "review"
TOPIC = {"Type": "AWS::SNS::Topic"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every wheel by its distribution."""
    return {wheel.name.split("-")[0]: wheel for wheel in build_wheels(tmp_path_factory.mktemp("dist"))}


@pytest.fixture(scope="module")
def command(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """`shardwell-review` in an environment that has it and what it needs."""
    environment = tmp_path_factory.mktemp("team") / ".venv"
    uv = str(VENV / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", str(VENV / "bin" / "python"), str(environment)], check=True)
    settings = uv_settings(pip_settings(run(str(VENV / "bin" / "python"), "-m", "pip", "config", "list")), os.environ)
    done = subprocess.run(
        [uv, "pip", "install", "--quiet", str(wheels["shardwell_review"]), str(wheels["shardwell"])],
        env={**os.environ, **settings, "VIRTUAL_ENV": str(environment)},
        capture_output=True,
        text=True,
        check=False,
    )
    if any(words in done.stderr for words in UNREACHABLE):
        pytest.skip(f"No package registry can be reached: {' '.join(done.stderr.split())[-300:]}")
    assert done.returncode == 0, done.stderr
    return str(environment / "bin" / "shardwell-review")


def test_it_holds_the_package_its_page_and_its_data_and_nothing_of_ours(wheels: dict[str, Path]) -> None:
    names = zipfile.ZipFile(wheels["shardwell_review"]).namelist()
    own = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    kept = [path for folder in ("assets", "data") for path in (REVIEW / folder).iterdir()]
    files = [*REVIEW.glob("*.py"), REVIEW / "py.typed", *kept]
    assert own == {path.relative_to(ROOT).as_posix() for path in files}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_needs_neither_cdk_nor_a_linter(wheels: dict[str, Path]) -> None:
    archive = zipfile.ZipFile(wheels["shardwell_review"])
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    lines = archive.read(metadata).decode().partition("\n\n")[0].splitlines()
    needs = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist")]
    assert [need for need in needs if "extra ==" not in need] == ["rich>=13", "shardwell<0.2,>=0.1"]


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json", "sarif"])
def test_it_reviews_their_templates_in_every_format(command: str, tmp_path: Path, form: str) -> None:
    before = write_snapshots(tmp_path / "before", {("prod", "shop"): {"Resources": {"T": table(), "O": TOPIC}}})
    after = write_snapshots(tmp_path / "after", {("prod", "shop"): {"Resources": {"O": TOPIC}}})
    # A folder of that name, for the acknowledgements, must not hide the package.
    (tmp_path / "review").mkdir()
    done = subprocess.run(
        [command, "--base", str(before), "--head", str(after), "--format", form],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LANG": "C"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert "T" in done.stdout
    if form in ("json", "sarif"):
        json.loads(done.stdout)


def test_what_it_cannot_do_is_a_sentence(command: str, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run([command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)


def test_a_linter_that_is_not_installed_is_named(command: str, tmp_path: Path) -> None:
    before = write_snapshots(tmp_path / "before", {("prod", "shop"): {"Resources": {"O": TOPIC}}})
    after = write_snapshots(tmp_path / "after", {("prod", "shop"): {"Resources": {"P": TOPIC}}})
    arguments = [command, "--lint", "--base", str(before), "--head", str(after)]
    done = subprocess.run(
        arguments, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "cfn-lint" in done.stderr
