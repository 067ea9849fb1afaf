"""Templates without what changes by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from review.normalise import as_text, normalise

HASH = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4


def one(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": "X::Y::Z", "Properties": properties}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{HASH}.zip", "<asset>.zip"),
        (
            f"https://s3.eu-west-1.amazonaws.com/assets/{HASH}.json",
            "https://s3.eu-west-1.amazonaws.com/assets/<asset>.json",
        ),
        ("123.dkr.ecr.eu-west-1.amazonaws.com/assets:" + HASH, "123.dkr.ecr.eu-west-1.amazonaws.com/assets:<asset>"),
        (HASH, HASH),
        ("a" + HASH + ".zip", "a" + HASH + ".zip"),
        ("2024-01-01.zip", "2024-01-01.zip"),
    ],
)
def test_hashes_of_assets_go_and_other_values_stay(before: str, after: str) -> None:
    assert normalise(one(Value=before)) == one(Value=after)


def test_two_templates_that_differ_in_their_code_alone_are_the_same() -> None:
    first, second = ({"S3Key": f"{each}.zip", "Size": 1} for each in (HASH, OTHER))
    assert as_text(one(Code=first)) == as_text(one(Code=second))
    assert as_text(one(Code=first)) != as_text(one(Code={**second, "Size": 2}))


def test_cdk_s_own_metadata_and_its_bootstrap_check_go() -> None:
    template = {
        "Resources": {
            "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sI"}},
            "Table": {"Type": "AWS::DynamoDB::Table"},
        },
        "Conditions": {"CDKMetadataAvailable": {"Fn::Or": []}},
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}, "Mine": {"Type": "String"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
    }
    assert normalise(template) == {
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
        "Parameters": {"Mine": {"Type": "String"}},
    }


def test_where_an_asset_was_found_goes_and_which_construct_it_is_stays() -> None:
    metadata = {"aws:cdk:path": "dev/Stack/Function", "aws:asset:path": "asset." + HASH, "aws:asset:property": "Code"}
    template = {"Resources": {"It": {"Type": "AWS::Lambda::Function", "Metadata": metadata}}}
    assert normalise(template)["Resources"]["It"]["Metadata"] == {"aws:cdk:path": "dev/Stack/Function"}


def test_a_version_s_logical_id_loses_its_hash_wherever_it_is_named() -> None:
    name = "FunctionCurrentVersion" + "ab12" * 8
    template = {
        "Resources": {
            name: {"Type": "AWS::Lambda::Version"},
            "Alias": {"DependsOn": [name], "Properties": {"Version": {"Fn::GetAtt": [name, "Version"]}}},
        }
    }
    text = as_text(template)
    assert "ab12" not in text
    assert text.count("FunctionCurrentVersion<hash>") == 3


def test_a_dashboard_can_be_read() -> None:
    body = {"Fn::Join": ["", ['{"widgets":[{"title":"', {"Ref": "Table"}, '"}]}']]}
    assert normalise(one(DashboardBody=body)) == one(DashboardBody={"widgets": [{"title": "${Table}"}]})


@pytest.mark.parametrize("body", ["no json", {"Fn::Join": ["", [{"Fn::GetAtt": ["A", "B"]}]]}, {"Ref": "Parameter"}])
def test_a_dashboard_that_cannot_be_read_stays_as_it_is(body: Any) -> None:
    assert normalise(one(DashboardBody=body)) == one(DashboardBody=body)


def test_the_text_is_the_template_whatever_the_order_it_came_in() -> None:
    template = one(List=[3, 1, 2], Ü="é", Nested={"b": {"d": 1, "c": "x" * 120}, "a": [{"k": "v" * 60}] * 3}, Empty={})
    other = {"Resources": {"It": dict(reversed(template["Resources"]["It"].items()))}}
    assert as_text(template) == as_text(other)
    assert json.loads(as_text(template)) == template


def test_a_type_comes_first_and_what_fits_is_on_one_line() -> None:
    template = {"Resources": {"It": {"Properties": {"Name": "a"}, "Condition": "C" * 80, "Type": "X::Y::Z"}}}
    assert as_text(template).splitlines() == [
        "{",
        '  "Resources": {',
        '    "It": {',
        '      "Type": "X::Y::Z",',
        f'      "Condition": "{"C" * 80}",',
        '      "Properties": {"Name": "a"}',
        "    }",
        "  }",
        "}",
    ]


@pytest.mark.parametrize("joined", [1, [1], {}, ["", 1], ["", [1]], ["", [{"Ref": 1}]], None])
def test_a_dashboard_that_is_put_together_wrongly_stays_as_it_is(joined: Any) -> None:
    body = {"Fn::Join": joined}
    assert normalise(one(DashboardBody=body)) == one(DashboardBody=body)
