"""Events through a queue to a function: how often, how many at once, and where they end that fail."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from shardwell_cdk import PythonFunction, Settings
from shardwell_cdk.batches import EventBatch
from shardwell_cdk.event_pipeline import EventPipeline
from shardwell_cdk.monitoring import Monitoring
from shardwell_cdk.pipeline_alarms import EventAlarms
from tests.unit.constructs.made import CAREFUL, CARELESS, STAGES, Build, code, findings, found, resources, stack


def pipeline(folder: Path, *, timeout: int = 30, watched: bool = False, **more: Any) -> Build:
    def build(scope: Any, settings: Settings) -> EventPipeline:
        return EventPipeline(
            scope,
            "Sent",
            **{
                "pattern": events.EventPattern(source=["depot"], detail_type=["parcel.sent"]),
                "function": sorter(scope, folder, settings, timeout=timeout),
                "description": "Parcels that were sent.",
                "settings": settings,
                "monitoring": Monitoring(scope, "Watch", name="post", settings=settings) if watched else None,
                **more,
            },
        )

    return build


def sorter(scope: Any, folder: Path, settings: Settings, *, timeout: int = 30) -> PythonFunction:
    return PythonFunction(
        scope,
        "Sort",
        code=code(folder),
        handler="parcels.handler",
        description="Sorts.",
        timeout=cdk.Duration.seconds(timeout),
        settings=settings,
    )


def made_of(build: Build, settings: Settings = CAREFUL) -> cdk.Stack:
    made = stack(settings)
    build(made, settings)
    return made


def queue(made: cdk.Stack, part: str) -> tuple[str, Any]:
    """Logical id and resource of the queue with this in its id."""
    [one] = [(name, each) for name, each in found(made, "AWS::SQS::Queue").items() if part in name]
    return one


def mapping(made: cdk.Stack) -> Any:
    [one] = resources(made, "AWS::Lambda::EventSourceMapping")
    return one


def alarms(made: cdk.Stack) -> dict[str, Any]:
    return {each["AlarmName"]: each for each in resources(made, "AWS::CloudWatch::Alarm")}


def test_an_event_is_hidden_for_six_timeouts_and_the_window(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path, timeout=45, batch=EventBatch(size=500, window_seconds=20)))
    _, source = queue(made, "SentQueue")
    assert source["Properties"]["VisibilityTimeout"] == 6 * 45 + 20
    assert (mapping(made)["BatchSize"], mapping(made)["MaximumBatchingWindowInSeconds"]) == (500, 20)


def test_the_function_answers_for_each_event_and_does_not_take_the_whole_account(tmp_path: Path) -> None:
    made = mapping(made_of(pipeline(tmp_path, most_at_once=7)))
    assert made["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert made["ScalingConfig"] == {"MaximumConcurrency": 7}


def test_what_fails_so_often_waits_14_days_and_comes_from_this_queue_alone(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path, attempts=5, dead_letter_name="post-dlq-real"))
    dead, letters = queue(made, "DeadLetters")
    _, source = queue(made, "SentQueue")
    assert source["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]},
        "maxReceiveCount": 5,
    }
    assert (letters["Properties"]["QueueName"], letters["Properties"]["MessageRetentionPeriod"]) == (
        "post-dlq-real",
        14 * 24 * 3600,
    )
    allowed = letters["Properties"]["RedriveAllowPolicy"]
    assert allowed["redrivePermission"] == "byQueue"
    [[_, parts]] = [each["Fn::Join"] for each in allowed["sourceQueueArns"]]
    assert parts[-1].endswith(f":{source['Properties']['QueueName']}")


def test_the_queue_keeps_events_four_days_encrypted_and_over_tls(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path))
    source, resource = queue(made, "SentQueue")
    assert resource["Properties"]["MessageRetentionPeriod"] == 4 * 24 * 3600
    assert resource["Properties"]["SqsManagedSseEnabled"] is True
    [policy] = [each for each in resources(made, "AWS::SQS::QueuePolicy") if each["Queues"] == [{"Ref": source}]]
    denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_an_event_that_is_not_delivered_within_a_day_has_a_queue_of_its_own(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path))
    [rule] = resources(made, "AWS::Events::Rule")
    [target] = rule["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue(made, "Undelivered")[0], "Arn"]}}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
    assert rule["EventPattern"] == {"source": ["depot"], "detail-type": ["parcel.sent"]}


def test_a_bus_of_one_s_own(tmp_path: Path) -> None:
    made = stack()
    pipeline(tmp_path, bus=events.EventBus(made, "Bus"))(made, CAREFUL)
    [rule] = resources(made, "AWS::Events::Rule")
    [bus] = found(made, "AWS::Events::EventBus")
    assert rule["EventBusName"] == {"Ref": bus}


def test_the_function_may_do_with_the_queue_what_lambda_needs_and_give_messages_up(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path))
    statements = [
        each for policy in resources(made, "AWS::IAM::Policy") for each in policy["PolicyDocument"]["Statement"]
    ]
    [reads] = [each for each in statements if "sqs:ReceiveMessage" in each["Action"]]
    assert reads["Action"] == [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
    ]
    assert reads["Resource"] == {"Fn::GetAtt": [queue(made, "SentQueue")[0], "Arn"]}


def test_the_mapping_waits_for_that_grant(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path))
    [one] = found(made, "AWS::Lambda::EventSourceMapping").values()
    policies = [name for name, each in found(made, "AWS::IAM::Policy").items() if "sqs:Receive" in str(each)]
    assert set(policies) <= set(one["DependsOn"])


@pytest.mark.parametrize(("settings", "policy"), [(CAREFUL, "Retain"), (CARELESS, "Delete")])
def test_the_queues_go_with_their_stack_only_where_they_may(tmp_path: Path, settings: Settings, policy: str) -> None:
    made = made_of(pipeline(tmp_path), settings)
    assert {each["DeletionPolicy"] for each in found(made, "AWS::SQS::Queue").values()} == {policy}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"attempts": 0}, r"Stack/Sent has 0 attempts at an event: SQS counts from 1 to 1,000"),
        ({"attempts": 1_001}, r"has 1,001 attempts at an event"),
        ({"most_at_once": 1}, r"lets 1 calls run at once: a queue's concurrency goes from 2 to 1,000"),
        ({"most_at_once": 1_001}, r"lets 1,001 calls run at once"),
        ({"dead_letter_name": "a b"}, r"would have a queue named 'a b': SQS takes up to 80 letters"),
        ({"function": SimpleNamespace(function=SimpleNamespace(timeout=None))}, r"its function has no timeout"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        made_of(pipeline(tmp_path, **more))


@pytest.mark.parametrize(
    ("size", "window", "sentence"),
    [
        (11, 0, r"A batch of 11 events needs a window: give it window_seconds=1 at least, or a size of at most 10"),
        (0, 0, r"A batch of 0 events is none"),
        (10_001, 5, r"A batch of 10,001 events is none: Lambda takes from 1 to 10,000"),
        (10, 301, r"A batch cannot wait 301 s: Lambda waits from 0 to 300 s"),
    ],
)
def test_a_batch_that_lambda_does_not_make_is_refused(size: int, window: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        EventBatch(size=size, window_seconds=window)


def test_ten_events_need_no_window() -> None:
    assert EventBatch(size=10, window_seconds=0).size == 10


def test_failures_age_and_losses_have_alarms(tmp_path: Path) -> None:
    made = alarms(made_of(pipeline(tmp_path, watched=True, alarms=EventAlarms(oldest_message_seconds=600))))
    age, lost = made["Stack-Sent-Age-Warning"], made["Stack-Sent-Lost-Warning"]
    assert (age["MetricName"], age["Threshold"], age["Statistic"]) == (
        "ApproximateAgeOfOldestMessage",
        600,
        "Maximum",
    )
    assert (age["DatapointsToAlarm"], age["EvaluationPeriods"]) == (3, 5)
    assert (lost["MetricName"], lost["Threshold"]) == ("InvocationsFailedToBeSentToDlq", 0)
    assert lost["Dimensions"][0]["Name"] == "RuleName"
    for failures in ("Sent-DeadLetters", "Sent-Undelivered"):
        assert len([name for name in made if failures in name]) == 1


def test_alarms_speak_to_the_topic_and_say_what_to_do(tmp_path: Path) -> None:
    made = made_of(pipeline(tmp_path, watched=True))
    [topic] = found(made, "AWS::SNS::Topic")
    for name in ("Age", "Lost"):
        alarm = alarms(made)[f"Stack-Sent-{name}-Warning"]
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmDescription"].endswith(".")


def test_an_alarm_can_be_left_out(tmp_path: Path) -> None:
    none = EventAlarms(oldest_message_seconds=None, lost_events=None)
    made = alarms(made_of(pipeline(tmp_path, watched=True, alarms=none)))
    assert not {"Stack-Sent-Age-Warning", "Stack-Sent-Lost-Warning"} & set(made)


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(pipeline(tmp_path, watched=settings.alarms), settings=settings) == []


def test_a_queue_read_by_hand_is_found(tmp_path: Path) -> None:
    def by_hand(scope: Any, settings: Settings) -> None:
        source = sqs.Queue(scope, "Bare", enforce_ssl=True)
        sorter(scope, tmp_path, settings).function.add_event_source(sources.SqsEventSource(source))

    assert [rule for rule, _ in findings(by_hand)] == [
        "AwsSolutions-SQS3",
        "QueueConcurrency",
        "QueueFailures",
        "QueueVisibility",
    ]
