"""Each stage's template of each system, as it was last approved: `make snapshots` writes them anew, for review."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from review.normalise import as_text
from tests.snapshots.synth import ROOT, Synthesized, stacks_in, synthesize

STAGES = ("local", "dev", "staging", "prod")
SYSTEMS = ("identity", "sales-intelligence", "carousel-sync")
HERE = Path(__file__).resolve().parent

# Syrupy expects a test's name in its snapshots' names; these are named for those who read them.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot name:UserWarning")

Stacks = dict[tuple[str, str], Synthesized]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("stage", STAGES)
def test_template_is_the_approved_one(stage: str, system: str, stacks: Stacks, snapshot: SnapshotAssertion) -> None:
    assert as_text(stacks[stage, system].template) == snapshot


def test_every_stack_has_a_snapshot(stacks: Stacks) -> None:
    assert set(stacks) == {(stage, system) for stage in STAGES for system in SYSTEMS}, "correct STAGES or SYSTEMS here"


def test_every_snapshot_has_a_stack(stacks: Stacks) -> None:
    kept = {(path.parent.name, path.name.removesuffix(".template.json")) for path in HERE.rglob("*.template.json")}
    assert kept == set(stacks), "a snapshot whose stack is gone guards nothing: delete it"


def test_another_checkout_gives_the_same_bytes(stacks: Stacks, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in ("stacks", "runtime", "constructs"):
        shutil.copytree(ROOT / name, elsewhere / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json", "requirements.txt"):
        shutil.copy(ROOT / name, elsewhere / name)
    synthesize(elsewhere, tmp_path / "out")
    there = {(stack.stage, stack.system): as_text(stack.template) for stack in stacks_in(tmp_path / "out")}
    assert there == {key: as_text(stack.template) for key, stack in stacks.items()}


def test_nothing_of_one_machine_is_in_a_snapshot() -> None:
    files = [*HERE.rglob("*.template.json")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text
        assert re.search(r"[0-9a-f]{64}", text) is None, path
        assert ("<asset>" in text) == ("AWS::Lambda::Function" in text), path


def test_nothing_is_unacknowledged_and_everything_accepted_has_a_reason(assembly: Path) -> None:
    for plugin in _reports(assembly):
        assert plugin["violations"] == [], plugin["pluginName"]
        for accepted in plugin["suppressedViolations"]:
            assert len(accepted["reason"]) > 40, accepted["ruleName"]


def test_only_stages_that_may_lose_data_accept_that_they_may(assembly: Path) -> None:
    accepted = {
        each["constructPath"].split("/")[0]
        for plugin in _reports(assembly)
        for violation in plugin["suppressedViolations"]
        if violation["ruleName"] in ("TableRecovery", "TableProtection")
        for each in violation["violatingConstructs"]
    }
    assert accepted == {"local", "dev"}


def test_one_stage_can_be_synthesized_alone(tmp_path: Path) -> None:
    synthesize(ROOT, tmp_path / "out", context={"stage": "dev"})
    assert [(stack.stage, stack.system) for stack in stacks_in(tmp_path / "out")] == [
        ("dev", system) for system in SYSTEMS
    ]


def _reports(assembly: Path) -> list[dict[str, Any]]:
    report = json.loads((assembly / "validation-report.json").read_text(encoding="utf-8"))
    reports: list[dict[str, Any]] = report["pluginReports"]
    assert {each["pluginName"] for each in reports} >= {"AwsSolutions", "Shardwell"}
    return reports
