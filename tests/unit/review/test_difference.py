"""The smallest places where two values differ."""

from __future__ import annotations

from typing import Any

import pytest

from review.difference import Sort, differences
from review.model import ABSENT
from review.paths import path_text


def found(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [
        (path_text(each.path), each.before, each.after)
        for each in differences(before, after)
        if each.sort is Sort.VALUE
    ]


def test_names_that_come_go_and_change() -> None:
    assert found({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 2, "d": 4}, "e": None}) == [
        ("a", 1, ABSENT),
        ("b.d", 3, 4),
        ("e", ABSENT, None),
    ]


def test_entries_that_have_names_are_compared_by_them_wherever_they_are() -> None:
    before = [{"IndexName": "A", "x": 1}, {"IndexName": "B", "x": 1}]
    after = [{"IndexName": "C", "x": 1}, {"IndexName": "B", "x": 2}, {"IndexName": "A", "x": 1}]
    assert found({"I": before}, {"I": after}) == [("I[B].x", 1, 2), ("I[C]", ABSENT, after[0])]


def test_entries_without_names_are_aligned() -> None:
    before = [{"a": 1}, {"a": 2}, {"a": 3}]
    assert found(before, [{"a": 1}, {"a": 3}]) == [("[1]", {"a": 2}, ABSENT)]
    assert found(before, [{"a": 1}, {"a": 5}, {"a": 3}]) == [("[1].a", 2, 5)]
    assert found(before, [*before, {"a": 4}]) == [("[3]", ABSENT, {"a": 4})]


def test_lists_of_texts_and_keys_are_shown_as_a_whole() -> None:
    assert found(["a", "b"], ["a", "c"]) == [("", ["a", "b"], ["a", "c"])]
    before, after = ([{"AttributeName": name, "KeyType": "HASH"}] for name in "ab")
    assert found({"KeySchema": before}, {"KeySchema": after}) == [("KeySchema", before, after)]


@pytest.mark.parametrize(
    ("before", "after", "sort"),
    [
        ([1, 2], [2, 1], Sort.ORDER),
        ([{"Key": "a", "v": 1}, {"Key": "b", "v": 1}], [{"Key": "b", "v": 1}, {"Key": "a", "v": 1}], Sort.ORDER),
        ({"Fn::Sub": "${A}"}, {"Ref": "A"}, Sort.WRITING),
        (5, "5", Sort.WRITING),
        (True, "true", Sort.WRITING),
    ],
)
def test_what_is_no_other_value_is_told_apart(before: Any, after: Any, sort: Sort) -> None:
    assert [each.sort for each in differences({"x": before}, {"x": after})] == [sort]


def test_true_is_not_one() -> None:
    assert found({"x": True}, {"x": 1}) == [("x", True, 1)]
    assert found([{"x": [True]}], [{"x": [1]}]) == [("[0].x", [True], [1])]


def test_what_has_no_value_is_not_there() -> None:
    assert list(differences({"a": {"Ref": "AWS::NoValue"}}, {})) == []


def test_a_function_is_one_value() -> None:
    before, after = {"Fn::If": ["C", {"a": 1}, {"a": 2}]}, {"Fn::If": ["C", {"a": 1}, {"a": 3}]}
    assert found({"x": before}, {"x": after}) == [("x", before, after)]


def test_long_lists_without_names_do_not_take_for_ever() -> None:
    before = [{"a": number} for number in range(20_000)]
    assert len(found(before, before[1:])) == 1
