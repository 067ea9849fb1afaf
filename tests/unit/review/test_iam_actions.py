"""Actions as sets: wildcards are opened where the service is known, and kept where it is not."""

from __future__ import annotations

import gzip
import json

import pytest

from review.distil import schemas_folder
from review.distil_actions import ACTIONS, distilled
from review.iam_actions import actions, expanded, regex, spelled


def test_a_wildcard_is_opened_in_any_spelling() -> None:
    assert {"sqs:sendmessage", "sqs:sendmessagebatch"} >= set(expanded("sqs:sendmessage*")) >= {"sqs:sendmessage"}
    assert actions(["SQS:Send*"]) == actions(["sqs:send*"])
    assert "dynamodb:PutItem" in actions(["dynamodb:*"]).listed()


def test_actions_are_spelled_as_aws_does() -> None:
    assert [spelled(name) for name in ("dynamodb:putitem", "s3:listallmybuckets", "iam:passrole", "no:such")] == [
        "dynamodb:PutItem",
        "s3:ListAllMyBuckets",
        "iam:PassRole",
        "no:such",
    ]


@pytest.mark.parametrize(
    ("these", "those", "left"),
    [
        (["s3:GetObject"], ["s3:Get*"], ()),
        (["s3:GetObject", "s3:PutObject"], ["s3:Get*"], ("s3:PutObject",)),
        (["nosuch:Get*"], ["nosuch:*"], ()),
        (["nosuch:*"], ["nosuch:Get*"], ("nosuch:*",)),
        (["s3:GetObject"], ["*"], ()),
        (["*"], ["s3:*"], ("*",)),
        (["*"], ["*"], ()),
        (["s3:GetObject"], ["*:*"], ()),
    ],
)
def test_what_others_have_goes(these: list[str], those: list[str], left: tuple[str, ...]) -> None:
    assert actions(these).without(actions(those)).listed() == left


@pytest.mark.parametrize(
    ("these", "left"), [(["s3:GetObject"], ()), (["iam:PassRole"], ("iam:PassRole",)), (["nosuch:*"], ())]
)
def test_a_not_action_has_all_that_it_does_not_name(these: list[str], left: tuple[str, ...]) -> None:
    assert actions(these).without(actions(["iam:*"], but=True)).listed() == left


def test_two_not_actions() -> None:
    few, many = actions(["iam:*"], but=True), actions(["iam:*", "s3:*"], but=True)
    assert not many.without(few)
    assert few.without(many)


def test_a_question_mark_does_not_stand_for_a_wildcard() -> None:
    assert not regex("arn:a?").fullmatch("arn:a*")
    assert regex("arn:*").fullmatch("arn:a*")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "abbcc", True),
        ("a*b*c", "acb", False),
        ("*ab", "aab", True),
        ("*ab*ab", "ab", False),
        ("*ab*ab", "abab", True),
        ("**", "", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("*a" * 200 + "b", "a" * 5000, False),
        ("a" * 50 + "*" * 50 + "b", "a" * 5000, False),
    ],
)
def test_wildcards_stand_for_what_they_do_in_iam_and_take_no_long(pattern: str, text: str, fits: bool) -> None:
    assert bool(regex(pattern).fullmatch(text)) is fits


def test_the_list_is_distilled_with_the_spelling_that_is_known() -> None:
    table = distilled({"a": {"Actions": {"getit": {}, "putit": {}}}, "b": {}}, {"a:getit": "GetIt"}, "2026-01-01")
    assert json.loads(json.dumps(table)) == {"dated": "2026-01-01", "services": {"a": "GetIt putit", "b": ""}}


def test_the_list_has_every_action_of_the_installed_cfn_lint() -> None:
    folder = schemas_folder().parent
    policies = json.loads((folder / "AdditionalSpecs" / "Policies.json").read_text(encoding="utf-8"))
    table = json.loads(gzip.decompress(ACTIONS.read_bytes()))
    assert (
        table["dated"] == json.loads((folder / "schemas" / "version.json").read_text(encoding="utf-8"))["schema_date"]
    )
    assert {service: sorted(found["Actions"]) for service, found in policies.items()} == {
        service: sorted(names.lower().split()) for service, names in table["services"].items()
    }
