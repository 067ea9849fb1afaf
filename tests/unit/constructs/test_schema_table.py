"""Tables made from descriptions: keys, protection, grants."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from shardwell_cdk import SchemaTable, Settings
from tests.unit.constructs.made import (
    CAREFUL,
    CARELESS,
    ORDERS,
    PLAIN,
    STAGES,
    acknowledged,
    findings,
    found,
    resources,
    stack,
)

TABLE = "AWS::DynamoDB::GlobalTable"


def table(settings: Settings = CAREFUL) -> dict[str, Any]:
    made = stack(settings)
    SchemaTable(made, "Orders", schema=ORDERS, settings=settings)
    return dict(resources(made, TABLE)[0])


def test_keys_and_types_are_those_of_the_description() -> None:
    made = table()
    assert made["KeySchema"] == [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ]
    assert {each["AttributeName"]: each["AttributeType"] for each in made["AttributeDefinitions"]} == {
        "PK": "S",
        "SK": "S",
        "StatePK": "S",
        "StateSK": "S",
        "currency": "S",
        "total": "N",
        "parcel": "B",
    }
    assert made["TableName"] == "orders-real"
    assert made["BillingMode"] == "PAY_PER_REQUEST"


def test_indexes_hold_what_the_description_projects_and_what_reads_need() -> None:
    indexes = {each["IndexName"]: each for each in table()["GlobalSecondaryIndexes"]}
    assert indexes["ByState"]["Projection"] == {"ProjectionType": "ALL"}
    # The time to live comes along: without it a read could not tell an expired item.
    assert indexes["ByTotal"]["Projection"] == {
        "NonKeyAttributes": ["customer", "expires"],
        "ProjectionType": "INCLUDE",
    }
    assert indexes["ByParcel"]["KeySchema"] == [{"AttributeName": "parcel", "KeyType": "HASH"}]


def test_time_to_live_stream_and_encryption() -> None:
    made = table()
    assert made["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert made["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert made["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}


def test_a_description_without_indexes_or_stream_makes_none() -> None:
    made = stack()
    plain = SchemaTable(made, "Plain", schema=PLAIN, settings=CAREFUL)
    properties = resources(made, TABLE)[0]
    assert "GlobalSecondaryIndexes" not in properties
    assert "StreamSpecification" not in properties
    with pytest.raises(ValueError, match="Stack/Plain has no stream: describe its table with stream=True"):
        _ = plain.stream_arn


def test_a_stage_that_retains_protects() -> None:
    replica = table(CAREFUL)["Replicas"][0]
    assert replica["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["Tags"] == [{"Key": "stage", "Value": "real"}]


def test_a_stage_that_does_not_retain_lets_go() -> None:
    replica = table(CARELESS)["Replicas"][0]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert replica["DeletionProtectionEnabled"] is False


@pytest.mark.parametrize(("settings", "policy"), [(CAREFUL, "Retain"), (CARELESS, "Delete")])
def test_the_table_goes_with_its_stack_only_where_it_may(settings: Settings, policy: str) -> None:
    made = stack(settings)
    SchemaTable(made, "Orders", schema=ORDERS, settings=settings)
    [resource] = found(made, TABLE).values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, policy)


GRANTS = {
    "grant_read": ([], ["BatchGetItem", "GetItem", "Query"], "table"),
    "grant_query": (["ByState"], ["Query"], "ByState"),
    "grant_write": ([], ["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"], "table"),
    "grant_update": ([], ["UpdateItem"], "table"),
    "grant_delete": ([], ["DeleteItem"], "table"),
    "grant_insert": ([], ["PartiQLInsert"], "table"),
    "grant_scan": ([], ["Scan"], "table"),
    "grant_stream_read": ([], ["DescribeStream", "GetRecords", "GetShardIterator"], "stream"),
}


@pytest.mark.parametrize("grant", GRANTS)
def test_a_grant_covers_its_actions_and_its_resource_alone(grant: str) -> None:
    arguments, actions, resource = GRANTS[grant]
    made = stack()
    orders = SchemaTable(made, "Orders", schema=ORDERS, settings=CAREFUL)
    role = iam.Role(made, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(orders, grant)(role, *arguments)
    statement = _only_statement(made)
    granted = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    assert sorted(granted) == [f"dynamodb:{action}" for action in actions]
    assert statement["Resource"] == _arn(made, resource)


def test_a_scan_of_an_index_is_granted_on_it_alone() -> None:
    made = stack()
    orders = SchemaTable(made, "Orders", schema=ORDERS, settings=CAREFUL)
    role = iam.Role(made, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    orders.grant_scan(role, "ByTotal")
    assert _only_statement(made)["Resource"] == _arn(made, "ByTotal")


def test_a_grant_on_an_index_that_is_none_names_the_known_ones() -> None:
    made = stack()
    orders = SchemaTable(made, "Orders", schema=ORDERS, settings=CAREFUL)
    role = iam.Role(made, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    with pytest.raises(ValueError, match="Stack/Orders has no index 'GSI9'; its indexes: ByState, ByTotal, ByParcel"):
        orders.grant_query(role, "GSI9")


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(settings: Settings) -> None:
    assert findings(_orders, settings=settings) == []


def test_what_may_be_lost_is_said_to_be_so() -> None:
    reason = "The stage try does not retain: its data is made for trying things and can be made again."
    assert acknowledged(_orders, settings=CARELESS) == [("TableProtection", reason), ("TableRecovery", reason)]
    assert acknowledged(_orders, settings=CAREFUL) == []


def test_a_retaining_stage_without_recovery_is_found() -> None:
    settings = Settings(stage="real", retain=True, recovery_days=None, alarms=False, alarm_topic=False, log_days=7)
    assert findings(_orders, settings=settings) == [("TableRecovery", "Stack/Orders/Table/Resource")]


def test_a_table_made_by_hand_is_found() -> None:
    assert [rule for rule, _ in findings(_by_hand, settings=CARELESS)] == [
        "TableEncryption",
        "TableProtection",
        "TableRecovery",
    ]


def _orders(scope: Construct, settings: Settings) -> None:
    SchemaTable(scope, "Orders", schema=ORDERS, settings=settings)


def _by_hand(scope: Construct, settings: Settings) -> None:
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    dynamodb.TableV2(scope, "Bare", partition_key=key, removal_policy=cdk.RemovalPolicy.DESTROY)


def _only_statement(made: cdk.Stack) -> dict[str, Any]:
    [policy] = resources(made, "AWS::IAM::Policy")
    [statement] = policy["PolicyDocument"]["Statement"]
    return dict(statement)


def _arn(made: cdk.Stack, resource: str) -> Any:
    [name] = found(made, TABLE)
    if resource == "stream":
        return {"Fn::GetAtt": [name, "StreamArn"]}
    arn = {"Fn::GetAtt": [name, "Arn"]}
    return arn if resource == "table" else {"Fn::Join": ["", [arn, f"/index/{resource}"]]}
