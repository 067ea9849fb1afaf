"""Events of a bus, through a queue, to a function that takes them in batches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shardwell_cdk.batches import EventBatch
from shardwell_cdk.failure_queue import FailureQueue
from shardwell_cdk.pipeline_alarms import EventAlarms
from shardwell_cdk.pipeline_monitoring import watch_events
from shardwell_cdk.python_function import PythonFunction
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring

_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


class EventPipeline(Construct):
    """Events that match a pattern, kept in a queue until a function has dealt with them, in batches.

    The function answers which messages of a batch failed (`{"batchItemFailures": [{"itemIdentifier": …}]}`): these
    alone come again, and after `attempts` wait for a person in `dead_letters`, for 14 days. The queue keeps an event
    for 4 days, and hides one that is being worked on for 6 times the function's timeout and the batch's window, as
    Lambda asks. A failed one stays hidden for the rest of that time, unless the function shows it again itself, which
    it may (`shardwell.queue_client.show_at_once`): so one that can never succeed is a dead letter within a minute. An
    event that the rule cannot deliver within a day ends in `undelivered`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pattern: events.EventPattern,
        function: PythonFunction,
        description: str,
        settings: Settings,
        bus: events.IEventBus | None = None,
        batch: EventBatch = EventBatch(),
        attempts: int = 3,
        most_at_once: int = 10,
        dead_letter_name: str | None = None,
        monitoring: Monitoring | None = None,
        alarms: EventAlarms = EventAlarms(),
    ) -> None:
        super().__init__(scope, id)
        path = self.node.path
        _check(path, attempts=attempts, most_at_once=most_at_once)
        visibility = 6 * _timeout_seconds(path, function) + batch.window_seconds
        # Named, so that the dead letters can name the one queue that they come from: a reference would be a circle.
        name = _queue_name(path, f"{Stack.of(self).stack_name}-{id}")
        self.dead_letters = _dead_letters(self, name, dead_letter_name, settings=settings, monitoring=monitoring)
        self.undelivered = FailureQueue(self, "Undelivered", settings=settings, monitoring=monitoring)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(visibility),
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters.queue, max_receive_count=attempts),
            removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
        )
        target = targets.SqsQueue(
            self.queue,
            dead_letter_queue=self.undelivered.queue,
            # The most that EventBridge offers: what is not delivered is not lost, but waits for a person.
            retry_attempts=185,
            max_event_age=Duration.hours(24),
        )
        self.rule = events.Rule(
            self, "Rule", event_bus=bus, event_pattern=pattern, description=description, targets=[target]
        )
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch.size,
            max_batching_window=Duration.seconds(batch.window_seconds),
            max_concurrency=most_at_once,
            report_batch_item_failures=True,
        )
        # Lambda refuses a mapping whose function may not read the queue yet.
        _let_read(function, self.queue).apply_before(self.mapping)
        if monitoring:
            watch_events(self, monitoring, queue=self.queue, rule=self.rule, alarms=alarms)


def _dead_letters(
    self: EventPipeline, source: str, name: str | None, *, settings: Settings, monitoring: Monitoring | None
) -> FailureQueue:
    made = FailureQueue(self, "DeadLetters", settings=settings, monitoring=monitoring)
    resource = cast(sqs.CfnQueue, made.queue.node.default_child)
    if name is not None:
        resource.queue_name = _queue_name(self.node.path, name)
    source_arn = Stack.of(self).format_arn(service="sqs", resource=source)
    resource.redrive_allow_policy = {"redrivePermission": "byQueue", "sourceQueueArns": [source_arn]}
    return made


def _let_read(function: PythonFunction, queue: sqs.Queue) -> iam.Grant:
    return iam.Grant.add_to_principal(
        grantee=function.function,
        actions=[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            # Not for Lambda: for the function, to give up a message without waiting.
            "sqs:ChangeMessageVisibility",
        ],
        resource_arns=[queue.queue_arn],
    )


def _check(path: str, *, attempts: int, most_at_once: int) -> None:
    if not 1 <= attempts <= 1_000:
        raise ValueError(f"{path} has {attempts:,} attempts at an event: SQS counts from 1 to 1,000.")
    if not 2 <= most_at_once <= 1_000:
        raise ValueError(
            f"{path} lets {most_at_once:,} calls run at once: a queue's concurrency goes from 2 to 1,000. Where only "
            "one may run, reserve a concurrency of 1 for the function."
        )


def _timeout_seconds(path: str, function: PythonFunction) -> int:
    timeout = function.function.timeout
    if timeout is None:
        raise ValueError(
            f"{path} cannot know how long an event is worked on: its function has no timeout; give it one."
        )
    return int(timeout.to_seconds())


def _queue_name(path: str, name: str) -> str:
    if not _QUEUE_NAME.fullmatch(name):
        raise ValueError(
            f"{path} would have a queue named {name!r}: SQS takes up to 80 letters, digits, dashes and underscores; "
            "choose a shorter id, or another name."
        )
    return name
