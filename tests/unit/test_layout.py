"""The rooms of the house: short files, libraries that name no system, types and words for all that is public."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = {".venv", ".git", "node_modules", "cdk.out", ".build", ".local", ".hypothesis", "build", "__pycache__"}
MOST_LINES = 400
LIBRARIES = {"shardwell": ROOT / "runtime" / "shardwell", "shardwell_cdk": ROOT / "constructs" / "shardwell_cdk"}
SYSTEMS = ("sales_intelligence", "carousel_sync", "sale_module", "sync_state")


def python_files(folder: Path) -> Iterator[Path]:
    """Every Python file that a person wrote, below a folder."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in MADE and not path.name.endswith(".egg-info"):
            yield from python_files(path)
        elif path.suffix == ".py":
            yield path


def spellings(system: str) -> re.Pattern[str]:
    """The name of a system however it is written: sales_intelligence, sales-intelligence, SalesIntelligence."""
    return re.compile("[ _-]?".join(system.split("_")), re.IGNORECASE)


def without_words(source: str) -> list[str]:
    """Public functions, classes and methods of a source that no docstring explains."""
    found = []

    def walk(node: ast.AST, path: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                public = not child.name.startswith("_") and not _is_overload(child)
                if public and not ast.get_docstring(child):
                    found.append(f"{path}{child.name}")
                if public and isinstance(child, ast.ClassDef) and not _implements(child):
                    walk(child, f"{path}{child.name}.")

    walk(ast.parse(source), "")
    return found


def _implements(node: ast.ClassDef) -> bool:
    """Whether it fills in an interface of CDK, whose own words explain each method."""
    return any(ast.unparse(one).startswith("jsii.implements") for one in node.decorator_list)


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(getattr(one, "id", getattr(one, "attr", "")) == "overload" for one in node.decorator_list)


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(ROOT)}
    assert len(lengths) > 50
    assert {str(path): length for path, length in lengths.items() if length > MOST_LINES} == {}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_names_no_system(library: str) -> None:
    files = list(python_files(LIBRARIES[library]))
    assert files
    named = [
        f"{path.name}: {system}"
        for path in files
        for system in SYSTEMS
        if spellings(system).search(path.read_text("utf-8"))
    ]
    assert named == []


@pytest.mark.parametrize(
    "text", ["from sales_intelligence import x", "shardwell-prod-sales-intelligence", "class SalesIntelligence:"]
)
def test_a_systems_name_is_seen_however_it_is_written(text: str) -> None:
    assert spellings("sales_intelligence").search(text)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_typed_for_those_who_install_it(library: str) -> None:
    assert (LIBRARIES[library] / "py.typed").is_file()


@pytest.mark.parametrize("library", LIBRARIES)
def test_all_that_is_public_in_a_library_is_explained(library: str) -> None:
    found = {path.name: without_words(path.read_text(encoding="utf-8")) for path in python_files(LIBRARIES[library])}
    assert {name: wordless for name, wordless in found.items() if wordless} == {}


def test_what_is_not_explained_is_seen() -> None:
    source = "class A:\n    'x'\n    def b(self): ...\n    def _c(self): ...\ndef d(): ...\n"
    source += "class _E:\n    def f(self): ...\n"
    assert without_words(source) == ["A.b", "d"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_file_says_what_it_holds(library: str) -> None:
    files = [path for path in python_files(LIBRARIES[library]) if path.read_text(encoding="utf-8").strip()]
    assert [path.name for path in files if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []
