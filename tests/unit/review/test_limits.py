"""What CloudFormation refuses as one deployment, and the deployments that do it."""

from __future__ import annotations

from typing import Any

import pytest

from review.model import Certainty, Change, Kind, Verdict
from tests.unit.review.sides import changed, index, of, reviewed, rules, table

A, B, C = index("A", "A"), index("B", "B"), index("C", "A")


def indexes(before: list[Any], after: list[Any], **more: Any) -> Change:
    return changed(table(GlobalSecondaryIndexes=before), table(GlobalSecondaryIndexes=after, **more))


@pytest.mark.parametrize(
    ("before", "after", "deployments"),
    [
        ([], [A, B], ["Deployment 1: add the index A.", "Deployment 2: add the index B."]),
        ([A, B], [], ["Deployment 1: remove the index A.", "Deployment 2: remove the index B."]),
        ([A], [B], ["Deployment 1: remove the index A.", "Deployment 2: add the index B."]),
        (
            [A, B],
            [B | {"Projection": {"ProjectionType": "KEYS_ONLY"}}, C],
            [
                "Deployment 1: remove the index A.",
                "Deployment 2: remove the index B.",
                "Deployment 3: add the index B as it is to be.",
                "Deployment 4: add the index C.",
                "Or add the new index under another name first, move its readers, and then remove the old one.",
            ],
        ),
    ],
)
@pytest.mark.parametrize("type_", ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"])
def test_more_than_one_index_is_blocked_with_the_order_that_works(
    type_: str, before: list[Any], after: list[Any], deployments: list[str]
) -> None:
    sides = ({**table(GlobalSecondaryIndexes=side), "Type": type_} for side in (before, after))
    change = changed(*sides)
    assert change.verdict is Verdict.BLOCKED
    assert "one-index-at-a-time" in rules(change)
    assert list(change.deployments) == deployments


@pytest.mark.parametrize(
    ("before", "after", "rule", "verdict"),
    [
        ([A], [A, B], "index-added", Verdict.LOOK),
        ([A, B], [B], "index-removed", Verdict.DANGER),
    ],
)
def test_one_index_is_not_blocked(before: list[Any], after: list[Any], rule: str, verdict: Verdict) -> None:
    change = indexes(before, after)
    assert (change.verdict, change.deployments) == (verdict, ())
    assert rule in rules(change)


@pytest.mark.parametrize(
    "after", [index("A", "B"), A | {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["B"]}}]
)
def test_to_change_an_index_is_to_remove_it_and_to_add_it(after: dict[str, Any]) -> None:
    change = indexes([A], [after])
    assert change.verdict is Verdict.BLOCKED
    assert [step.split(":")[0] for step in change.deployments[:2]] == ["Deployment 1", "Deployment 2"]
    assert "index-changed" in rules(change)


def test_another_type_of_an_index_key_makes_the_index_anew() -> None:
    definitions = [
        {"AttributeName": name, "AttributeType": "N" if name == "A" else "S"} for name in ("PK", "SK", "A", "B")
    ]
    change = indexes([A], [A], AttributeDefinitions=definitions)
    assert (change.kind, change.verdict) == (Kind.CHANGED, Verdict.BLOCKED)


