"""A headless Chromium from the package registry, in `.build/browser`: it needs nothing of this machine but Node."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from operations.setup import ROOT, VENV

HERE = Path(__file__).parent
INSTALLED = ROOT / ".build" / "browser"
PICTURES = ROOT / ".build" / "review"
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "network")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>ui-monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Browser:
    """Opens a page, uses it as a reader does, and says what was seen."""

    environment: dict[str, str]

    def sees(self, page: Path, pictures: Path) -> dict[str, Any]:
        """What page.mjs saw; its pictures are in the folder."""
        pictures.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [str(VENV / "bin" / "node"), str(INSTALLED / "page.mjs"), str(page), str(pictures)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Installed once, and again when its lock file changes; skipped where there is none for this machine."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip(f"The registry has this Chromium for Linux on x86_64, and not for {platform.platform()}")
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    _install(environment)
    return Browser({**environment, **_fonts(), "TMPDIR": str(INSTALLED / "unpacked")})


def _install(environment: dict[str, str]) -> None:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    (INSTALLED / "unpacked").mkdir(exist_ok=True)
    shutil.copy(HERE / "page.mjs", INSTALLED)
    lock, marked = HERE / "package-lock.json", INSTALLED / ".installed"
    if marked.exists() and marked.read_bytes() == lock.read_bytes():
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, INSTALLED)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=INSTALLED, env=environment, capture_output=True, text=True, check=False)
    if done.returncode and any(word in done.stderr for word in UNREACHABLE):
        pytest.skip(f"No package registry can be reached: {' '.join(done.stderr.split())[-300:]}")
    assert done.returncode == 0, done.stderr
    # An older browser that is still unpacked would be taken for the new one.
    shutil.rmtree(INSTALLED / "unpacked")
    (INSTALLED / "unpacked").mkdir()
    shutil.copy(lock, marked)


def _fonts() -> dict[str, str]:
    """The fonts that a Python package brings, so that pictures are the same on every machine."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    file = INSTALLED / "fonts.conf"
    file.write_text(_FONTS.format(fonts=fonts, cache=INSTALLED / "unpacked" / "font-cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(file)}
