"""What becomes of data, and which policy of which side decides it."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from review.loss import stateful_types
from review.model import Certainty, Change, Outcome, Verdict
from review.replacement import table as known_types
from tests.unit.review.sides import changed, of, of_templates, reviewed, rules, table

OTHER_KEY = [{"AttributeName": "SK", "KeyType": "HASH"}]


def removed(resource: dict[str, Any]) -> Change:
    return changed(resource, None)


def outcome(change: Change) -> tuple[Outcome, Verdict]:
    assert change.loss is not None
    return change.loss.outcome, change.verdict


@pytest.mark.parametrize(
    ("deletion", "expected"),
    [
        (None, (Outcome.LOST, Verdict.DANGER)),
        ("Delete", (Outcome.LOST, Verdict.DANGER)),
        ("Retain", (Outcome.ORPHANED, Verdict.LOOK)),
        ("RetainExceptOnCreate", (Outcome.ORPHANED, Verdict.LOOK)),
        ({"Ref": "P"}, (Outcome.MAYBE_LOST, Verdict.DANGER)),
    ],
)
def test_removed_as_its_policy_was_last_deployed(deletion: Any, expected: tuple[Outcome, Verdict]) -> None:
    policy = {} if deletion is None else {"DeletionPolicy": deletion}
    change = removed({**table(), **policy, "UpdateReplacePolicy": "Retain"})
    assert outcome(change) == expected
    assert change.loss is not None
    assert change.loss.applies == "DeletionPolicy"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, (Outcome.LOST, Verdict.DANGER)),
        ("Retain", None, (Outcome.LOST, Verdict.DANGER)),
        (None, "Retain", (Outcome.ORPHANED, Verdict.DANGER)),
    ],
)
def test_replaced_by_the_policy_of_the_new_template(before: Any, after: Any, expected: tuple[Outcome, Verdict]) -> None:
    sides = (
        {**resource, "DeletionPolicy": "Retain", **({} if policy is None else {"UpdateReplacePolicy": policy})}
        for resource, policy in ((table(), before), (table(KeySchema=OTHER_KEY), after))
    )
    change = changed(*sides)
    assert outcome(change) == expected
    assert change.loss is not None
    assert change.loss.applies == "UpdateReplacePolicy"
    assert ("policy-weakened" in rules(change)) == (before == "Retain")


def test_what_is_not_touched_is_kept_and_both_sides_policies_are_there() -> None:
    change = changed(
        {**table(), "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"},
        {**table(), "DeletionPolicy": "Delete"},
    )
    assert outcome(change) == (Outcome.KEPT, Verdict.DANGER)
    assert change.loss is not None
    assert change.loss.before is not None
    assert change.loss.after is not None
    assert (change.loss.before.deletion, change.loss.before.update_replace) == ("Retain", "Retain")
    assert (change.loss.after.deletion, change.loss.after.update_replace) == ("Delete", "Delete")
    assert change.loss.after.written == ("DeletionPolicy",)
    assert [reason.rule for reason in change.reasons].count("policy-weakened") == 2


def test_a_stronger_policy_is_no_danger() -> None:
    change = changed(table(), {**table(), "DeletionPolicy": "Retain"})
    assert "policy-weakened" not in rules(change)
    assert change.verdict is Verdict.LOOK


@pytest.mark.parametrize(
    ("properties", "policy", "expected"),
    [
        ({}, None, Outcome.SNAPSHOT),
        ({}, "Delete", Outcome.LOST),
        ({"DBClusterIdentifier": "c"}, None, Outcome.LOST),
        ({"DeletionProtection": True}, "Delete", Outcome.ORPHANED),
    ],
)
def test_databases_are_snapshotted_where_nothing_is_written(properties: Any, policy: Any, expected: Outcome) -> None:
    written = {} if policy is None else {"DeletionPolicy": policy}
    change = removed({"Type": "AWS::RDS::DBInstance", "Properties": properties, **written})
    assert outcome(change)[0] is expected


def test_protection_that_the_same_change_takes_away_does_not_protect() -> None:
    kept = changed(table(DeletionProtectionEnabled=True), table(DeletionProtectionEnabled=True, KeySchema=OTHER_KEY))
    gone = changed(table(DeletionProtectionEnabled=True), table(DeletionProtectionEnabled=False, KeySchema=OTHER_KEY))
    assert (outcome(kept)[0], outcome(gone)[0]) == (Outcome.ORPHANED, Outcome.LOST)


def test_a_bucket_is_deleted_only_when_something_empties_it() -> None:
    bucket = {"Type": "AWS::S3::Bucket"}
    emptied = {"Type": "Custom::S3AutoDeleteObjects", "Properties": {"BucketName": {"Ref": "It"}}}
    assert outcome(removed(bucket))[0] is Outcome.MAYBE_LOST
    left = {"X": {"Type": "AWS::SNS::Topic"}}
    assert outcome(of(reviewed({"It": bucket, "E": emptied}, left), "It"))[0] is Outcome.LOST


def test_what_can_be_made_again_is_to_be_looked_at() -> None:
    assert outcome(removed({"Type": "AWS::Logs::LogGroup"})) == (Outcome.LOST, Verdict.LOOK)


def test_what_holds_nothing_loses_nothing() -> None:
    change = removed({"Type": "AWS::IAM::Role"})
    assert (change.loss, change.verdict) == (None, Verdict.LOOK)


def test_a_maybe_replaced_database_is_a_danger() -> None:
    sides = ({"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": engine}} for engine in ("mysql", "aurora"))
    change = changed(*sides)
    assert outcome(change) == (Outcome.MAYBE_LOST, Verdict.DANGER)
    assert change.loss is not None
    assert change.loss.certainty is Certainty.MAYBE


@pytest.mark.parametrize("by", ["attribute", "definition"])
def test_a_condition_that_changes_may_remove_what_holds_data(by: str) -> None:
    definitions = [{"Fn::Equals": ["a", other]} for other in ("a", "b" if by == "definition" else "a")]
    names = ("C", "C" if by == "definition" else "D")
    sides = (
        {"Resources": {"It": {**table(), "Condition": name}}, "Conditions": {"C": definition, "D": definition}}
        for name, definition in zip(names, definitions, strict=True)
    )
    change = of(of_templates(*sides), "It")
    assert outcome(change) == (Outcome.MAYBE_LOST, Verdict.DANGER)
    assert "condition-changed" in rules(change)


def test_a_condition_that_changes_says_nothing_of_what_holds_no_data() -> None:
    sides = (
        {
            "Resources": {"It": {"Type": "AWS::SNS::Topic", "Condition": "C"}},
            "Conditions": {"C": {"Fn::Equals": ["a", other]}},
        }
        for other in "ab"
    )
    assert [(each.section, each.verdict) for each in of_templates(*sides).changes] == [("Conditions", Verdict.LOOK)]


def test_the_list_of_types_holds_all_of_cfn_lint_s_and_no_unknown_one() -> None:
    found = find_spec("cfnlint")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "data/AdditionalSpecs/StatefulResources.json"
    theirs = json.loads(file.read_text(encoding="utf-8"))["ResourceTypes"]
    ours = stateful_types()
    assert {name for name, holding in ours.items() if holding.listed} == set(theirs)
    assert {name for name, entry in theirs.items() if entry.get("DeleteRequiresEmptyResource")} <= {
        name for name, holding in ours.items() if holding.empties
    }
    assert all(holding.reason for holding in ours.values() if not holding.listed)
    gone_from_the_schemas = {"AWS::QLDB::Ledger", "AWS::Serverless::SimpleTable", "AWS::MediaStore::Container"}
    assert set(ours) - set(known_types().types) <= gone_from_the_schemas


def test_nothing_is_asked_of_other_sections() -> None:
    result = of_templates(
        {"Resources": {}, "Parameters": {"P": {"Type": "String"}}},
        {"Resources": {}, "Parameters": {"P": {"Type": "Number"}}},
    )
    (change,) = result.changes
    assert change.loss is None


def test_what_is_kept_for_less_long_does_not_stay_as_it_is() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 365}}
    shorter = changed(group, {**group, "Properties": {"RetentionInDays": 7}})
    longer = changed(group, {**group, "Properties": {"RetentionInDays": 400}})
    assert shorter.loss is not None
    assert "newer than the new limit" in shorter.loss.impact
    assert longer.loss is not None
    assert longer.loss.impact == "The log events stay as they are."


def test_every_type_holds_something_that_can_be_said_in_a_sentence() -> None:
    """Each sentence is `the … are deleted`."""
    said = {name: holding.holds for name, holding in stateful_types().items()}
    assert [name for name, holds in said.items() if holds.startswith(("the ", "a ", "its ", "every", "what"))] == []
