"""What CloudFormation computes: references, and ways of writing that are the same."""

from __future__ import annotations

from typing import Any

import pytest

from review.intrinsics import Refers, may_be_equal, references, same

REF = {"Ref": "Table"}
ARN = {"Fn::GetAtt": ["Table", "Arn"]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"Fn::GetAtt": "Table.Arn"}, ARN),
        ({"Fn::Sub": "${Table}"}, REF),
        ({"Fn::Sub": "${Table.Arn}"}, ARN),
        ({"Fn::Sub": "a-${Table}-b"}, {"Fn::Join": ["", ["a-", REF, "-b"]]}),
        ({"Fn::Sub": ["${x}/*", {"x": ARN}]}, {"Fn::Join": ["", [ARN, "/*"]]}),
        ({"Fn::Sub": "${!Literal}"}, "${Literal}"),
        ({"Fn::Join": ["-", ["a", REF]]}, {"Fn::Sub": "a-${Table}"}),
        ({"Fn::Join": ["", ["a", "b"]]}, "ab"),
        ({"Fn::Join": ["", ["a", {"Fn::Join": ["", ["b", REF]]}]]}, {"Fn::Join": ["", ["ab", REF]]}),
        (True, "true"),
        (5, "5"),
        (5.0, 5),
        ({"a": 1, "b": {"Ref": "AWS::NoValue"}}, {"a": 1}),
        ([1, {"Ref": "AWS::NoValue"}], ["1"]),
    ],
)
def test_two_ways_of_writing_are_the_same(first: Any, second: Any) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [(True, 1), ("a", "b"), (REF, ARN), (REF, "Table"), ({"Fn::Sub": "${!Table}"}, REF), ([1, 2], [2, 1]), (None, "")],
)
def test_two_values_are_not(first: Any, second: Any) -> None:
    assert not same(first, second)


@pytest.mark.parametrize(
    ("before", "after", "maybe"),
    [
        ("a", "b", False),
        ({"Ref": "Name"}, "a", True),
        ({"Ref": "Name"}, {"Ref": "Other"}, True),
        (REF, {"Ref": "Second"}, False),
        (REF, ARN, True),
        ({"Fn::Sub": "a-${Name}"}, {"Fn::Sub": "b-${Name}"}, False),
        ({"Fn::Sub": "${Name}-a"}, {"Fn::Sub": "${Name}-b"}, False),
        ({"Fn::Sub": "a-${Name}"}, "a-x", True),
        ({"Fn::Sub": "a-${Name}"}, "b-x", False),
        ({"Fn::If": ["C", "a", "b"]}, "a", True),
        ("{{resolve:ssm:/name}}", "a", True),
    ],
)
def test_whether_two_computed_values_may_be_equal(before: Any, after: Any, maybe: bool) -> None:
    assert may_be_equal(before, after, {"Table": {}, "Second": {}}) is maybe


def test_every_kind_of_reference_is_found() -> None:
    value = {
        "a": [REF, {"Fn::GetAtt": "Other.Arn"}, {"Ref": "AWS::Region"}],
        "b": {"Fn::Sub": ["${Third} ${own} ${AWS::Region} ${!No}", {"own": {"Ref": "Fourth"}}]},
        "c": {"Fn::If": ["Cond", {"Ref": "Yes"}, "no"]},
        "d": {"Fn::FindInMap": ["Map", {"Ref": "Key"}, "x"]},
        "e": {"Fn::ImportValue": "export"},
        "f": {"Fn::GetStackOutput": {"StackName": "stack", "OutputName": "out"}},
        "g": "{{resolve:ssm:/path:3}}",
    }
    found = {(each.refers, each.name, each.attribute, each.conditional) for each in references(value)}
    assert found == {
        (Refers.NAME, "Table", "", False),
        (Refers.NAME, "Other", "Arn", False),
        (Refers.NAME, "Third", "", False),
        (Refers.NAME, "Fourth", "", False),
        (Refers.CONDITION, "Cond", "", False),
        (Refers.NAME, "Yes", "", True),
        (Refers.MAPPING, "Map", "", False),
        (Refers.NAME, "Key", "", False),
        (Refers.EXPORT, "export", "", False),
        (Refers.OUTPUT, "stack", "out", False),
        (Refers.SSM, "/path", "", False),
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"Ref": 5},
        {"Ref": ["a"]},
        {"Fn::GetAtt": []},
        {"Fn::GetAtt": ["a", {"Ref": "b"}]},
        {"Fn::GetAtt": "nodot"},
        {"Fn::Sub": None},
        {"Fn::Sub": ["a"]},
        {"Fn::Sub": [5, {}]},
        {"Fn::Join": "x"},
        {"Fn::Join": ["", {"Ref": "List"}]},
        {"Fn::Join": [None, ["a"]]},
        {"Fn::If": []},
        {"Fn::FindInMap": {}},
        {"Fn::GetStackOutput": []},
        {"Fn::Unheard": {"Of": REF}},
        {"Condition": 3},
    ],
)
def test_a_function_that_is_written_wrongly_is_no_crash(odd: Any) -> None:
    list(references(odd))
    assert same(odd, odd)
    assert isinstance(may_be_equal(odd, "a", {}), bool)
