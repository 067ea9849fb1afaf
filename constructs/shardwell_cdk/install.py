"""Installing a bundle's dependencies for the machine that runs it, with uv: it knows the markers of other platforms."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import uv

from shardwell_cdk.lambda_platform import LambdaPlatform

Install = Callable[[Path, Sequence[str], Path, LambdaPlatform], None]


def install_with_uv(folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
    """Installs `requirements` into `folder`, in the exact versions of the file `versions`."""
    if not requirements:
        return
    command = [
        *(uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--link-mode", "copy"),
        *("--python", sys.executable, "--target", str(folder), "--constraint", str(versions)),
        *_for_platform(platform),
        *requirements,
    ]
    environment = {**os.environ, **index_settings(_pip_configuration(), os.environ)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        said = " ".join(finished.stderr.split())[-600:]
        raise RuntimeError(
            f"uv could not install {', '.join(requirements)} for {platform.machine}: {said} "
            f"(versions come from {versions}; what it lacks is chosen freely)"
        )


def index_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What uv must be told to install from where pip does: it reads none of pip's settings."""
    wanted = {"UV_DEFAULT_INDEX": pip.get("index-url"), "UV_INDEX": pip.get("extra-index-url")}
    return {name: " ".join(value.split()) for name, value in wanted.items() if value and name not in environment}


def _for_platform(platform: LambdaPlatform) -> list[str]:
    if platform.wheels is None:
        return []
    return ["--python-platform", platform.wheels, "--python-version", platform.python, "--only-binary", ":all:"]


def _pip_configuration() -> dict[str, str]:
    """pip's settings by name; those of the environment come last and win, as they do in pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = [re.fullmatch(r"(:env:|global|install)\.([a-z-]+)='(.*)'", line) for line in listing.splitlines()]
    return {match[2]: match[3] for match in sorted(filter(None, found), key=lambda match: match[1] == ":env:")}
