"""Exports that are in use: what CloudFormation refuses, and the deployments that work."""

from __future__ import annotations

from typing import Any

import pytest

from review.build import review
from review.model import Certainty, Change, Verdict
from tests.unit.review.sides import templates

IMPORT = {"Fn::ImportValue": "shared"}


def stage(*, exported: Any, imported: bool, topic: str = "a") -> Any:
    producer: dict[str, Any] = {
        "Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}}},
        "Outputs": {"Kept": {"Value": "x"}},
    }
    if exported is not None:
        producer["Outputs"]["Out"] = {"Value": exported, "Export": {"Name": "shared"}}
    value = IMPORT if imported else "nothing"
    consumer = {"Resources": {"C": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": value}}}}
    return templates({("prod", "producer"): producer, ("prod", "consumer"): consumer})


def output(base: Any, head: Any) -> Change:
    (found,) = [each for each in review(base, head).changes if each.section == "Outputs"]
    return found


@pytest.mark.parametrize(
    ("still", "certainty", "step"),
    [
        (False, Certainty.MAYBE, "Deployment 1: consumer, which no longer imports it."),
        (True, Certainty.SURE, "Keep the export, or take the import out of consumer as well."),
    ],
)
def test_an_export_that_goes_while_it_is_imported(still: bool, certainty: Certainty, step: str) -> None:
    change = output(stage(exported="v", imported=True), stage(exported=None, imported=still))
    assert (change.logical_id, change.verdict, change.reasons[0].certainty) == ("Out", Verdict.BLOCKED, certainty)
    assert change.deployments[0] == step


def test_an_export_that_changes_while_it_is_imported() -> None:
    change = output(stage(exported="v", imported=True), stage(exported="w", imported=True))
    assert (change.verdict, change.reasons[0].rule) == (Verdict.BLOCKED, "export-in-use")
    assert len(change.deployments) == 3


def test_an_export_whose_resource_is_replaced_changes_too() -> None:
    reference = {"Ref": "T"}
    sides = (stage(exported=reference, imported=True, topic=name) for name in "ab")
    change = output(*sides)
    assert (change.logical_id, change.verdict) == ("Out", Verdict.BLOCKED)


def test_an_export_that_nobody_imports_may_change() -> None:
    change = output(stage(exported="v", imported=False), stage(exported="w", imported=False))
    assert (change.verdict, change.deployments) == (Verdict.LOOK, ())
