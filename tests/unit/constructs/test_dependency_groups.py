"""Dependency groups: read as PEP 735 has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shardwell_cdk.dependency_groups import requirements_of


def project(folder: Path, groups: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(f'[project]\nname = "post"\n{groups}', encoding="utf-8")
    return file


def test_a_group_has_its_requirements_and_those_it_includes_each_once(tmp_path: Path) -> None:
    file = project(
        tmp_path,
        "[dependency-groups]\n"
        'light = ["six", "attrs>=24"]\n'
        'heavy = [{include-group = "light"}, "pyarrow", "six"]\n'
        "empty = []\n",
    )
    assert requirements_of("heavy", file) == ("six", "attrs>=24", "pyarrow")
    assert requirements_of("light", file) == ("six", "attrs>=24")
    assert requirements_of("empty", file) == ()


def test_names_are_compared_as_those_of_distributions_are(tmp_path: Path) -> None:
    file = project(tmp_path, '[dependency-groups]\nVan-Routes = ["six"]\nall = [{include-group = "van_routes"}]\n')
    assert requirements_of("van.routes", file) == requirements_of("all", file) == ("six",)


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ("", r"has no dependency group 'a' \(it has: none\)"),
        ("[dependency-groups]\nb = []\nc = []\n", r"has no dependency group 'a' \(it has: b, c\)"),
        ("[dependency-groups]\na = []\nA = []\n", r"has more than one dependency group 'a' \(it has: A, a\)"),
        ('[dependency-groups]\na = [{include-group = "b"}]\n', r"has no dependency group 'b' \(it has: a\)"),
        (
            '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "A"}]\n',
            "has a group 'A' that includes itself",
        ),
        ("[dependency-groups]\na = [7]\n", "has 7 in its dependency group 'a': write a requirement"),
        ('[dependency-groups]\na = [{path = "x"}]\n', "in its dependency group 'a': write a requirement"),
    ],
)
def test_what_is_no_group_is_refused(tmp_path: Path, groups: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        requirements_of("a", project(tmp_path, groups))


def test_our_own_groups_are_in_no_wheel() -> None:
    """Other teams install the wheel: its extras are for them."""
    from importlib.metadata import metadata

    from operations.setup import ROOT

    assert metadata("shardwell").get_all("Provides-Extra") == ["http"]
    assert "aws-lambda-powertools" in requirements_of("sales_intelligence", ROOT / "runtime" / "pyproject.toml")
