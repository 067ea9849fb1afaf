"""Bytecode in bundles: read at a cold start, made only by the Python that runs it, and in no asset's hash."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
import pytest

from shardwell_cdk import THIS_MACHINE, LambdaPlatform, PythonFunction, bytecode
from shardwell_cdk.bundle import bundle
from shardwell_cdk.bytecode import compile_folder, compiler_for
from tests.unit.constructs.made import CARELESS, code

UNKNOWN = LambdaPlatform(python="3.99", machine="arm64", wheels="aarch64-manylinux_2_28")


@pytest.fixture(autouse=True)
def _found_anew() -> Iterator[None]:
    bytecode._compiler.cache_clear()
    yield
    bytecode._compiler.cache_clear()


def nothing(folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
    """Installs a library of one module, and a source that no Python can compile."""
    (folder / "posts.py").write_text("posts = {'a', 'b', 'c'} & {1, 2}\n", encoding="utf-8")
    (folder / "broken.py").write_text("print 'Python 2'\n", encoding="utf-8")


def compiled(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pyc")}


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_every_source_that_can_be_compiled_is(tmp_path: Path) -> None:
    made = bundle(replace(code(tmp_path), services=()), THIS_MACHINE, install=nothing).folder
    expected = {
        importlib.util.cache_from_source(path.relative_to(made).as_posix())
        for path in made.rglob("*.py")
        if path.name != "broken.py"
    }
    assert set(compiled(made)) == expected
    assert {"posts.py", "broken.py", "parcels/__init__.py", "shardwell/store.py"} <= {
        path.relative_to(made).as_posix() for path in made.rglob("*.py")
    }


def test_it_is_read_although_every_file_is_of_another_time(tmp_path: Path) -> None:
    made = bundle(replace(code(tmp_path), services=()), THIS_MACHINE, install=nothing).folder
    for path in made.rglob("*"):
        os.utime(path, (1, 1))
    script = (
        f"import sys; sys.path.insert(0, {str(made)!r}); import posts, parcels, shardwell.store; print(posts.__file__)"
    )
    command = [sys.executable, "-v", "-c", script]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(made / "posts.py"), "the path that it was compiled under is not the one it has"
    for name in ("posts.py", "parcels/__init__.py", "shardwell/store.py"):
        cached = importlib.util.cache_from_source(str(made / name))
        assert f"# {cached} matches {made / name}" in said.stderr or f"code object from '{cached}'" in said.stderr


def test_it_does_not_tell_where_it_was_made(tmp_path: Path) -> None:
    made = bundle(replace(code(tmp_path), services=()), THIS_MACHINE, install=nothing).folder
    assert [name for name, data in compiled(made).items() if str(tmp_path).encode() in data] == []


def test_each_compilation_makes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = compiler_for(THIS_MACHINE)
    assert compiler is not None
    made = []
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        folder = tmp_path / seed
        folder.mkdir()
        (folder / "words.py").write_text("def ask(x):\n    return x in {'a', 'b', 'c', 'd', 'e'}\n", encoding="utf-8")
        compile_folder(folder, compiler)
        made.append(compiled(folder))
    assert made[0] == made[1] != {}


def test_without_that_python_bundles_have_none_and_it_is_said_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        made = bundle(replace(code(tmp_path / name), services=()), UNKNOWN, install=nothing).folder
        assert compiled(made) == {}
        assert (made / "posts.py").exists()
    said = capfd.readouterr().err
    assert said.count("No python3.99 on the path: functions are bundled without bytecode") == 1


def test_another_python_on_the_path_compiles_if_it_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "python3.99", "echo cpython 3.99.4")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = compiler_for(UNKNOWN)
    assert found is not None
    assert (found.program, found.version) == (str(tmp_path / "bin" / "python3.99"), "3.99.4")


@pytest.mark.parametrize("text", ["echo not installed >&2; exit 127", "echo cpython 3.98.1", "echo pypy 3.99.0"])
def test_a_stand_in_for_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    program(tmp_path / "bin" / "python3.99", text)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert compiler_for(UNKNOWN) is None


def test_a_compiler_that_does_not_work_is_an_error(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python", "echo no memory >&2; exit 1")
    broken = bytecode.Compiler(program=str(tmp_path / "bin" / "python"), version="3.99.0")
    with pytest.raises(RuntimeError, match=r"could not compile .*: no memory"):
        compile_folder(tmp_path, broken)


def test_an_asset_s_hash_is_the_same_with_and_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for name, compiler in {"with": compiler_for(THIS_MACHINE), "without": None}.items():
        made = replace(code(tmp_path / name), services=())
        with monkeypatch.context() as patch:
            patch.setattr("shardwell_cdk.bundle.compiler_for", lambda _, found=compiler: found)
            found = bundle(made, THIS_MACHINE, install=nothing)
        assert bool(compiled(found.folder)) == (compiler is not None)
        keys.add(found.digest)
    assert len(keys) == 1


def test_bundles_of_two_pythons_are_two_assets_of_one_app(tmp_path: Path) -> None:
    made = replace(code(tmp_path), services=())
    digests = {bundle(made, platform, install=nothing).digest for platform in (UNKNOWN, THIS_MACHINE)}
    assert len(digests) == 2, "only the first would be deployed, with bytecode that the other's Python cannot read"


def test_a_function_s_asset_is_named_by_the_bundle_s_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bundle(replace(code(tmp_path), services=()), THIS_MACHINE, install=nothing)
    asked: list[str] = []

    def remembered(code: object, platform: LambdaPlatform) -> object:
        asked.append(platform.python)
        return made

    monkeypatch.setattr("shardwell_cdk.python_function.bundle", remembered)
    hashes = []
    for number in range(2):
        app = cdk.App(outdir=str(tmp_path / f"out{number}"))
        stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="eu-west-1"))
        PythonFunction(
            stack,
            "Sorter",
            code=replace(code(tmp_path / f"project{number}"), services=()),
            handler="parcels.sort.handler",
            description="Sorts.",
            settings=CARELESS,
        )
        app.synth()
        hashes += [path.name for path in (tmp_path / f"out{number}").glob("asset.*")]
        if number == 0:
            for path in made.folder.rglob("*.pyc"):
                path.unlink()
    assert asked
    assert len(hashes) == 2
    assert len(set(hashes)) == 1
