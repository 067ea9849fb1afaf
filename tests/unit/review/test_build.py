"""A whole review: its verdict, what it leaves out and counts, and what it does with broken and hostile input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from review.build import Parts, compare, review
from review.model import Acknowledgement, Certainty, Kind, Outcome, Problem, Reason, Verdict
from review.normalise import normalise
from review.sources import SourceError, of_folder
from review.subjects import Subject
from tests.unit.review.sides import of, of_templates, reviewed, rules, table, templates

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
HASH, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4


def function(digest: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": f"{digest}.zip"}, **more}}


def test_the_snapshots_against_themselves_are_one_harmless_line() -> None:
    side = of_folder("base", SNAPSHOTS)
    result = review(side, side)
    assert (result.verdict, result.changes, result.groups, result.hidden) == (Verdict.HARMLESS, (), (), ())
    assert [stage.stage for stage in result.stages] == ["local", "dev", "staging", "prod"]
    assert all(stack.kind is None for stack in result.stacks)


def test_what_changes_by_itself_is_hidden_and_counted() -> None:
    def side(digest: str) -> dict[str, Any]:
        version = f"FnCurrentVersion{digest[:32]}"
        return {
            "Resources": {
                "Fn": {**function(digest), "Metadata": {"aws:cdk:path": digest[:3], "aws:asset:path": digest}},
                version: {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}},
                "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": digest}},
            },
            "Rules": {"CheckBootstrapVersion": {"Assertions": [digest]}},
            "Metadata": {"of": digest},
        }

    result = of_templates(side(HASH), side(OTHER))
    assert (result.verdict, result.changes) == (Verdict.HARMLESS, ())
    assert {each.sort: each.count for each in result.hidden} == {
        "asset hash": 1,
        "hashed logical id": 1,
        "metadata": 2,
        "CDK metadata": 2,
    }


def test_what_changes_beside_the_hash_is_shown() -> None:
    result = reviewed({"Fn": function(HASH, Timeout=1)}, {"Fn": function(OTHER, Timeout=2)})
    (change,) = result.changes
    assert [each.path for each in change.properties] == [("Timeout",)]
    assert [(each.sort, each.count) for each in result.hidden] == [("asset hash", 1)]


def test_metadata_that_cloudformation_s_helpers_act_on_is_shown() -> None:
    sides = (
        {"I": {"Type": "AWS::EC2::Instance", "Metadata": {"AWS::CloudFormation::Init": {"config": step}}}}
        for step in "ab"
    )
    assert of(reviewed(*sides), "I").verdict is Verdict.LOOK


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"Description": "a"}, {"Description": "b"}, Verdict.HARMLESS),
        ({}, {"Tags": [{"Key": "a", "Value": "b"}]}, Verdict.HARMLESS),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, {"Tags": [{"Key": "a", "Value": "c"}]}, Verdict.LOOK),
        ({"Timeout": 1}, {"Timeout": 2}, Verdict.LOOK),
        ({"Timeout": True}, {"Timeout": 1}, Verdict.LOOK),
    ],
)
def test_what_a_change_in_place_is_worth(before: Any, after: Any, verdict: Verdict) -> None:
    assert reviewed({"Fn": function(HASH, **before)}, {"Fn": function(HASH, **after)}).verdict is verdict


def test_what_waits_for_what_is_harmless_and_its_order_is_noise() -> None:
    sides = [{"A": {"Type": "AWS::SNS::Topic", "DependsOn": wait}} for wait in (["B", "C"], ["C", "B"], "B", ["B"])]
    assert reviewed(sides[0], sides[1]).changes == ()
    assert reviewed(sides[2], sides[3]).changes == ()
    assert of(reviewed(sides[1], sides[2]), "A").verdict is Verdict.HARMLESS


def test_a_description_of_a_resource_that_can_be_set_once_is_not_harmless() -> None:
    sides = ({"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": text}}} for text in "ab")
    assert of(reviewed(*sides), "G").kind is Kind.REPLACED


@pytest.mark.parametrize(
    ("section", "before", "after", "verdict"),
    [
        ("Description", "a", "b", Verdict.HARMLESS),
        ("Outputs", {"O": {"Value": "a"}}, {"O": {"Value": "b"}}, Verdict.HARMLESS),
        ("Parameters", {"P": {"Type": "String"}}, {"P": {"Type": "Number"}}, Verdict.LOOK),
        ("Mappings", {"M": {"a": {"b": 1}}}, {"M": {"a": {"b": 2}}}, Verdict.LOOK),
        ("Conditions", {"C": {"Fn::Equals": [1, 1]}}, {"C": {"Fn::Equals": [1, 2]}}, Verdict.LOOK),
        ("Rules", {"R": {"Assertions": []}}, {}, Verdict.LOOK),
        ("Transform", "A", ["A", "B"], Verdict.LOOK),
        ("Hooks", {"H": 1}, {"H": 2}, Verdict.LOOK),
    ],
)
def test_other_sections_are_compared_too(section: str, before: Any, after: Any, verdict: Verdict) -> None:
    result = of_templates({"Resources": {}, section: before}, {"Resources": {}, section: after})
    assert [(change.section, change.verdict) for change in result.changes] == [(section, verdict)]


def test_a_new_stack_and_one_that_is_gone() -> None:
    added = of_templates(None, {"Resources": {"T": table()}})
    assert [(stack.kind, stack.verdict) for stack in added.stacks] == [(Kind.ADDED, Verdict.LOOK)]
    removed = of_templates({"Resources": {"T": table()}}, None)
    assert [(stack.kind, stack.verdict) for stack in removed.stacks] == [(Kind.REMOVED, Verdict.LOOK)]
    assert removed.verdict is Verdict.DANGER
    nothing_held = of_templates({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}, None)
    assert nothing_held.verdict is Verdict.LOOK


def test_no_template_at_all_is_an_error() -> None:
    with pytest.raises(SourceError, match="there is no template in base, and none in head"):
        review(templates({}, "base"), templates({}, "head"))


def test_what_a_lost_stack_holds_may_be_lost() -> None:
    change = of(of_templates({"Resources": {"T": table()}}, None), "T")
    assert change.loss is not None
    assert (change.loss.outcome, change.loss.certainty) == (Outcome.MAYBE_LOST, Certainty.MAYBE)


def test_a_side_whose_stacks_are_not_known_makes_none_new_and_none_gone() -> None:
    whole = templates({("prod", "shop"): {"Resources": {"T": table()}}})
    problem = Problem(side="head", stage="", stack="", origin="manifest.json", text="manifest.json: it is not JSON")
    broken = replace(templates({}), problems=(problem,))
    for sides in ((whole, broken), (broken, whole)):
        result = review(*sides)
        assert (result.changes, result.stacks, result.verdict) == ((), (), Verdict.BLOCKED)


def test_an_empty_side_is_said() -> None:
    assert of_templates(None, {"Resources": {}}).notes == ("base has no template, so that everything is new",)
    assert of_templates({"Resources": {}}, None).notes == ("head has no template, so that everything is gone",)


def test_what_is_added_or_removed_is_there_as_a_whole() -> None:
    result = reviewed({"Old": {"Type": "AWS::SNS::Topic"}}, {"New": table()})
    assert (of(result, "New").entry, of(result, "New").properties) == (table(), ())
    assert of(result, "Old").entry == {"Type": "AWS::SNS::Topic"}


@pytest.mark.parametrize("broken", ["base", "head", "both"])
def test_a_stack_that_cannot_be_read_on_one_side_is_blocked_and_neither_new_nor_gone(broken: str) -> None:
    whole = templates({("prod", "shop"): {"Resources": {"T": table()}}})
    problem = Problem(side="base", stage="prod", stack="shop", origin="file", text="file: it is not JSON")
    failed = replace(templates({}), problems=(problem,))
    base, head = ((failed if broken in (side, "both") else whole) for side in ("base", "head"))
    result = review(base, head)
    assert (result.changes, result.stacks, result.verdict) == ((), (), Verdict.BLOCKED)
    assert [(each.stage, each.verdict) for each in result.stages] == [("prod", Verdict.BLOCKED)]
    assert [each.side for each in result.problems] == ["both" if broken == "both" else "base"]


def test_a_judge_is_asked_about_every_resource_that_differs_and_its_reasons_count() -> None:
    asked: list[tuple[str, str]] = []

    def judge(subject: Subject) -> list[Reason]:
        asked.append((subject.logical_id, subject.section))
        return (
            [Reason(rule="open", text="open to everyone", verdict=Verdict.DANGER)] if subject.logical_id == "B" else []
        )

    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "x"}}
    sides = ({"A": topic, "B": topic, "C": topic}, {"A": topic, "B": {**topic, "Properties": {"DisplayName": "y"}}})
    result = reviewed(*sides, parts=Parts(judges=(judge,)))
    assert asked == [("B", "Resources"), ("C", "Resources")]
    assert (of(result, "B").verdict, result.verdict) == (Verdict.DANGER, Verdict.DANGER)


def test_what_is_acknowledged_is_to_be_looked_at_and_what_is_surely_refused_stays() -> None:
    line = Acknowledgement(
        stage="prod", stack="shop", logical_id="T", digest="", reason="moved", expires=date(2030, 1, 1)
    )

    def acknowledge(changes: Any, access: Any) -> Any:
        return tuple(replace(change, acknowledged=line) for change in changes), access, ()

    parts = Parts(acknowledge=acknowledge)
    assert reviewed({"T": table(), "X": table()}, {"X": table()}, parts=parts).verdict is Verdict.LOOK
    key = [{"AttributeName": "SK", "KeyType": "HASH"}]
    named = ({"T": table(TableName="a")}, {"T": table(TableName="a", KeySchema=key)})
    assert reviewed(*named, parts=parts).verdict is Verdict.BLOCKED


def test_a_review_is_the_same_each_time_and_whatever_the_order_of_names() -> None:
    before = {f"T{number}": table(TableName=f"t{number}") for number in range(5)}
    after = {f"T{number}": table(TableName=f"u{number}") for number in range(5)}
    first = reviewed(before, after)
    second = reviewed(dict(reversed(before.items())), dict(reversed(after.items())))
    assert first == second


MARKUP = "<script>alert(1)</script>\"'&\x00\u202e"


def test_hostile_names_and_values_are_only_data() -> None:
    resource = {"Type": MARKUP, "Properties": {MARKUP: MARKUP}, "Metadata": {"aws:cdk:path": MARKUP}}
    result = reviewed({MARKUP: table()}, {MARKUP: resource, "B": {**table(), "Condition": {"a": 1}}})
    assert of(result, MARKUP).verdict is Verdict.BLOCKED
    assert {change.logical_id for change in result.changes} == {MARKUP, "B"}


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": ""},
        {"Type": "AWS::DynamoDB::Table", "Properties": {"GlobalSecondaryIndexes": 5, "KeySchema": "x"}},
        {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {"GlobalSecondaryIndexes": [None, 3], "AttributeDefinitions": [1]},
        },
        {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {"KeySchema": [[]], "LocalSecondaryIndexes": [{"KeySchema": 1}]},
        },
        {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": {"Ref": "P"}, "TimeToLiveSpecification": []}},
        {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": ["x", None, {"Region": {"Ref": "R"}}]}},
        {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": {"Rules": {"Ref": "X"}}}},
        {"Type": "AWS::S3::Bucket", "DeletionPolicy": ["Retain"], "UpdateReplacePolicy": None, "DependsOn": 7},
        {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": "soon", "QueueName": None}},
        {"Type": "AWS::SSM::Parameter", "Properties": {"Name": {"Ref": "N"}, "Value": None}},
        {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": []}},
        {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Fn::GetAtt": [{}, 1]}}},
    ],
)
def test_properties_of_any_shape_are_an_answer_and_never_harmless(resource: dict[str, Any]) -> None:
    plain = {"Type": resource["Type"], "Properties": {"Plain": 1}}
    for before, after in ((plain, resource), (resource, plain), (None, resource), (resource, None)):
        sides = ({"It": side, "Other": table()} if side else {"Other": table()} for side in (before, after))
        assert reviewed(*sides).verdict >= Verdict.LOOK


@pytest.mark.parametrize(
    "sections",
    [
        {"Outputs": {"O": 5, "P": {"Export": {"Name": {"Ref": "X"}}}, "Q": {"Export": 1}}},
        {"Parameters": {"P": None, "Q": [], "R": {"Type": 5, "Default": {}}}},
        {"Conditions": {"C": {"Condition": "D"}, "D": {"Condition": "C"}, "E": None}},
        {"Mappings": {"M": 3}},
        {"Transform": {"Name": "x"}},
    ],
)
def test_sections_of_any_shape_are_an_answer(sections: dict[str, Any]) -> None:
    resources = {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "P"}}}}
    for before, after in (({}, sections), (sections, {})):
        result = of_templates({"Resources": resources, **before}, {"Resources": resources, **after})
        assert result.changes


def test_ten_megabytes_are_an_answer() -> None:
    def side(value: str) -> dict[str, Any]:
        rows = [{"Key": f"k{number}", "Value": value} for number in range(60_000)]
        long = {"Type": "AWS::SNS::Topic", "Properties": {"Tags": rows, "Data": value * 6_000_000}}
        many = {
            f"T{number}": {"Type": "AWS::SNS::Topic", "Properties": {"Name": value * 400}} for number in range(4_000)
        }
        return {"Long": long, **many}

    assert len(json.dumps(side("a"))) > 9_000_000
    result = reviewed(side("a"), side("b"))
    assert [each.path for each in of(result, "Long").properties] == [("Data",), ("Tags",)]
    assert len(result.changes) == 4_001


def test_the_dates_of_the_schemas_are_said() -> None:
    result = reviewed({"T": table()}, {"T": table()})
    assert result.schemas_dated.startswith("20")
    assert result.schemas_region == "us-east-1"


def test_both_sides_are_there_for_the_other_parts() -> None:
    sides = [templates({("dev", "a"): {"Resources": {}}, ("prod", "a"): {"Resources": {}}}) for _ in range(2)]
    comparison = compare(*sides)
    assert [(pair.stage, pair.stack, pair.same) for pair in comparison.pairs] == [
        ("dev", "a", True),
        ("prod", "a", True),
    ]
    assert comparison.keys == {("dev", "a"), ("prod", "a")}
    assert comparison.pairs[0].before is not None
    assert comparison.pairs[0].before.normal == normalise({"Resources": {}})


def test_reasons_stand_in_the_order_of_how_bad_they_are() -> None:
    change = of(reviewed({"T": table(), "X": table()}, {"X": table()}), "T")
    verdicts = [reason.verdict for reason in change.reasons]
    assert verdicts == sorted(verdicts, reverse=True)
    assert rules(change) == {"data-lost", "removed"}
    assert change.reasons[0].certainty is Certainty.SURE
