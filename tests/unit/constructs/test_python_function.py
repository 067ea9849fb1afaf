"""Functions: what they run on, what they may do, where their failures go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from shardwell_cdk import PythonFunction, Settings
from tests.unit.constructs.made import CAREFUL, CARELESS, STAGES, acknowledged, code, findings, found, resources, stack


def function(scope: Construct, folder: Path, settings: Settings = CAREFUL, **more: Any) -> PythonFunction:
    return PythonFunction(
        scope,
        "Sort",
        code=code(folder),
        handler="parcels.handler",
        description="Sorts parcels.",
        settings=settings,
        **more,
    )


def test_it_runs_on_lambda_s_python_with_structured_logs_and_tracing(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path, environment={"TABLE_NAME": "orders"})
    [properties] = resources(made, "AWS::Lambda::Function")
    [log_group] = found(made, "AWS::Logs::LogGroup")
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["LoggingConfig"] == {
        "ApplicationLogLevel": "INFO",
        "LogFormat": "JSON",
        "LogGroup": {"Ref": log_group},
        "SystemLogLevel": "WARN",
    }
    assert properties["Environment"]["Variables"] == {
        "POWERTOOLS_SERVICE_NAME": "parcels",
        "STAGE": "real",
        "TABLE_NAME": "orders",
    }


def test_the_template_is_the_same_whatever_machine_the_bundle_is_for(tmp_path: Path) -> None:
    """An emulator runs any template; a snapshot must not know who made it."""
    made = stack(CARELESS)
    function(made, tmp_path, replace(CARELESS, platform=replace(CARELESS.platform, python="3.99", machine="toaster")))
    [properties] = resources(made, "AWS::Lambda::Function")
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])


def test_its_role_may_write_its_log_and_traces_and_tell_of_failures(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path)
    [log_group] = found(made, "AWS::Logs::LogGroup")
    [queue] = found(made, "AWS::SQS::Queue")
    [role] = resources(made, "AWS::IAM::Role")
    assert "ManagedPolicyArns" not in role
    allowed = {
        action: statement["Resource"]
        for policy in resources(made, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    logs, queued = {"Fn::GetAtt": [log_group, "Arn"]}, {"Fn::GetAtt": [queue, "Arn"]}
    assert allowed == {
        "logs:CreateLogStream": logs,
        "logs:PutLogEvents": logs,
        "sqs:GetQueueAttributes": queued,
        "sqs:GetQueueUrl": queued,
        "sqs:SendMessage": queued,
        "xray:PutTelemetryRecords": "*",
        "xray:PutTraceSegments": "*",
    }


@pytest.mark.parametrize(("settings", "days", "policy"), [(CAREFUL, 365, "Retain"), (CARELESS, 7, "Delete")])
def test_logs_are_kept_as_long_as_the_stage_says(tmp_path: Path, settings: Settings, days: int, policy: str) -> None:
    made = stack(settings)
    function(made, tmp_path, settings)
    [group] = found(made, "AWS::Logs::LogGroup").values()
    assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (days, policy)


def test_a_retention_that_logs_do_not_offer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Logs cannot be kept 42 days: choose 1, 7, 30, 90, 365"):
        function(stack(), tmp_path, replace(CAREFUL, log_days=42))


def test_events_it_fails_on_end_in_its_queue(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path, retries=1, oldest_event=cdk.Duration.minutes(10))
    [queue] = found(made, "AWS::SQS::Queue")
    [config] = resources(made, "AWS::Lambda::EventInvokeConfig")
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (1, 600)


def test_no_retry_is_no_retry(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path, retries=0)
    assert resources(made, "AWS::Lambda::EventInvokeConfig")[0]["MaximumRetryAttempts"] == 0


def test_it_can_be_let_to_call_itself_and_nothing_else(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path).let_call_itself()
    [(name, resource)] = found(made, "AWS::Lambda::Function").items()
    [policy] = [
        each
        for each in found(made, "AWS::IAM::Policy").values()
        if "lambda:InvokeFunction" in str(each["Properties"]["PolicyDocument"])
    ]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": [name, "Arn"]}
    assert resource["Properties"]["RecursiveLoop"] == "Allow", "Lambda would end the chain at the sixteenth call"


def test_the_function_does_not_wait_for_the_policy_that_names_it(tmp_path: Path) -> None:
    """CloudFormation refuses a circle: the function waits for its role, and for the role's own policy."""
    made = stack()
    function(made, tmp_path).let_call_itself()
    [resource] = found(made, "AWS::Lambda::Function").values()
    assert [each for each in resource["DependsOn"] if "CallingItself" in each] == []


def test_a_function_does_not_call_itself_unless_it_is_let(tmp_path: Path) -> None:
    made = stack()
    function(made, tmp_path)
    assert "RecursiveLoop" not in resources(made, "AWS::Lambda::Function")[0]
    assert "lambda:" not in str(resources(made, "AWS::IAM::Policy"))


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding_where_it_calls_itself(tmp_path: Path, settings: Settings) -> None:
    def build(scope: Construct, settings: Settings) -> None:
        function(scope, tmp_path, settings).let_call_itself()

    assert findings(build, settings=settings) == []


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(lambda scope, settings: function(scope, tmp_path, settings), settings=settings) == []


def test_what_is_accepted_is_accepted_for_a_reason(tmp_path: Path) -> None:
    rules = acknowledged(lambda scope, settings: function(scope, tmp_path, settings))
    assert [rule for rule, _ in rules] == ["AwsSolutions-IAM5[Resource::*]", "AwsSolutions-L1", "AwsSolutions-SQS3"]
    assert all(len(reason) > 40 for _, reason in rules)


def test_a_star_granted_to_it_is_found_all_the_same(tmp_path: Path) -> None:
    def starry(scope: Construct, settings: Settings) -> None:
        made = function(scope, tmp_path, settings)
        made.function.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:Scan"], resources=["*"]))

    assert findings(starry) == [("AwsSolutions-IAM5[Resource::*]", "Stack/Sort/Role/DefaultPolicy/Resource")]


def test_a_function_made_by_hand_is_found() -> None:
    def by_hand(scope: Construct, settings: Settings) -> None:
        lambda_.Function(
            scope,
            "Bare",
            runtime=lambda_.Runtime.PYTHON_3_11,
            handler="index.handler",
            code=lambda_.Code.from_inline("pass"),
        )

    rules = [rule for rule, _ in findings(by_hand)]
    managed = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
    assert rules == [managed, "AwsSolutions-L1", "FunctionLogGroup"]
