"""The guard rails: each has a case that it finds and one that it lets pass."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shardwell_cdk import Settings
from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.guard_rails import RULES, Template
from tests.unit.constructs.made import acknowledged, findings

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
DEAD_LETTERS = {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}}
BOUNDED = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}
TO_DEAD = {"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"LoggingConfig": {"LogGroup": {"Ref": "Logs"}}}}
TARGET = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RetryPolicy": BOUNDED, "DeadLetterConfig": DEAD_LETTERS}
STREAM = {
    "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
    "StartingPosition": "LATEST",
    "MaximumRetryAttempts": 3,
    "MaximumRecordAgeInSeconds": 3600,
    "BisectBatchOnFunctionError": True,
    "DestinationConfig": TO_DEAD,
}
POLLED = {
    "EventSourceArn": {"Fn::GetAtt": ["Work", "Arn"]},
    "FunctionName": {"Ref": "Worker"},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "ScalingConfig": {"MaximumConcurrency": 2},
}
WORK = {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"maxReceiveCount": 3}, "VisibilityTimeout": 185}}
WORKER = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 30, "LoggingConfig": {"LogGroup": "logs"}}}
INVOKE = {"FunctionName": {"Ref": "Function"}, "DestinationConfig": TO_DEAD, **BOUNDED}
REPLICA = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "DeletionProtectionEnabled": True,
}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def table(*, kept: dict[str, str] = KEPT, **properties: Any) -> dict[str, Any]:
    sealed = {"Replicas": [REPLICA], "SSESpecification": {"SSEEnabled": True}}
    return {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {**sealed, **properties}, **kept}


def of(type: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": type, "Properties": properties}


def without(properties: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in names}


def mapping(properties: dict[str, Any]) -> dict[str, Any]:
    return {"Work": WORK, "Worker": WORKER, "It": of("AWS::Lambda::EventSourceMapping", properties)}


def lake(type: str, properties: dict[str, Any], **policies: str) -> dict[str, Any]:
    return {"It": {**of(f"AWS::S3Tables::{type}", properties), **(policies or KEPT)}}


def rule(target: dict[str, Any], **others: Any) -> dict[str, Any]:
    called = {"Function": FUNCTION, "Invoke": of("AWS::Lambda::EventInvokeConfig", INVOKE)}
    return {**called, "It": of("AWS::Events::Rule", {"Targets": [target]}), **others}


API = of("AWS::ApiGatewayV2::Api", {"ProtocolType": "HTTP"})
SOCKETS = of("AWS::ApiGatewayV2::Api", {"ProtocolType": "WEBSOCKET"})
ROUTE = {
    "ApiId": {"Ref": "Api"},
    "RouteKey": "GET /sales",
    "AuthorizationType": "JWT",
    "AuthorizerId": {"Ref": "Users"},
}
API_STAGE = {
    "ApiId": {"Ref": "Api"},
    "AccessLogSettings": {"DestinationArn": {"Fn::GetAtt": ["Logs", "Arn"]}, "Format": "$context.requestId"},
    "DefaultRouteSettings": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200},
}


def route(properties: dict[str, Any], api: dict[str, Any] = API) -> dict[str, Any]:
    return {"Api": api, "It": of("AWS::ApiGatewayV2::Route", properties)}


def api_stage(properties: dict[str, Any]) -> dict[str, Any]:
    return {"Api": API, "It": of("AWS::ApiGatewayV2::Stage", properties)}


ONE_REPLICA_OPEN = {"Replicas": [REPLICA, {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}]}

BROKEN: dict[str, list[dict[str, Any]]] = {
    "TableRecovery": [
        {"It": table(Replicas=[{"DeletionProtectionEnabled": True}])},
        {"It": of("AWS::DynamoDB::Table", {}) | KEPT},
    ],
    "TableProtection": [
        {"It": table(**ONE_REPLICA_OPEN)},
        {"It": table(kept={})},
        {"It": table(kept={"DeletionPolicy": "Retain"})},
    ],
    "TableEncryption": [{"It": table(SSESpecification={"SSEEnabled": False})}, {"It": table(SSESpecification=None)}],
    "RuleTargetFailures": [
        rule(without(TARGET, "DeadLetterConfig")),
        rule(without(TARGET, "RetryPolicy")),
        rule({**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 2}}),
        {"It": of("AWS::Scheduler::Schedule", {"Target": {"Arn": "x", "RetryPolicy": BOUNDED}})},
    ],
    "StreamFailures": [
        mapping(without(STREAM, "DestinationConfig")),
        mapping({**STREAM, "MaximumRetryAttempts": -1}),
        mapping(without(STREAM, "MaximumRecordAgeInSeconds")),
        mapping(without(STREAM, "BisectBatchOnFunctionError")),
    ],
    "QueueFailures": [mapping(without(POLLED, "FunctionResponseTypes")), {**mapping(POLLED), "Work": QUEUE}],
    "QueueVisibility": [
        mapping({**POLLED, "MaximumBatchingWindowInSeconds": 6}),
        {**mapping(POLLED), "Work": of("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}})},
    ],
    "QueueConcurrency": [mapping(without(POLLED, "ScalingConfig")), mapping({**POLLED, "ScalingConfig": {}})],
    "LakeProtection": [
        lake("Table", {}, DeletionPolicy="Retain"),
        lake("Namespace", {}, UpdateReplacePolicy="Retain"),
        lake("TableBucket", {}, DeletionPolicy="Delete", UpdateReplacePolicy="Delete"),
    ],
    "LakeMaintenance": [
        lake("Table", {"Compaction": {"Status": "disabled"}}),
        lake("Table", {"SnapshotManagement": {"Status": "disabled"}}),
        lake("TableBucket", {"UnreferencedFileRemoval": {"Status": "Disabled"}}),
    ],
    "AsyncFailures": [
        {"It": of("AWS::Lambda::EventInvokeConfig", without(INVOKE, "DestinationConfig"))},
        {"It": of("AWS::Lambda::EventInvokeConfig", without(INVOKE, "MaximumEventAgeInSeconds"))},
        {"It": FUNCTION, "Rule": of("AWS::Events::Rule", {"Targets": [{**TARGET, "Arn": {"Fn::GetAtt": "It.Arn"}}]})},
        {"It": FUNCTION, "Sub": of("AWS::SNS::Subscription", {"Endpoint": {"Fn::GetAtt": ["It", "Arn"]}})},
    ],
    "LogRetention": [{"It": of("AWS::Logs::LogGroup", {})}, {"It": {"Type": "AWS::Logs::LogGroup"}}],
    "FunctionLogGroup": [{"It": of("AWS::Lambda::Function", {"LoggingConfig": {"LogFormat": "JSON"}})}],
    "ApiAuthorizer": [
        route(without(ROUTE, "AuthorizationType", "AuthorizerId")),
        route({**ROUTE, "AuthorizationType": "NONE"}),
        route(without(ROUTE, "AuthorizerId")),
        {"It": of("AWS::ApiGatewayV2::Route", {"ApiId": "api-of-another-stack", "RouteKey": "GET /sales"})},
    ],
    "ApiCatchAll": [route({**ROUTE, "RouteKey": "$default"})],
    "ApiAccessLog": [
        api_stage(without(API_STAGE, "AccessLogSettings")),
        api_stage({**API_STAGE, "AccessLogSettings": {"DestinationArn": "arn:aws:logs:eu-west-1:1:log-group:it"}}),
    ],
    "ApiThrottling": [
        api_stage(without(API_STAGE, "DefaultRouteSettings")),
        api_stage({**API_STAGE, "DefaultRouteSettings": {"ThrottlingRateLimit": 100}}),
        api_stage({**API_STAGE, "DefaultRouteSettings": {"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}}),
    ],
}

SOUND: dict[str, dict[str, Any]] = {
    "a table": {"It": table()},
    "a rule and the function it calls": rule(TARGET),
    "a rule with a queue as its target": {
        "It": of("AWS::Events::Rule", {"Targets": [{**TARGET, "Arn": {"Fn::GetAtt": ["Work", "Arn"]}}]}),
        "Work": WORK,
    },
    "a schedule": {"It": of("AWS::Scheduler::Schedule", {"Target": TARGET})},
    "a stream": mapping(STREAM),
    "no retry at all": mapping({**STREAM, "MaximumRetryAttempts": 0}),
    "a queue": mapping({**POLLED, "MaximumBatchingWindowInSeconds": 5}),
    "a queue as it is for a function as it is": {
        **mapping(POLLED),
        "Work": of("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}}),
        "Worker": of("AWS::Lambda::Function", {"LoggingConfig": {"LogGroup": "logs"}}),
    },
    "a table of a lake": lake("Table", {"Compaction": {"Status": "enabled"}}),
    "a lake's bucket": lake("TableBucket", {}),
    "a queue of another stack": mapping({**POLLED, "EventSourceArn": "arn:aws:sqs:eu-west-1:1:elsewhere"}),
    "a route": route(ROUTE),
    "a route for roles": route({"ApiId": {"Ref": "Api"}, "RouteKey": "GET /sales", "AuthorizationType": "AWS_IAM"}),
    "a message of a WebSocket": route({"ApiId": {"Ref": "Api"}, "RouteKey": "$default"}, SOCKETS),
    "an API's stage": api_stage(API_STAGE),
    "a log group": {"It": of("AWS::Logs::LogGroup", {"RetentionInDays": 7})},
}


@pytest.mark.parametrize(("rule", "resources"), [(rule, case) for rule in BROKEN for case in BROKEN[rule]])
def test_what_breaks_a_rule_is_found(rule: str, resources: dict[str, Any]) -> None:
    found = {each.id: list(each.broken_by(Template(resources))) for each in RULES}
    assert found[rule] == ["It"]


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_passes_every_rule(case: str) -> None:
    assert [each.id for each in RULES if list(each.broken_by(Template(SOUND[case])))] == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert set(BROKEN) == {each.id for each in RULES}


def test_every_rule_says_what_to_do() -> None:
    for each in RULES:
        assert each.says.endswith(".")
        assert each.fix.endswith(".")


def test_a_finding_of_cdk_nag_or_of_ours_fails_synth() -> None:
    def careless(scope: Construct, settings: Settings) -> None:
        sqs.Queue(scope, "Queue")
        cdk.CfnResource(scope, "Logs", type="AWS::Logs::LogGroup")

    assert findings(careless) == [
        ("AwsSolutions-SQS3", "Stack/Queue/Resource"),
        ("AwsSolutions-SQS4", "Stack/Queue/Resource"),
        ("LogRetention", "Stack/Logs"),
    ]


def test_an_acknowledgement_covers_its_construct_alone() -> None:
    def careless(scope: Construct, settings: Settings) -> None:
        for name in ("One", "Two"):
            logs = cdk.CfnResource(scope, name, type="AWS::Logs::LogGroup")
            if name == "One":
                acknowledge(logs, "Shardwell::LogRetention", reason="Kept for the auditors.")

    assert findings(careless) == [("LogRetention", "Stack/Two")]
    assert acknowledged(careless) == [("LogRetention", "Kept for the auditors.")]
