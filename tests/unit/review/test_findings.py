"""Findings of both sides matched without line numbers, and where they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review import lint
from review.build import compare, review
from review.findings import Found
from review.lint import LintError, linted
from review.model import Finding, FindingState, Verdict
from review.parts import every_part, reports_of
from review.reading import UnreadableError
from review.validation_report import findings_in
from tests.unit.review.sides import templates

NEW, FIXED, UNCHANGED = FindingState.NEW, FindingState.FIXED, FindingState.UNCHANGED


def found(**more: Any) -> Found:
    given = {"tool": "AwsSolutions", "rule": "SQS4", "severity": "error", "message": "no TLS", "logical_id": "Q"}
    return Found(**{"stage": "prod", "stack": "shop", **given, **more})


def queue(name: str = "Q", path: str = "prod/Shop/Q/Resource") -> dict[str, Any]:
    metadata = {"aws:cdk:path": path}
    return {name: {"Type": "AWS::SQS::Queue", "Metadata": metadata, "Properties": {"QueueName": "same"}}}


def findings(before: list[Found], after: list[Found], head: str = "Q") -> list[Finding]:
    sides = [templates({("prod", "shop"): {"Resources": queue(name)}}) for name in ("Q", head)]
    result = review(*sides, every_part(reports=(tuple(before), tuple(after))))
    return [each.item for each in result.findings]


def states(*args: Any, **more: Any) -> list[FindingState]:
    return [each.state for each in findings(*args, **more)]


def test_what_comes_goes_and_stays() -> None:
    assert states([], [found()]) == [NEW]
    assert states([found()], []) == [FIXED]
    assert states([found()], [found()]) == [UNCHANGED]
    assert states([found(), found()], [found()]) == [FIXED, UNCHANGED]


def test_positions_numbers_and_words_do_not_count() -> None:
    before = found(path=("Statement", 3, "Action"), message="line 12 is wrong")
    assert states([before], [found(path=("Statement", 1, "Action"), message="line 99 is wrong")]) == [UNCHANGED]
    assert states([before], [found(message="said otherwise")]) == [UNCHANGED]
    assert states([before], [found(rule="SQS3")]) == [NEW, FIXED]


def test_two_of_a_kind_are_told_apart_by_their_messages() -> None:
    one, two, three = (found(message=each) for each in ("a", "b", "c"))
    kept = {each.message: each.state for each in findings([one, two], [two, three])}
    assert kept["b"] is UNCHANGED
    assert len(kept) == 2


def test_a_renamed_resource_has_the_same_findings() -> None:
    assert states([found()], [found(logical_id="New")], head="New") == [UNCHANGED]


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Verdict.DANGER),
        ({"severity": "warning"}, Verdict.LOOK),
        ({"severity": "informational"}, Verdict.HARMLESS),
        ({"severity": "nobody knows"}, Verdict.LOOK),
        ({"suppressed": "because"}, Verdict.LOOK),
        ({"tool": "cfn-lint"}, Verdict.LOOK),
    ],
)
def test_how_bad_a_new_one_is(more: dict[str, Any], verdict: Verdict) -> None:
    assert [each.verdict for each in findings([], [found(**more)])] == [verdict]
    assert [each.verdict for each in findings([found(**more)], [found(**more)])] == [Verdict.HARMLESS]


def test_one_that_is_no_longer_accepted_is_new() -> None:
    assert states([found(suppressed="because")], [found()]) == [NEW, FIXED]


# --- The report


def report(*violations: dict[str, Any], key: str = "violations", plugin: str = "AwsSolutions") -> bytes:
    return json.dumps({"pluginReports": [{"pluginName": plugin, key: list(violations)}]}).encode()


def violation(path: str, **more: Any) -> dict[str, Any]:
    construct = {"constructPath": path, "stackTraces": ["here"]}
    given = {"ruleName": "SQS4", "description": "no TLS", "severity": "error", "violatingConstructs": [construct]}
    return {**given, **more}


SIDE = templates(
    {("prod", "shop"): {"Resources": queue()}, ("dev", "shop"): {"Resources": queue("D", "dev/Shop/Q/Resource")}}
)


def test_a_report_is_read_with_the_place_of_each_finding() -> None:
    (one,) = findings_in(report(violation("prod/Shop/Q/Resource")), SIDE)
    assert one == found(construct_path="prod/Shop/Q/Resource")
    (other,) = findings_in(report(violation("dev/Shop/Q")), SIDE)
    assert (other.stage, other.stack, other.logical_id) == ("dev", "shop", "D")


def test_a_suppressed_finding_keeps_its_reason() -> None:
    content = report(violation("prod/Shop/Q/Resource", reason="A test queue."), key="suppressedViolations")
    assert [each.suppressed for each in findings_in(content, SIDE)] == ["A test queue."]


def test_a_finding_of_the_guard_rails_has_the_logical_id_that_they_give() -> None:
    resource = {"logicalId": "Logs", "templatePath": "x"}
    given = [{"constructPath": "prod/Shop/Elsewhere", "cloudFormationResource": resource}]
    (one,) = findings_in(report(violation("", violatingConstructs=given), plugin="Shardwell"), SIDE)
    assert (one.tool, one.stage, one.stack, one.logical_id) == ("Shardwell", "prod", "shop", "Logs")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"pluginReports": 1}', b"\xff"])
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        findings_in(content, SIDE)


@pytest.mark.parametrize(
    "wrong",
    [None, 1, "x", [1], {"violatingConstructs": 1}, {"violatingConstructs": [1]}, {"severity": [], "ruleName": {}}],
)
def test_a_violation_of_the_wrong_shape_is_still_shown_or_left_out(wrong: Any) -> None:
    content = json.dumps({"pluginReports": [{"pluginName": 7, "violations": [wrong]}, 5]}).encode()
    assert all(each.stage == "" for each in findings_in(content, SIDE))


def test_one_report_alone_says_nothing_and_a_note_says_so(tmp_path: Path) -> None:
    assert reports_of(SIDE, SIDE, (None, tmp_path)) == (((), ()), "")
    (tmp_path / "validation-report.json").write_bytes(report(violation("prod/Shop/Q/Resource")))
    reports, note = reports_of(SIDE, SIDE, (None, tmp_path))
    assert (reports, "not compared: side has no validation-report.json" in note) == (((), ()), True)
    reports, note = reports_of(SIDE, SIDE, (tmp_path, tmp_path))
    assert (len(reports[0]), len(reports[1]), note) == (1, 1, "")
    (tmp_path / "validation-report.json").write_bytes(b"{")
    assert "is not compared: it is not JSON" in reports_of(SIDE, SIDE, (tmp_path, tmp_path))[1]


# --- cfn-lint


def lint_sides(**head: Any) -> Any:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "a"}}
    sides = [{"Q": {"Type": "AWS::SQS::Queue", "Properties": given}, "T": topic} for given in ({}, head)]
    return compare(*(templates({("prod", "shop"): {"Resources": side}}) for side in sides))


def test_cfn_lint_is_run_over_what_differs() -> None:
    before, after = linted(lint_sides(DelaySeconds="abc"))
    assert before == ()
    assert {(each.tool, each.rule, each.logical_id, each.path) for each in after} == {
        ("cfn-lint", "E3012", "Q", ("Properties", "DelaySeconds"))
    }


def test_cfn_lint_is_not_run_over_what_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint.shutil, "which", lambda *_, **__: None)
    assert linted(lint_sides()) == ((), ())
    with pytest.raises(LintError, match="there is no cfn-lint: install it"):
        linted(lint_sides(DelaySeconds=1))


def test_cfn_lint_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "cfn-lint"
    command.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setattr(lint.shutil, "which", lambda *_, **__: str(command))
    with pytest.raises(LintError, match="cfn-lint ended with 1: no"):
        linted(lint_sides(DelaySeconds=1))
