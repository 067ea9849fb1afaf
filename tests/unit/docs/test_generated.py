"""The generated pages: the committed ones are those that the code makes, and their links lead somewhere."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from operations.docs.findings import actions_of, guard_rails
from operations.docs.pages import (
    CONSTRUCTS,
    FOLDERS,
    GUARD_RAILS,
    LIBRARY,
    REFERENCE,
    ROOT,
    construct_modules,
    library_modules,
    pages,
)
from operations.docs.properties import meanings
from operations.docs.source import exported, read_module

MADE = pages()


@pytest.mark.parametrize("path", MADE)
def test_the_committed_page_is_the_one_that_the_code_makes(path: str) -> None:
    file = ROOT / path
    assert file.exists(), f"{path} is not there: `make docs` writes it."
    assert file.read_text(encoding="utf-8") == MADE[path], f"{path} is out of date: `make docs` writes it anew."


def test_no_page_is_left_of_what_is_gone() -> None:
    there = {file.relative_to(ROOT).as_posix() for folder in FOLDERS for file in (ROOT / folder).rglob("*.*")}
    assert there - MADE.keys() == set()


def test_every_process_makes_the_same() -> None:
    command = [sys.executable, "-c", "from operations.docs.pages import pages; print(repr(sorted(pages().items())))"]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == repr(sorted(MADE.items()))


def test_every_link_of_the_pages_leads_somewhere() -> None:
    broken = [
        f"{path}: {link}"
        for path, text in MADE.items()
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
        if not (ROOT / path).parent.joinpath(link).exists()
    ]
    assert broken == []


def test_every_construct_has_a_page_with_an_example() -> None:
    constructs = construct_modules()
    assert {"SchemaTable", "PythonFunction", "Schedule", "FailureQueue"} <= {one.name for _, one in constructs}
    for module, one in constructs:
        page = MADE[f"{REFERENCE}/constructs/{module.name}.md"]
        assert page.startswith(f"# {one.name}\n")
        assert "\n## Example\n" in page, f"{one.name} has no example: add one to tests/unit/docs/construct_examples.py."


def test_what_the_libraries_export_is_on_a_page() -> None:
    for package, folder in {"constructs": CONSTRUCTS, "shardwell": LIBRARY}.items():
        text = "".join(page for path, page in MADE.items() if path.startswith(f"{REFERENCE}/{package}"))
        assert [name for name in exported(folder / "__init__.py") if f"`{name}`" not in text and name not in text] == []


def test_what_readers_are_told_to_import_is_on_a_page() -> None:
    known = library_modules()
    for page in (ROOT / "README.md", ROOT / "docs" / "reuse.md"):
        modules = re.findall(r"from shardwell\.(\w+) import", page.read_text(encoding="utf-8"))
        assert set(modules) <= set(known)


def test_a_grant_says_which_actions_it_allows() -> None:
    grants = [
        (one.name, method)
        for _, one in construct_modules()
        for method in one.methods
        if method.name.startswith("grant_")
    ]
    assert len(grants) >= 6
    assert [(name, method.name) for name, method in grants if not actions_of(method.node)] == []


def test_every_guard_rail_is_on_its_page() -> None:
    from shardwell_cdk.guard_rails import RULES

    assert {rule.id for rule in guard_rails(GUARD_RAILS)} == {rule.id for rule in RULES}
    page = MADE[f"{REFERENCE}/constructs/guard_rails.md"]
    assert [rule.id for rule in RULES if rule.fix not in page or rule.says not in page] == []


def test_a_property_that_nothing_explains_stops_the_pages() -> None:
    with pytest.raises(ValueError, match=r"Nothing says what colour of SchemaTable is: add it to .*properties\.py"):
        meanings("SchemaTable", ("settings", "colour"))


def test_a_signature_is_read_as_it_is_written(tmp_path: Path) -> None:
    source = "def ask(a, /, b: int = 1, *rest: str, c: str | None = None, **more: int) -> bool:\n    '''Asks.'''\n"
    (tmp_path / "one.py").write_text(source, encoding="utf-8")
    [function] = read_module(tmp_path / "one.py").functions
    assert function.signature == "ask(a, /, b: int = 1, *rest: str, c: str | None = None, **more: int) -> bool"
    assert ast.parse(f"def {function.signature}: ...")
