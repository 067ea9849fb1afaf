"""A table's changes, read in order: what a bad one may hold up, and where its position ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from shardwell_cdk import PythonFunction, SchemaTable, Settings
from shardwell_cdk.batches import StreamBatch
from shardwell_cdk.monitoring import Monitoring
from shardwell_cdk.pipeline_alarms import StreamAlarms
from shardwell_cdk.stream_pipeline import StreamPipeline
from tests.unit.constructs.made import (
    CAREFUL,
    ORDERS,
    PLAIN,
    STAGES,
    Build,
    code,
    findings,
    found,
    resources,
    stack,
)


def pipeline(folder: Path, *, schema: Any = ORDERS, watched: bool = False, **more: Any) -> Build:
    def build(scope: Any, settings: Settings) -> None:
        StreamPipeline(
            scope,
            "Changes",
            table=SchemaTable(scope, "Orders", schema=schema, settings=settings),
            function=follower(scope, folder, settings),
            settings=settings,
            monitoring=Monitoring(scope, "Watch", name="shop", settings=settings) if watched else None,
            **more,
        )

    return build


def follower(scope: Any, folder: Path, settings: Settings) -> PythonFunction:
    return PythonFunction(
        scope, "Follow", code=code(folder), handler="parcels.handler", description="Follows.", settings=settings
    )


def mapping(build: Build) -> tuple[cdk.Stack, Any]:
    made = stack()
    build(made, CAREFUL)
    [one] = resources(made, "AWS::Lambda::EventSourceMapping")
    return made, one


def test_a_bad_change_is_found_by_halving_and_skipped_after_bounded_retries(tmp_path: Path) -> None:
    made, one = mapping(pipeline(tmp_path, retries=4, oldest_record=cdk.Duration.hours(2)))
    [skipped] = [name for name in found(made, "AWS::SQS::Queue") if "Skipped" in name]
    assert one["BisectBatchOnFunctionError"] is True
    assert (one["MaximumRetryAttempts"], one["MaximumRecordAgeInSeconds"]) == (4, 7_200)
    assert one["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [skipped, "Arn"]}}}


def test_a_shard_is_read_from_its_oldest_change_by_one_call_at_a_time(tmp_path: Path) -> None:
    _, one = mapping(pipeline(tmp_path, batch=StreamBatch(size=200, window_seconds=5)))
    assert (one["StartingPosition"], one["ParallelizationFactor"]) == ("TRIM_HORIZON", 1)
    assert (one["BatchSize"], one["MaximumBatchingWindowInSeconds"]) == (200, 5)
    assert "FunctionResponseTypes" not in one
    assert "TumblingWindowInSeconds" not in one


def test_a_window_makes_the_event_say_its_shard(tmp_path: Path) -> None:
    _, one = mapping(pipeline(tmp_path, tumbling_window=cdk.Duration.minutes(15)))
    assert one["TumblingWindowInSeconds"] == 900


def test_the_function_may_read_this_stream_and_send_to_this_queue_alone(tmp_path: Path) -> None:
    made, one = mapping(pipeline(tmp_path))
    policies = {
        name: each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in found(made, "AWS::IAM::Policy").items()
    }
    [(name, statements)] = [(name, each) for name, each in policies.items() if "GetRecords" in str(each)]
    [reads] = [each for each in statements if "dynamodb:GetRecords" in each["Action"]]
    [sends] = [each for each in statements if "sqs:SendMessage" in each["Action"] and "Skipped" in str(each)]
    assert reads["Resource"] == one["EventSourceArn"]
    assert sends["Resource"] == one["DestinationConfig"]["OnFailure"]["Destination"]
    [resource] = found(made, "AWS::Lambda::EventSourceMapping").values()
    assert name in resource["DependsOn"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"retries": -1},
            r"Stack/Changes has -1 retries: Lambda takes from 0 to 10,000, and without end holds a shard",
        ),
        (
            {"oldest_record": cdk.Duration.hours(24)},
            r"up to an age of 86,400 s: choose from 60 s to less than 24 hours",
        ),
        ({"oldest_record": cdk.Duration.seconds(59)}, r"up to an age of 59 s"),
        ({"tumbling_window": cdk.Duration.minutes(16)}, r"a tumbling window of 960 s: Lambda takes from 1 to 900 s"),
        ({"schema": PLAIN}, r"Stack/Orders has no stream: describe its table with stream=True"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        mapping(pipeline(tmp_path, **more))


@pytest.mark.parametrize(
    ("size", "window", "sentence"),
    [
        (0, 0, r"A batch of 0 changes is none: Lambda takes from 1 to 10,000"),
        (10_001, 0, r"A batch of 10,001 changes is none"),
        (1, 301, r"A batch cannot wait 301 s: Lambda waits from 0 to 300 s"),
    ],
)
def test_a_batch_that_lambda_does_not_make_is_refused(size: int, window: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        StreamBatch(size=size, window_seconds=window)


def test_a_function_that_falls_behind_rings(tmp_path: Path) -> None:
    made, _ = mapping(pipeline(tmp_path, watched=True, alarms=StreamAlarms(behind_seconds=60)))
    [behind] = [
        each
        for each in resources(made, "AWS::CloudWatch::Alarm")
        if each["AlarmName"] == "Stack-Changes-Behind-Warning"
    ]
    [function] = found(made, "AWS::Lambda::Function")
    assert (behind["MetricName"], behind["Threshold"]) == ("IteratorAge", 60_000)
    assert behind["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]


def test_that_alarm_can_be_left_out(tmp_path: Path) -> None:
    made, _ = mapping(pipeline(tmp_path, watched=True, alarms=StreamAlarms(behind_seconds=None)))
    assert "Behind" not in str([each["AlarmName"] for each in resources(made, "AWS::CloudWatch::Alarm")])


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(pipeline(tmp_path, watched=settings.alarms), settings=settings) == []


def test_a_stream_read_by_hand_is_found(tmp_path: Path) -> None:
    def by_hand(scope: Any, settings: Settings) -> None:
        table = SchemaTable(scope, "Orders", schema=ORDERS, settings=settings)
        function = follower(scope, tmp_path, settings).function
        table.grant_stream_read(function)
        function.add_event_source_mapping(
            "Bare", event_source_arn=table.stream_arn, starting_position=lambda_.StartingPosition.LATEST
        )

    assert [rule for rule, _ in findings(by_hand)] == ["StreamFailures"]
