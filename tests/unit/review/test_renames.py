"""A resource whose logical id alone changed is one line, with what CloudFormation does to it."""

from __future__ import annotations

from typing import Any

import pytest

from review.build import review
from review.model import Kind, Outcome, Review, Verdict
from tests.unit.review.sides import of, reviewed, rules, table, templates

RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def renames(result: Review) -> set[tuple[str, str]]:
    return {(each.renamed_from, each.logical_id) for each in result.changes if each.kind is Kind.RENAMED}


def at(path: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource, "Metadata": {"aws:cdk:path": path}}


@pytest.mark.parametrize(
    ("policies", "outcome"), [({}, Outcome.LOST), (RETAINED, Outcome.ORPHANED)], ids=["deleted", "retained"]
)
def test_a_renamed_table_says_what_it_loses(policies: dict[str, str], outcome: Outcome) -> None:
    result = reviewed({"Old": {**table(), **policies}}, {"New": {**table(), **policies}})
    (change,) = result.changes
    assert (change.kind, change.logical_id, change.renamed_from) == (Kind.RENAMED, "New", "Old")
    assert change.loss is not None
    assert (change.loss.outcome, change.verdict) == (outcome, Verdict.DANGER)
    assert change.properties == ()


def test_a_renamed_resource_with_a_name_cannot_be_made_beside_the_old_one() -> None:
    result = reviewed(
        {"Old": table(TableName="orders")}, {"New": table(TableName="orders", BillingMode="PAY_PER_REQUEST")}
    )
    (change,) = result.changes
    assert (change.kind, change.verdict) == (Kind.RENAMED, Verdict.BLOCKED)
    assert "name-taken" in rules(change)
    assert [each.path for each in change.properties] == [("BillingMode",)]
    assert "Keep the logical id Old" in change.deployments[0]


def test_what_refers_to_what_is_renamed_is_renamed_with_it() -> None:
    def side(prefix: str) -> dict[str, Any]:
        policy = {
            "Queues": [{"Ref": f"{prefix}Queue"}],
            "PolicyDocument": {"Resource": {"Fn::GetAtt": [f"{prefix}Queue", "Arn"]}},
        }
        return {
            f"{prefix}Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}},
            f"{prefix}Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        }

    result = reviewed(side("Old"), side("New"))
    assert renames(result) == {("OldQueue", "NewQueue"), ("OldPolicy", "NewPolicy")}
    assert len(result.changes) == 2


def test_several_equal_ones_are_paired_by_their_construct_paths_and_always_the_same() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}
    before = {"Z1": at("S/Orders/Dead", queue), "A1": at("S/Visits/Dead", queue)}
    after = {"B2": at("S/Shop/Orders/Dead", queue), "C2": at("S/Shop/Visits/Dead", queue), "D2": at("S/X", queue)}
    for order in (after, dict(reversed(after.items()))):
        result = reviewed(before, order)
        assert renames(result) == {("Z1", "B2"), ("A1", "C2")}
        assert of(result, "D2").kind is Kind.ADDED


@pytest.mark.parametrize(
    "after",
    [
        {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 2}},
        {"Type": "AWS::SNS::Topic", "Properties": {"DelaySeconds": 1}},
    ],
)
def test_what_is_something_else_is_no_rename(after: dict[str, Any]) -> None:
    result = reviewed({"Old": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}}, {"New": after})
    assert {each.kind for each in result.changes} == {Kind.ADDED, Kind.REMOVED}


def test_what_has_no_properties_is_renamed_where_it_is_the_only_one_of_its_type() -> None:
    queue = {"Type": "AWS::SQS::Queue"}
    assert renames(reviewed({"Old": queue}, {"New": queue})) == {("Old", "New")}
    assert renames(reviewed({"Old": queue, "Older": queue}, {"New": queue, "Newer": queue})) == set()
    assert renames(reviewed({"Old": queue}, {"New": {"Type": "AWS::SNS::Topic"}})) == set()


def test_what_refers_to_something_with_a_name_that_is_renamed_is_renamed_with_it() -> None:
    """The name is found first, and what refers to it only after that."""

    def side(topic: str, subscription: str) -> dict[str, Any]:
        properties = {"Protocol": "sqs", "TopicArn": {"Ref": topic}}
        return {
            topic: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders"}},
            subscription: {"Type": "AWS::SNS::Subscription", "Properties": properties},
        }

    found = renames(reviewed(side("Old", "OldOnes"), side("New", "NewOnes")))
    assert found == {("Old", "New"), ("OldOnes", "NewOnes")}


def test_a_resource_that_moved_to_another_stack_is_one_line() -> None:
    named, empty = {"Resources": {"T": table(TableName="orders")}}, {"Resources": {"X": {"Type": "AWS::SNS::Topic"}}}
    key_a, key_b = ("prod", "a"), ("prod", "b")
    result = review(templates({key_a: named, key_b: empty}), templates({key_a: empty, key_b: named}))
    change = of(result, "T")
    assert (change.kind, change.moved_from, change.stack, change.renamed_from) == (Kind.RENAMED, "a", "b", "")
    assert change.verdict is Verdict.BLOCKED


def test_who_refers_to_a_renamed_resource_by_a_create_only_property_is_replaced() -> None:
    def side(name: str) -> dict[str, Any]:
        permission = {"FunctionName": {"Ref": name}, "Action": "a", "Principal": "p"}
        return {
            name: {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "x"}},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }

    result = reviewed(side("Old"), side("New"))
    assert renames(result) == {("Old", "New")}
    assert of(result, "Permission").kind is Kind.REPLACED


def test_very_many_equal_ones_are_paired_in_time() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}
    sides = ({f"{prefix}{number:04}": queue for number in range(400)} for prefix in ("Old", "New"))
    assert len(renames(reviewed(*sides))) == 400
