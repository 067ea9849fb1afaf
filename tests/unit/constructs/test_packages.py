"""The trap of the name `constructs`, and the library as another team gets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import shardwell_cdk

ROOT = Path(__file__).resolve().parents[3]


def test_the_folder_constructs_is_no_package() -> None:
    """CDK imports PyPI's `constructs`. An `__init__.py` here would take its place for whoever runs from the root."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_constructs_is_the_installed_package_at_the_root() -> None:
    command = [sys.executable, "-c", "import constructs; print(constructs.__file__, constructs.Construct.__name__)"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "site-packages" in said[0]
    assert said[1] == "Construct"


def test_it_exports_what_it_names() -> None:
    assert all(hasattr(shardwell_cdk, name) for name in shardwell_cdk.__all__)


def test_it_is_typed() -> None:
    assert (Path(shardwell_cdk.__file__).parent / "py.typed").exists()


def test_the_example_of_its_readme_synthesizes_for_another_team(tmp_path: Path) -> None:
    readme = (ROOT / "constructs" / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    (tmp_path / "app.py").write_text(example, encoding="utf-8")
    (tmp_path / "parcels").mkdir()
    (tmp_path / "parcels" / "__init__.py").touch()
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").write_text("[dependency-groups]\nparcels = []\n", encoding="utf-8")
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(tmp_path / "out"),
        "CDK_CONTEXT_JSON": json.dumps({"aws:cdk:bundling-stacks": []}),
    }
    command = [sys.executable, "app.py"]
    finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "out" / "Parcels.template.json").exists()
