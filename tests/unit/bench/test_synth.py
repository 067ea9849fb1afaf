"""What the benchmark of synthesis compares: the same resources, made with and without this library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.bench.plain_systems import FEWER, SYSTEMS
from tests.bench.synth import difference
from tests.snapshots.synth import Synthesized

BENCH = Path(__file__).parents[2] / "bench"
OURS = {"shardwell", "shardwell_cdk", "stacks"}


def stack(system: str, **counts: int) -> Synthesized:
    """A template with so many resources of each type."""
    resources = {f"{kind}{number}": {"Type": kind} for kind, count in counts.items() for number in range(count)}
    return Synthesized("dev", system, {"Resources": resources})


def imported(path: Path) -> set[str]:
    """The packages that a file imports, by their first names."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.split(".")[0]
        for name in plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    }


@pytest.mark.parametrize("path", sorted(BENCH.glob("plain_*.py")), ids=lambda path: path.name)
def test_the_plain_app_knows_nothing_of_this_library(path: Path) -> None:
    assert imported(path) & OURS == set()


def test_our_app_is_seen_to_import_this_library() -> None:
    assert imported(BENCH / "our_app.py") >= {"shardwell_cdk", "stacks"}


def test_stacks_with_the_same_resources_do_not_differ() -> None:
    assert difference(stack("identity", Queue=2, Rule=1), stack("identity", Queue=2, Rule=1)) == {}


@pytest.mark.parametrize("theirs", [{"Queue": 1, "Rule": 1}, {"Queue": 2}, {"Queue": 2, "Rule": 1, "Topic": 1}])
def test_a_resource_too_few_or_too_many_differs(theirs: dict[str, int]) -> None:
    assert len(difference(stack("identity", Queue=2, Rule=1), stack("identity", **theirs))) == 1


@pytest.mark.parametrize(("system", "kind"), FEWER)
def test_what_is_known_to_be_fewer_does_not_differ(system: str, kind: str) -> None:
    fewer = FEWER[system, kind]
    assert difference(stack(system, **{kind: fewer + 2}), stack(system, **{kind: 2})) == {}
    assert difference(stack(system, **{kind: fewer + 2}), stack(system, **{kind: 3})) == {kind: (2, 3)}


def test_only_systems_that_are_compared_are_known_to_differ() -> None:
    assert {system for system, _ in FEWER} <= set(SYSTEMS)
