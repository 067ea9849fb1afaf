"""The gallery: ten real changes of small apps, and one of none, each with the verdict that it must have."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from operations.docs.gallery_page import gallery_page, reviewed
from review.__main__ import main
from review.model import Kind, Review, Verdict
from tests.gallery.synth import CASES, HERE, TEMPLATES
from tests.snapshots.synth import ROOT, once

HARMLESS, LOOK, DANGER, BLOCKED = Verdict

EXPECTED: dict[str, tuple[tuple[Verdict, Verdict, Verdict], set[str], int]] = {
    "change_a_key": ((BLOCKED, BLOCKED, BLOCKED), {"custom-name", "table-key", "data-lost", "data-orphaned"}, 2),
    "change_two_indexes": ((BLOCKED, BLOCKED, BLOCKED), {"one-index-at-a-time", "index-removed", "index-added"}, 2),
    "change_what_only_production_has": ((HARMLESS, HARMLESS, DANGER), {"backup-removed"}, 2),
    "drop_an_index": ((DANGER, DANGER, DANGER), {"index-removed"}, 2),
    "open_a_bucket": ((DANGER, DANGER, DANGER), {"public-access", "access-public"}, 2),
    "remove_an_alarm": ((HARMLESS, LOOK, LOOK), {"removed"}, 1),
    "rename_a_construct": ((BLOCKED, BLOCKED, BLOCKED), {"name-taken", "renamed", "data-lost", "data-orphaned"}, 2),
    "shorten_a_retention": ((HARMLESS, LOOK, LOOK), {"retention-shortened"}, 1),
    "turn_off_recovery": ((HARMLESS, DANGER, DANGER), {"pitr-weakened"}, 2),
    "widen_a_policy": ((DANGER, DANGER, DANGER), {"access-widened"}, 2),
    "refactor": ((HARMLESS, HARMLESS, HARMLESS), set(), 0),
}


@cache
def found(name: str) -> Review:
    """The review of the templates that are kept."""
    return reviewed(TEMPLATES / name)


def rules(result: Review) -> set[str]:
    """Every rule that said something, of changes and of access."""
    of_changes = {reason.rule for change in result.changes for reason in change.reasons}
    return of_changes | {reason.rule for group in result.access for reason in group.item.reasons}


def test_every_case_is_expected() -> None:
    assert set(CASES) == set(EXPECTED)
    assert len(CASES) == 11


@pytest.mark.parametrize("name", CASES)
def test_each_stage_has_its_verdict(name: str) -> None:
    verdicts, reasons, _ = EXPECTED[name]
    assert {stage.stage: stage.verdict for stage in found(name).stages} == dict(
        zip(("dev", "staging", "prod"), verdicts, strict=True)
    )
    assert reasons <= rules(found(name))
    assert found(name).problems == ()


@pytest.mark.parametrize("name", CASES)
def test_the_command_exits_with_it(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = tmp_path / "acknowledgements.toml"
    nothing.touch()
    sides = [f"--{side}={TEMPLATES / name / folder}" for side, folder in (("base", "before"), ("head", "after"))]
    assert main([*sides, f"--acknowledgements={nothing}"]) == EXPECTED[name][2]
    assert capsys.readouterr().out


def test_what_has_no_effect_is_one_line(tmp_path: Path) -> None:
    """Not by a short cut for equal files: the templates differ in their order."""
    before, after = (TEMPLATES / "refactor" / side / "prod" / "shop.template.json" for side in ("before", "after"))
    assert before.read_bytes() != after.read_bytes()
    command = [sys.executable, "-m", "review", "--base", str(TEMPLATES / "refactor" / "before"), "--head"]
    finished = subprocess.run(
        [*command, str(TEMPLATES / "refactor" / "after")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "runtime")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert len(finished.stdout.splitlines()) == 1
    assert "nothing changes in dev, staging, prod" in finished.stdout


def test_two_indexes_get_the_order_of_deployments() -> None:
    [group] = found("change_two_indexes").groups
    assert group.stages == ("dev", "staging", "prod")
    assert group.item.deployments == (
        "Deployment 1: remove the index ByBrand.",
        "Deployment 2: add the index SalesOfBrand.",
    )


def test_a_rename_is_no_removal_and_no_addition() -> None:
    result = found("rename_a_construct")
    assert {change.kind for change in result.changes} == {Kind.RENAMED}
    assert all(change.renamed_from.startswith("SalesTable") for change in result.changes)


def test_what_only_production_gets_stands_out() -> None:
    [group] = found("change_what_only_production_has").groups
    assert (group.stages, group.elsewhere, group.production_only) == (("prod",), ("dev", "staging"), True)


def test_the_lost_alarm_is_told_of_the_queue() -> None:
    [cover] = [group for group in found("remove_an_alarm").coverage if group.item.verdict is LOOK]
    assert cover.stages == ("staging", "prod")
    assert "nothing watches its messages any more" in cover.item.reasons[0].text


def test_the_wide_policy_names_who_may_what() -> None:
    [widened] = [group.item for group in found("widen_a_policy").access if group.item.verdict is DANGER]
    assert widened.principal.startswith("Reader")
    assert (widened.written_actions, widened.resources) == (("dynamodb:*",), ("*",))
    assert "dynamodb:DeleteTable" in widened.actions


def test_the_page_shows_every_case_with_its_verdict() -> None:
    page = gallery_page(HERE)
    assert page.count("\n## ") == len(CASES)
    assert page.count("```diff\n") == len(CASES)
    for _, _, code in EXPECTED.values():
        assert f"exit code {code}." in page


def test_the_kept_templates_are_those_that_the_apps_make(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    made = once(shared / "gallery", _synthesize)
    kept, anew = (
        {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in root.rglob("*.template.json")}
        for root in (TEMPLATES, made)
    )
    assert set(kept) == set(anew)
    out_of_date = [path for path in kept if kept[path] != anew[path]]
    assert out_of_date == [], "`python -m tests.gallery` writes them anew, then `make docs`."


def _synthesize(folder: Path) -> None:
    """In a process of its own, since CDK keeps what it was asked for from the environment."""
    code = "import sys; from pathlib import Path; from tests.gallery.synth import write; write(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True, capture_output=True)
