"""`make wheels`: both libraries and the review as wheels in `dist/`, for another team to install."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from operations.setup import LIBRARIES, ROOT, VENV, SetupError, run

DISTRIBUTIONS = (*LIBRARIES, ROOT / "review")
"""The review is run from the checkout here, and so is installed for others alone."""


def main(arguments: list[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m operations.wheels", description=__doc__)
    options.add_argument("--to", type=Path, default=ROOT / "dist", metavar="FOLDER", help="where they go (dist)")
    folder = options.parse_args(arguments).to.resolve()
    try:
        for wheel in build_wheels(folder):
            print(f"{wheel} ({wheel.stat().st_size / 1024:.0f} KB)")
    except SetupError as error:
        print(f"\n  {error}", file=sys.stderr)
        return 1
    return 0


def build_wheels(folder: Path) -> list[Path]:
    """The wheel of each distribution, built into `folder` in place of older ones."""
    return [_build(distribution, folder) for distribution in DISTRIBUTIONS]


def _build(library: Path, folder: Path) -> Path:
    project = tomllib.loads((library / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wheels = f"{project['name'].replace('-', '_')}-*.whl"
    for old in folder.glob(wheels):
        old.unlink()
    # The build back end is pinned in requirements.txt and already installed, so this needs no network.
    run(
        *(str(VENV / "bin" / "uv"), "build", "--wheel", "--offline", "--no-build-isolation", "--no-config"),
        *("--python", str(VENV / "bin" / "python"), "--out-dir", str(folder), str(library)),
    )
    [made] = folder.glob(wheels)
    return made


if __name__ == "__main__":
    sys.exit(main())