@pytest.mark.parametrize(
    "after",
    [
        A | {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
        A | {"ContributorInsightsSpecification": {"Enabled": True}},
    ],
)
def test_what_an_index_may_spend_can_change(after: dict[str, Any]) -> None:
    assert indexes([A], [after]).verdict is Verdict.LOOK


def test_a_new_table_and_a_replaced_one_have_as_many_indexes_as_they_like() -> None:
    assert changed(None, table(GlobalSecondaryIndexes=[A, B])).verdict is Verdict.LOOK
    change = indexes([], [A, B], KeySchema=[{"AttributeName": "SK", "KeyType": "HASH"}])
    assert "one-index-at-a-time" not in rules(change)


def test_indexes_that_only_the_deployment_knows_are_not_taken_for_safe() -> None:
    change = changed(
        table(GlobalSecondaryIndexes={"Fn::If": ["C", [A], []]}),
        table(GlobalSecondaryIndexes={"Fn::If": ["C", [A, B], []]}),
    )
    (reason,) = [each for each in change.reasons if each.rule == "index-computed"]
    assert (reason.certainty, reason.verdict) == (Certainty.UNKNOWN, Verdict.DANGER)


def test_one_replica_at_a_time() -> None:
    sides = (
        {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": [{"Region": region} for region in regions]}}
        for regions in (["eu-west-1"], ["eu-west-1", "eu-central-1", "us-east-1"])
    )
    change = changed(*sides)
    assert change.verdict is Verdict.BLOCKED
    assert len(change.deployments) == 2


def test_a_named_resource_cannot_be_replaced_under_its_name() -> None:
    key = [{"AttributeName": "SK", "KeyType": "HASH"}]
    kept = changed(table(TableName="orders"), table(TableName="orders", KeySchema=key))
    assert (kept.verdict, kept.kind) == (Verdict.BLOCKED, Kind.REPLACED)
    assert "custom-name" in rules(kept)
    assert "another name than orders" in kept.deployments[0]
    for before, after in (("orders", "orders2"), (None, None)):
        names = ({} if name is None else {"TableName": name} for name in (before, after))
        change = changed(table(**next(names)), table(**next(names), KeySchema=key))
        assert change.verdict is Verdict.DANGER
        assert "custom-name" not in rules(change)


def test_a_named_resource_that_may_be_replaced_may_be_refused() -> None:
    sides = (
        {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceIdentifier": "db", "MultiAZ": multi}}
        for multi in (0, 1)
    )
    (reason,) = [each for each in changed(*sides).reasons if each.rule == "custom-name"]
    assert (reason.verdict, reason.certainty) == (Verdict.LOOK, Certainty.MAYBE)


def test_another_type_under_the_same_logical_id_is_refused() -> None:
    change = changed(table(), {**table(), "Type": "AWS::DynamoDB::GlobalTable"})
    assert change.verdict is Verdict.BLOCKED
    assert "other-type" in rules(change)


@pytest.mark.parametrize(
    ("before", "after", "blocked"),
    [
        ({"UsernameAttributes": ["email"]}, {"UsernameAttributes": ["phone_number"]}, True),
        ({}, {"UsernameConfiguration": {"CaseSensitive": False}}, True),
        ({"Schema": [{"Name": "a", "Mutable": True}]}, {"Schema": [{"Name": "a", "Mutable": False}]}, True),
        ({"Schema": [{"Name": "a"}, {"Name": "b"}]}, {"Schema": [{"Name": "a"}]}, True),
        ({"Schema": [{"Name": "a"}]}, {"Schema": [{"Name": "a"}, {"Name": "b"}]}, False),
        ({"MfaConfiguration": "OFF"}, {"MfaConfiguration": "ON"}, False),
    ],
)
def test_what_a_user_pool_refuses(before: dict[str, Any], after: dict[str, Any], blocked: bool) -> None:
    change = changed(*({"Type": "AWS::Cognito::UserPool", "Properties": side} for side in (before, after)))
    assert (change.verdict is Verdict.BLOCKED) is blocked


def test_a_template_with_too_many_resources_is_blocked() -> None:
    many = {f"T{number}": {"Type": "AWS::SNS::Topic"} for number in range(501)}
    result = reviewed({"T0": many["T0"]}, many)
    assert result.verdict is Verdict.BLOCKED
    assert [reason.rule for reason in result.stacks[0].reasons] == ["template-limit"]
    assert of(result, "T5").verdict is Verdict.LOOK


def pool_domain(domain: str, pool: str = "Pool", **more: Any) -> dict[str, Any]:
    properties = {"UserPoolId": {"Ref": pool}, "Domain": domain, **more}
    return {"Type": "AWS::Cognito::UserPoolDomain", "Properties": properties}


def test_a_pool_cannot_have_a_second_prefix_while_the_first_is_there() -> None:
    change = changed(pool_domain("shop"), pool_domain("boutique"))
    assert change.verdict is Verdict.BLOCKED
    assert "one-domain-a-pool" in rules(change)
    assert [step.partition(":")[0] for step in change.deployments] == ["Deployment 1", "Deployment 2"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pool_domain("shop"), pool_domain("boutique", "OtherPool")),
        (pool_domain("shop"), pool_domain("sign-in.example.com", CustomDomainConfig={"CertificateArn": "arn"})),
        (pool_domain("shop"), pool_domain("shop", ManagedLoginVersion=2)),
    ],
)
def test_another_pool_or_a_domain_of_its_own_is_beside_the_first(before: Any, after: Any) -> None:
    assert "one-domain-a-pool" not in rules(changed(before, after))
