"""A Lambda bundle: one system's package, the `shardwell` library and what both need, made without Docker.

Bundles live in a cache folder, each under the digest of all that went into it, so that a second synth makes none
and needs no network. Dependencies have a digest of their own: a changed line of source installs nothing anew.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from shardwell_cdk.install import Install, install_with_uv
from shardwell_cdk.lambda_platform import LambdaPlatform

# Raised when bundles are made differently from the same input.
_FORMAT = 1

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.egg-info")


@dataclass(frozen=True, kw_only=True)
class PythonCode:
    """Where a system's code is, and what its bundle is made of.

    `source` is a project: a folder with a pyproject.toml and packages. The bundle of `package` holds that package,
    the project's dependencies and its extra named as the package; versions are those of `requirements`. No other
    package of the project is in it. Of botocore's descriptions, those of `services` are kept (all together are 25 MB).
    """

    source: Path
    package: str
    requirements: Path
    services: tuple[str, ...]
    cache: Path

    def __post_init__(self) -> None:
        if not (self.source / self.package / "__init__.py").is_file():
            raise ValueError(f"{self.source} has no package {self.package!r}: name a folder in it with an __init__.py.")
        if not self.requirements.is_file():
            raise ValueError(f"{self.requirements} is no file: name the file with the exact versions to bundle.")


def bundle(code: PythonCode, platform: LambdaPlatform, *, install: Install = install_with_uv) -> Path:
    """The folder that holds the bundle, taken from the cache or made."""
    packages = (library_folder(), code.source / code.package)
    dependencies = _dependencies(code, platform, install=install)
    digest = _digest([dependencies.name, *(_digest_of_folder(package) for package in packages)])

    def fill(folder: Path) -> None:
        shutil.copytree(dependencies, folder, dirs_exist_ok=True)
        for package in packages:
            shutil.copytree(package, folder / package.name, ignore=_LEFT_OUT)

    return _made_once(code.cache / "bundles" / digest, fill)


def wanted(code: PythonCode) -> tuple[str, ...]:
    """What the bundle installs: the project's own requirements, its extra of the package's name, the library's."""
    project = tomllib.loads((code.source / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    extras = project.get("optional-dependencies", {})
    if code.package not in extras:
        known = ", ".join(sorted(extras)) or "none"
        raise ValueError(
            f"{code.source / 'pyproject.toml'} has no extra {code.package!r} (it has: {known}): "
            "add one that lists what the package's bundle needs, be it nothing."
        )
    library = [line for line in importlib.metadata.requires("shardwell") or [] if "extra ==" not in line]
    lines = {*project.get("dependencies", []), *extras[code.package], *library}
    return tuple(sorted(line for line in lines if _distribution(line) != "shardwell"))


def library_folder() -> Path:
    """Where the installed `shardwell` library is."""
    found = importlib.util.find_spec("shardwell")
    if found is None or found.origin is None:
        raise ValueError("The library shardwell is not installed beside shardwell-cdk: install it to bundle functions.")
    return Path(found.origin).parent


def _dependencies(code: PythonCode, platform: LambdaPlatform, *, install: Install) -> Path:
    requirements = wanted(code)
    target = json.dumps([_FORMAT, platform.python, platform.machine, platform.wheels, sorted(code.services)])
    digest = _digest([target, *requirements, code.requirements.read_text(encoding="utf-8")])

    def fill(folder: Path) -> None:
        install(folder, requirements, code.requirements, platform)
        _trim(folder, code.services)

    return _made_once(code.cache / "dependencies" / digest, fill)


def _made_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, filled unless it exists; it appears complete or not at all, whoever else makes it meanwhile."""
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        fill(made)
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    return folder


def _trim(folder: Path, services: Iterable[str]) -> None:
    """Removes what differs from one installation to the next, and descriptions of AWS services nobody calls."""
    for name in ("bin", ".lock"):
        _remove(folder / name)
    for path in [*folder.rglob("__pycache__"), *folder.glob("*.dist-info/*")]:
        if path.name not in ("METADATA", "entry_points.txt", "licenses"):
            _remove(path)
    _remove(folder / "boto3" / "examples")
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        for path in data.iterdir() if data.is_dir() else ():
            # Files beside the services' folders (endpoints, partitions, retries) are read by every client.
            if path.is_dir() and path.name not in services:
                _remove(path)
    missing = sorted(set(services) - {path.name for path in (folder / "botocore" / "data").glob("*")})
    if missing:
        raise ValueError(f"botocore in the bundle describes no service {missing[0]!r}: correct `services`.")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _digest_of_folder(folder: Path) -> str:
    left_out = ("__pycache__", ".egg-info")
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") or part.endswith(left_out) for part in _parts(path, folder))
    ]
    return _digest(
        f"{'/'.join(_parts(path, folder))}\0{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    )


def _parts(path: Path, folder: Path) -> tuple[str, ...]:
    return path.relative_to(folder).parts


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _distribution(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement
