"""Another team's machine: a folder outside this repository, an environment with the two wheels, a server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.setup import ROOT, VENV, pip_settings, run, uv_settings
from operations.wheels import build_wheels
from tests.support.emulator import emulator, missing
from tests.unit.docs.blocks import blocks, write_project

UNREACHABLE = ("Failed to fetch", "error sending request", "Could not connect", "dns error")
PAGE = ROOT / "docs" / "reuse.md"


@dataclass(frozen=True)
class Team:
    """Their project, and the environment that their commands run in; nothing in it names this repository."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, **further: str) -> str:
        """What a command of theirs prints; its error output is in the failure."""
        finished = self.finished(*command, **further)
        assert finished.returncode == 0, f"{command}: {finished.stdout[-2000:]}{finished.stderr[-4000:]}"
        return finished.stdout

    def python(self, *arguments: str, **further: str) -> str:
        """What their Python prints."""
        return self.run(str(self.folder / ".venv" / "bin" / "python"), *arguments, **further)

    def refused(self, *arguments: str, **further: str) -> str:
        """All that their Python says before it fails."""
        finished = self.finished(str(self.folder / ".venv" / "bin" / "python"), *arguments, **further)
        assert finished.returncode != 0, finished.stdout
        return finished.stdout + finished.stderr

    def finished(self, *command: str, **further: str) -> subprocess.CompletedProcess[str]:
        """A command of theirs, whatever came of it."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **further},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Their project as docs/reuse.md describes it, installed by the commands that stand there."""
    folder = tmp_path_factory.mktemp("acme")
    assert ROOT not in folder.parents, f"{folder} is inside this repository: run the tests with --basetemp elsewhere."
    write_project(PAGE, folder)
    wheels = folder.parent / "shardwell" / "dist"
    build_wheels(wheels)
    made = Team(folder, _environment(folder))
    commands = next(one.text for one in blocks(PAGE) if one.language == "sh").splitlines()
    assert commands[0] == 'make -C "$SHARDWELL" wheels'  # done above: to a folder of our own, beside other tests
    installed = made.finished("sh", "-euc", "\n".join(commands[1:]), SHARDWELL=str(wheels.parent))
    if any(words in installed.stderr for words in UNREACHABLE):
        pytest.skip(f"No package registry can be reached: {' '.join(installed.stderr.split())[-300:]}")
    assert installed.returncode == 0, installed.stderr
    return made


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulator that nobody else uses."""
    if reason := missing():
        pytest.skip(reason)
    with emulator(tmp_path_factory.mktemp("server"), services="dynamodb,s3,s3tables") as endpoint:
        yield endpoint


def _environment(folder: Path) -> dict[str, str]:
    """As on another machine: no path of ours but the tools', no credentials, the registry that pip uses here."""
    tools = folder.parent / "tools"
    tools.mkdir()
    for name in ("uv", "node"):
        (tools / name).symlink_to(shutil.which(name, path=str(VENV / "bin")) or name)
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "SSL_CERT_FILE", "UV_CACHE_DIR") if name in os.environ}
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    registry = uv_settings(pip_settings(run(str(VENV / "bin" / "python"), "-m", "pip", "config", "list")), os.environ)
    given = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_"))}
    return {
        **kept,
        **proxies,
        **given,
        **registry,
        "PATH": os.pathsep.join((str(tools), "/usr/local/bin", "/usr/bin", "/bin")),
        "TMPDIR": str(tools),
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
