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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath

from shardwell_cdk.bundle_trim import LAMBDA_BYTES, check_size, drop_what_differs, keep_services, leave_out
from shardwell_cdk.bytecode import Compiler, compile_folder, compiler_for
from shardwell_cdk.dependency_groups import requirements_of
from shardwell_cdk.install import Install, install_with_uv
from shardwell_cdk.lambda_platform import LambdaPlatform

# Raised when bundles are made differently from the same input.
_FORMAT = 2

_LEFT_OUT = ("__pycache__", "*.pyc", ".*", "*.egg-info")


@dataclass(frozen=True, kw_only=True)
class PythonCode:
    """Where a system's code is, and what its bundle is made of.

    The bundle holds one package of a project, the project's dependencies, those of a dependency group, and the library.
    No other package of the project is in it that is not named. Functions with the same code share one bundle.
    """

    source: Path
    """The project: a folder with a pyproject.toml and packages."""
    package: str
    """The folder in it that is bundled."""
    requirements: Path
    """The file with the exact versions: `uv pip freeze` writes one."""
    services: tuple[str, ...]
    """The AWS services that the code calls: of botocore's descriptions those are kept (all together are 25 MB)."""
    cache: Path
    """Where bundles are kept from one synth to the next. It may be removed at any time; keep it out of git."""
    group: str | None = None
    """The group of the pyproject.toml's `[dependency-groups]` that is bundled too; the package's name unless given."""
    without: tuple[str, ...] = ()
    """Parts of dependencies to leave out, as globs in the bundle: `pyarrow/include/**`, `pyarrow/libarrow_flight*`."""

    beside: tuple[str, ...] = ()
    """Further packages of the project, which the package imports; what they need has to be in the group as well."""

    def __post_init__(self) -> None:
        for package in (self.package, *self.beside):
            if not (self.source / package / "__init__.py").is_file():
                raise ValueError(f"{self.source} has no package {package!r}: name a folder in it with an __init__.py.")
        if not self.requirements.is_file():
            raise ValueError(f"{self.requirements} is no file: name the file with the exact versions to bundle.")
        for pattern in self.without:
            if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts or not pattern.strip("./"):
                raise ValueError(f"`without` has {pattern!r}: name something within the bundle.")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle's folder; `digest` is that of all in it but bytecode, which not every machine can make.

    It differs from one version of Python to another, even where nothing but bytecode does.
    """

    folder: Path
    digest: str


def bundle(code: PythonCode, platform: LambdaPlatform, *, install: Install = install_with_uv) -> Bundle:
    """The bundle, taken from the cache or made."""
    packages = (library_folder(), *(code.source / package for package in (code.package, *code.beside)))
    compiler = compiler_for(platform)
    dependencies = _dependencies(code, platform, compiler, install=install)
    sources = [f"{package.name} {_digest_of_folder(package, _LEFT_OUT)}" for package in packages]
    digest = _digest([dependencies.name, *sources])

    def fill(folder: Path) -> None:
        shutil.copytree(dependencies, folder, dirs_exist_ok=True)
        for package in packages:
            copy = shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
            if compiler:
                compile_folder(copy, compiler)
        check_size(folder, package=code.package, most=LAMBDA_BYTES)

    made = _made_once(code.cache / "bundles" / digest, fill)
    return Bundle(folder=made, digest=_digest_of_bundle(made, platform.python))


def wanted(code: PythonCode) -> tuple[str, ...]:
    """What the bundle installs: the project's own requirements, those of the group, the library's."""
    file = code.source / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    own = {*project.get("dependencies", []), *requirements_of(code.group or code.package, file)}
    library = {line for line in own if _distribution(line) == "shardwell"}
    return tuple(sorted({*(own - library), *_of_library(library)}))


def library_folder() -> Path:
    """Where the installed `shardwell` library is."""
    found = importlib.util.find_spec("shardwell")
    if found is None or found.origin is None:
        raise ValueError("The library shardwell is not installed beside shardwell-cdk: install it to bundle functions.")
    return Path(found.origin).parent


def _of_library(lines: Iterable[str]) -> Iterator[str]:
    """What the library needs, with what its extras need that the lines ask for: `shardwell[http]`."""
    extras = {extra.strip() for line in lines for found in re.findall(r"\[(.*?)\]", line) for extra in found.split(",")}
    for line in importlib.metadata.requires("shardwell") or []:
        extra = re.search(r"extra == ['\"](.*?)['\"]", line)
        if extra is None:
            yield line
        elif extra[1] in extras:
            # True of every Python: an installer knows of no extra outside of the distribution that has it.
            yield line.replace(extra[0], "python_version >= '3'")


def _dependencies(code: PythonCode, platform: LambdaPlatform, compiler: Compiler | None, *, install: Install) -> Path:
    requirements = wanted(code)
    chosen = [sorted(code.services), sorted(code.without), compiler and compiler.version]
    target = json.dumps([_FORMAT, platform.python, platform.machine, platform.wheels, *chosen])
    digest = _digest([target, *requirements, code.requirements.read_text(encoding="utf-8")])

    def fill(folder: Path) -> None:
        install(folder, requirements, code.requirements, platform)
        drop_what_differs(folder)
        keep_services(folder, code.services)
        leave_out(folder, code.without)
        if compiler:
            compile_folder(folder, compiler)

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


@cache
def _digest_of_bundle(folder: Path, python: str) -> str:
    return _digest([str(_FORMAT), python, _digest_of_folder(folder, ("__pycache__",))])


def _digest_of_folder(folder: Path, left_out: Iterable[str]) -> str:
    return _digest(
        f"{path.relative_to(folder).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(fnmatch(part, pattern) for part in path.relative_to(folder).parts for pattern in left_out)
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _distribution(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement
