"""Functions called by the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets

from shardwell_cdk import PythonFunction, Schedule, Settings
from tests.unit.constructs.made import CAREFUL, STAGES, Build, code, findings, found, resources, stack


def nightly(folder: Path) -> Build:
    def build(scope: Any, settings: Settings) -> None:
        Schedule(
            scope,
            "Nightly",
            function=_function(scope, folder, settings),
            schedule=events.Schedule.cron(hour="2", minute="0"),
            description="At two.",
            settings=settings,
        )

    return build


def test_a_call_that_cannot_be_delivered_ends_in_its_own_queue(tmp_path: Path) -> None:
    made = stack()
    nightly(tmp_path)(made, CAREFUL)
    [rule] = resources(made, "AWS::Events::Rule")
    [queue] = [name for name in found(made, "AWS::SQS::Queue") if "Undelivered" in name]
    [target] = rule["Targets"]
    assert rule["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 2}


def test_only_this_rule_may_send_to_that_queue(tmp_path: Path) -> None:
    made = stack()
    nightly(tmp_path)(made, CAREFUL)
    [rule] = found(made, "AWS::Events::Rule")
    statements = [
        each for policy in resources(made, "AWS::SQS::QueuePolicy") for each in policy["PolicyDocument"]["Statement"]
    ]
    [allowed] = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(nightly(tmp_path), settings=settings) == []


def test_a_rule_made_by_hand_is_found(tmp_path: Path) -> None:
    def by_hand(scope: Any, settings: Settings) -> None:
        target = targets.LambdaFunction(_function(scope, tmp_path, settings).function)
        events.Rule(scope, "Bare", schedule=events.Schedule.cron(hour="2"), targets=[target])

    assert findings(by_hand) == [("RuleTargetFailures", "Stack/Bare/Resource")]


def _function(scope: Any, folder: Path, settings: Settings) -> PythonFunction:
    return PythonFunction(
        scope, "Sort", code=code(folder), handler="parcels.handler", description="Sorts.", settings=settings
    )
