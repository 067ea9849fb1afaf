"""What a replaced resource replaces in its turn, and along which way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from review.build import review
from review.model import Kind
from review.paths import path_text
from tests.unit.review.sides import of, reviewed, templates

PERMISSION = "AWS::Lambda::Permission"


def topic(name: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}


def permission(function: Any) -> dict[str, Any]:
    given = {"FunctionName": function, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}
    return {"Type": PERMISSION, "Properties": given}


def kinds(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Kind]:
    return {change.logical_id: change.kind for change in reviewed(before, after).changes}


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "A"},
        {"Fn::GetAtt": ["A", "TopicArn"]},
        {"Fn::GetAtt": "A.TopicArn"},
        {"Fn::Sub": "x-${A}"},
        {"Fn::Sub": ["${it}", {"it": {"Ref": "A"}}]},
        {"Fn::Join": ["", ["x", {"Ref": "A"}]]},
    ],
)
def test_a_create_only_property_that_refers_to_what_is_replaced_replaces(reference: Any) -> None:
    other = {"B": permission(reference)}
    result = reviewed({"A": topic("a"), **other}, {"A": topic("b"), **other})
    change = of(result, "B")
    assert change.kind is Kind.REPLACED
    (one,) = change.properties
    assert (path_text(one.path), one.before, one.after) == ("FunctionName", reference, reference)
    assert one.reason is not None
    assert one.reason.text == "FunctionName refers to A, which is replaced"


def test_the_way_is_followed_to_its_end_and_named() -> None:
    chain = {"B": topic({"Fn::Sub": "b-${A}"}), "C": topic({"Fn::Sub": "c-${B}"}), "D": permission({"Ref": "C"})}
    result = reviewed({"A": topic("a"), **chain}, {"A": topic("b"), **chain})
    assert {change.logical_id: change.kind for change in result.changes} == dict.fromkeys("ABCD", Kind.REPLACED)
    assert "refers to C, which is replaced (A → B → C → D)" in " ".join(each.text for each in of(result, "D").reasons)


def test_a_circle_of_references_ends() -> None:
    circle = {"B": topic({"Ref": "C"}), "C": topic({"Fn::Sub": "${B}${A}"}), "D": topic({"Ref": "D"})}
    assert kinds({"A": topic("a"), **circle}, {"A": topic("b"), **circle}) == dict.fromkeys("ABC", Kind.REPLACED)


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::SNS::Topic", "DependsOn": ["A"]},
        {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "A"}}},
        {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${!A}"}}},
    ],
)
def test_what_only_waits_or_is_updated_in_place_is_not_replaced(resource: Any) -> None:
    assert set(kinds({"A": topic("a"), "B": resource}, {"A": topic("b"), "B": resource})) == {"A"}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"Fn::GetAtt": ["A", "Something"]}, Kind.MAYBE_REPLACED),
        ({"Fn::If": ["C", {"Ref": "A"}, "b"]}, Kind.MAYBE_REPLACED),
        ({"Ref": "A"}, Kind.REPLACED),
    ],
)
def test_a_reference_that_may_not_change_makes_a_maybe(reference: Any, expected: Kind) -> None:
    other = {"B": permission(reference)}
    assert kinds({"A": topic("a"), **other}, {"A": topic("b"), **other})["B"] is expected


def test_a_maybe_stays_a_maybe() -> None:
    other = {"B": permission({"Ref": "A"})}
    assert kinds({"A": topic({"Ref": "P"}), **other}, {"A": topic("b"), **other})["B"] is Kind.MAYBE_REPLACED


def test_a_conditional_property_makes_a_maybe() -> None:
    other = {"B": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBParameterGroupName": {"Ref": "A"}}}}
    assert kinds({"A": topic("a"), **other}, {"A": topic("b"), **other})["B"] is Kind.MAYBE_REPLACED


def test_an_attribute_that_an_update_changes_may_replace_who_reads_it() -> None:
    mapping = {"EventSourceArn": {"Fn::GetAtt": ["A", "StreamArn"]}}
    other = {"B": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}
    streams = ({"StreamSpecification": {"StreamViewType": view}} for view in ("KEYS_ONLY", "NEW_IMAGE"))
    sides = ({"A": {"Type": "AWS::DynamoDB::Table", "Properties": stream}, **other} for stream in streams)
    found = kinds(*sides)
    assert found == {"A": Kind.CHANGED, "B": Kind.MAYBE_REPLACED}


def test_a_changed_parameter_mapping_or_condition_may_replace() -> None:
    resources = {
        "P": topic({"Ref": "Name"}),
        "M": topic({"Fn::FindInMap": ["Names", "a", "b"]}),
        "C": topic({"Fn::If": ["Is", "x", "y"]}),
        "Far": topic({"Fn::If": ["Far", "x", "y"]}),
        "Still": topic({"Ref": "Other"}),
    }
    sides = [
        {
            "Resources": resources,
            "Parameters": {"Name": {"Type": "String", "Default": value}, "Other": {"Type": "String"}},
            "Mappings": {"Names": {"a": {"b": value}}},
            "Conditions": {"Is": {"Fn::Equals": [value, "a"]}, "Far": {"Fn::Not": [{"Condition": "Is"}]}},
        }
        for value in ("a", "b")
    ]
    result = review(*(templates({("prod", "shop"): side}) for side in sides))
    found = {each.logical_id: each.kind for each in result.changes if each.section == "Resources"}
    assert found == dict.fromkeys(("P", "M", "C", "Far"), Kind.MAYBE_REPLACED)


def two_stacks(name: str, consumer: Any, output: Any, stage: str = "prod") -> Any:
    producer = {"Resources": {"A": topic(name)}, "Outputs": {"Out": output}}
    return templates({(stage, "producer"): producer, (stage, "consumer"): {"Resources": {"B": permission(consumer)}}})


@pytest.mark.parametrize(
    ("consumer", "output"),
    [
        ({"Fn::ImportValue": "exported"}, {"Value": {"Ref": "A"}, "Export": {"Name": "exported"}}),
        (
            {"Fn::ImportValue": {"Fn::Sub": "${AWS::Region}:out"}},
            {"Value": {"Ref": "A"}, "Export": {"Name": {"Fn::Join": ["", [{"Ref": "AWS::Region"}, ":out"]]}}},
        ),
        ({"Fn::GetStackOutput": {"StackName": "acme-prod-producer", "OutputName": "Out"}}, {"Value": {"Ref": "A"}}),
    ],
)
def test_other_stacks_of_the_stage_follow(consumer: Any, output: Any) -> None:
    result = review(*(two_stacks(name, consumer, output) for name in "ab"))
    assert {(each.stack, each.logical_id): each.kind for each in result.changes if each.section == "Resources"} == {
        ("producer", "A"): Kind.REPLACED,
        ("consumer", "B"): Kind.REPLACED,
    }


def test_another_stage_does_not_follow() -> None:
    output = {"Value": {"Ref": "A"}, "Export": {"Name": "exported"}}
    sides = []
    for name in "ab":
        producer = {"Resources": {"A": topic(name)}, "Outputs": {"Out": output}}
        consumer = {"Resources": {"B": permission({"Fn::ImportValue": "exported"})}}
        sides.append(templates({("dev", "producer"): producer, ("prod", "consumer"): consumer}))
    assert {(each.stage, each.logical_id) for each in review(*sides).changes} == {("dev", "A")}


def test_the_parameter_store_is_followed_as_a_maybe() -> None:
    stored = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/a", "Type": "String", "Value": {"Ref": "A"}}}
    by_parameter = {
        "Resources": {"B": permission({"Ref": "P"})},
        "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}},
    }
    by_text = {"Resources": {"C": permission("{{resolve:ssm:/a}}")}}
    readers = {("prod", "b"): by_parameter, ("prod", "c"): by_text}
    writers = ({"Resources": {"A": topic(name), "S": stored}} for name in "ab")
    sides = (templates({("prod", "p"): writer, **readers}) for writer in writers)
    found = {each.logical_id: each.kind for each in review(*sides).changes}
    assert found == {"A": Kind.REPLACED, "B": Kind.MAYBE_REPLACED, "C": Kind.MAYBE_REPLACED}


def test_a_new_resource_that_refers_to_a_replaced_one_is_new() -> None:
    assert kinds({"A": topic("a")}, {"A": topic("b"), "B": permission({"Ref": "A"})})["B"] is Kind.ADDED


def test_a_nested_stack_takes_it_on_through_its_parameters_and_gives_it_back_by_its_outputs() -> None:
    inner = {
        "Resources": {"I": topic({"Ref": "P"})},
        "Parameters": {"P": {"Type": "String"}},
        "Outputs": {"O": {"Value": {"Ref": "I"}}},
    }
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"P": {"Ref": "A"}}}}
    sides = []
    for name in "ab":
        outer = {"A": topic(name), "N": nested, "B": permission({"Fn::GetAtt": ["N", "Outputs.O"]})}
        side = templates({("prod", "s"): {"Resources": outer}, ("prod", "s/N"): inner})
        child = replace(side.stacks["prod", "s/N"], nested_in=("s", "N"))
        sides.append(replace(side, stacks={**side.stacks, ("prod", "s/N"): child}))
    found = {each.logical_id: each.kind for each in review(*sides).changes}
    assert found == {"A": Kind.REPLACED, "I": Kind.MAYBE_REPLACED, "B": Kind.MAYBE_REPLACED}
