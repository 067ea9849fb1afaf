"""What a bundle does without, and how large it may be."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import uv

from shardwell_cdk import LAMBDA_ARM64, THIS_MACHINE, LambdaPlatform
from shardwell_cdk.bundle import bundle
from shardwell_cdk.bundle_trim import LAMBDA_BYTES, check_size, leave_out
from tests.unit.constructs.made import code

FILES = {
    "arrow/__init__.py": "from arrow.compute import answer\n",
    "arrow/compute.py": "answer = 42\n",
    "arrow/include/arrow/api.h": "#pragma once\n",
    "arrow/libarrow.so.23": "x" * 3_000,
    "arrow/libarrow_flight.so.23": "x" * 2_000,
    "arrow/libarrow_flight_python.so": "x" * 2_000,
    "arrow/tests/test_array.py": "assert False\n",
}


def wheel(folder: Path) -> Path:
    """A wheel of a library that is mostly what nobody needs."""
    path = folder / "arrow-1.0-py3-none-any.whl"
    about = {
        "METADATA": "Metadata-Version: 2.1\nName: arrow\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
        for name, text in about.items():
            archive.writestr(f"arrow-1.0.dist-info/{name}", text)
        names = [*FILES, *(f"arrow-1.0.dist-info/{name}" for name in (*about, "RECORD"))]
        archive.writestr("arrow-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in names))
    return path


def install_wheel(folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
    """Installs that wheel with uv as bundles are, from this disk alone."""
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--offline", "--no-config", "--no-cache"]
    target = ["--python", sys.executable, "--target", str(folder), str(wheel(versions.parent))]
    subprocess.run([*command, *target], check=True)


def contents(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if name.startswith("arrow") and "__pycache__" not in name}


def test_parts_that_are_named_are_left_out_and_the_rest_works(tmp_path: Path) -> None:
    lean = replace(
        code(tmp_path), services=(), without=("arrow/include/**", "arrow/tests/**", "arrow/libarrow_flight*")
    )
    made = bundle(lean, THIS_MACHINE, install=install_wheel).folder
    assert contents(made) == {
        "arrow/__init__.py",
        "arrow/compute.py",
        "arrow/libarrow.so.23",
        "arrow-1.0.dist-info/METADATA",
    }
    script = f"import sys; sys.path.insert(0, {str(made)!r}); import arrow; print(arrow.answer)"
    said = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "42\n"


def test_without_patterns_everything_is_there(tmp_path: Path) -> None:
    made = bundle(replace(code(tmp_path), services=()), LAMBDA_ARM64, install=install_wheel).folder
    assert contents(made) == {*FILES, "arrow-1.0.dist-info/METADATA"}


def test_a_pattern_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    misspelt = replace(code(tmp_path), services=(), without=("arrow/includes/**",))
    with pytest.raises(ValueError, match=r"Nothing in the bundle is 'arrow/includes/\*\*': correct `without`"):
        bundle(misspelt, LAMBDA_ARM64, install=install_wheel)
    assert not list((tmp_path / "cache").rglob("compute.py")), "a bundle that failed must leave nothing behind"


def test_nested_matches_and_links_are_removed_and_what_they_point_to_stays(tmp_path: Path) -> None:
    (tmp_path / "bundle" / "a" / "tests" / "tests").mkdir(parents=True)
    (tmp_path / "kept").mkdir()
    (tmp_path / "bundle" / "a" / "link").symlink_to(tmp_path / "kept")
    leave_out(tmp_path / "bundle", ("**/tests", "a/link"))
    assert [path.name for path in (tmp_path / "bundle").rglob("*")] == ["a"]
    assert (tmp_path / "kept").is_dir()


def test_a_bundle_that_lambda_would_refuse_is_refused_with_its_largest_parts(tmp_path: Path) -> None:
    for name, size in {"arrow/libarrow.so": 180, "arrow/include/api.h": 40, "lance/lance.so": 35}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size * 1024 * 1024)  # holes: nothing is written
    with pytest.raises(
        ValueError, match=r"The bundle of parcels is 255\.0 MB unzipped and Lambda takes 250\.0 MB"
    ) as told:
        check_size(tmp_path, package="parcels", most=LAMBDA_BYTES)
    assert str(told.value).endswith("arrow/libarrow.so 180.0 MB, arrow/include 40.0 MB, lance/lance.so 35.0 MB.")
    (tmp_path / "arrow" / "include" / "api.h").unlink()
    check_size(tmp_path, package="parcels", most=LAMBDA_BYTES)


def test_the_limit_is_lambda_s_to_the_byte(tmp_path: Path) -> None:
    with (tmp_path / "one").open("wb") as file:
        file.truncate(LAMBDA_BYTES)
    check_size(tmp_path, package="parcels", most=LAMBDA_BYTES)
    (tmp_path / "two").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match=r"Lambda takes 250\.0 MB"):
        check_size(tmp_path, package="parcels", most=LAMBDA_BYTES)


def test_a_bundle_s_size_is_checked_when_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shardwell_cdk.bundle.LAMBDA_BYTES", 5_000)
    with pytest.raises(ValueError, match=r"The bundle of parcels is .* MB unzipped and Lambda takes"):
        bundle(replace(code(tmp_path), services=()), LAMBDA_ARM64, install=install_wheel)
    assert not list((tmp_path / "cache" / "bundles").iterdir())
