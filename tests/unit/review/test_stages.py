"""Stages beside each other, and digests that are the same in each."""

from __future__ import annotations

from typing import Any

import pytest

from review.build import review
from review.digest import digest_of, without_stage
from review.model import Verdict
from review.stages import is_production, ordered
from tests.unit.review.sides import changed, table, templates

STAGES = ("local", "dev", "staging", "prod")


def app(differing: dict[str, dict[str, Any]], stages: tuple[str, ...] = STAGES) -> Any:
    """The same stack in each stage, with its stage's name in it."""
    made = {}
    for stage in stages:
        properties = {"TopicName": f"acme-{stage}-orders", **differing.get(stage, {})}
        topic = {"Type": "AWS::SNS::Topic", "Properties": properties, "Metadata": {"aws:cdk:path": f"{stage}/S/T"}}
        made[stage, "shop"] = {"Resources": {"T": topic}}
    return templates(made)


@pytest.mark.parametrize(
    ("yes", "stages"),
    [
        (True, ("prod", "Production", "eu-prod", "live", "prod2", "PRD")),
        (False, ("preprod", "non-prod", "pre-prod", "dev", "products", "delivery", "staging", "")),
    ],
)
def test_production_is_told_by_its_name(yes: bool, stages: tuple[str, ...]) -> None:
    assert {stage for stage in stages if is_production(stage) is not yes} == set()


def test_stages_stand_in_the_order_in_which_changes_reach_them() -> None:
    assert ordered(["prod", "zeta", "staging", "dev", "local", "prod"]) == ("local", "dev", "staging", "zeta", "prod")


def test_the_same_change_is_said_once_and_what_differs_apart() -> None:
    fifo = {"DisplayName": "x", "FifoTopic": True}
    head = app({"local": fifo, "dev": fifo, "staging": fifo, "prod": {**fifo, "FifoTopic": "false"}})
    groups = review(app({}), head).groups
    assert [(group.stages, group.elsewhere, group.production_only) for group in groups] == [
        (("local", "dev", "staging"), ("prod",), False),
        (("prod",), ("local", "dev", "staging"), True),
    ]
    assert [each.stage for each in groups[0].same] == ["local", "dev", "staging"]


def test_a_new_name_with_the_stage_in_it_is_the_same_in_every_stage() -> None:
    head = app({stage: {"TopicName": f"acme-{stage}-orders-2"} for stage in STAGES})
    (group,) = review(app({}), head).groups
    assert group.stages == STAGES
    assert group.elsewhere == ()


def test_another_stage_s_name_is_not_one_s_own() -> None:
    head = app({stage: {"TopicName": "acme-dev-orders"} for stage in STAGES})
    assert {group.stages for group in review(app({}), head).groups} == {("local", "staging", "prod")}


def test_a_stage_without_the_stack_is_not_one_where_the_change_is_missing() -> None:
    base, head = app({}), app({"prod": {"DisplayName": "x"}})
    extra = {("qa", "other"): {"Resources": {}}}
    sides = [templates({**{key: one.body for key, one in side.stacks.items()}, **extra}) for side in (base, head)]
    (group,) = review(*sides).groups
    assert group.elsewhere == ("local", "dev", "staging")


def test_a_stage_s_name_counts_only_as_a_word() -> None:
    assert without_stage("dev devices acme-dev/dev_x", "dev") == "\x00stage devices acme-\x00stage/\x00stage_x"
    assert digest_of({"a": ["x-dev"]}, "dev") == digest_of({"a": ["x-prod"]}, "prod")
    assert digest_of({"a": ["x-dev"]}, "dev") != digest_of({"a": ["x-dev"]}, "prod")


def test_a_digest_is_of_what_changes_and_of_what_that_does() -> None:
    key = [{"AttributeName": "SK", "KeyType": "HASH"}]
    replaced = changed(table(), table(KeySchema=key))
    assert replaced.digest == changed(table(), table(KeySchema=key)).digest
    assert len(replaced.digest) == 16
    others = [
        changed(table(), table(KeySchema=[{"AttributeName": "A", "KeyType": "HASH"}])),
        changed(table(), {**table(KeySchema=key), "UpdateReplacePolicy": "Retain"}),
        changed(table(), None),
        changed({**table(), "DeletionPolicy": "Retain"}, None),
        changed(None, table()),
    ]
    assert len({replaced.digest, *(each.digest for each in others)}) == 6


def test_each_stage_has_its_verdict_and_production_is_last() -> None:
    result = review(app({}), app({"dev": {"DisplayName": "x"}, "prod": {"FifoTopic": True}}))
    assert [(each.stage, each.verdict, each.production) for each in result.stages] == [
        ("local", Verdict.HARMLESS, False),
        ("dev", Verdict.HARMLESS, False),
        ("staging", Verdict.HARMLESS, False),
        ("prod", Verdict.BLOCKED, True),
    ]
