"""Alarms of pipelines and of a lake, told to whom the alarms of their monitoring are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shardwell_cdk.pipeline_alarms import EventAlarms, LakeAlarms, StreamAlarms

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring

_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
_SILENCE_IS_HEALTH = cloudwatch.TreatMissingData.NOT_BREACHING
_SILENCE_IS_FAILURE = cloudwatch.TreatMissingData.BREACHING


def watch_events(
    scope: Construct, monitoring: Monitoring, *, queue: sqs.IQueue, rule: events.IRule, alarms: EventAlarms
) -> None:
    """The age of the oldest event in the queue, and events that reached no queue."""
    _old_events(scope, monitoring, queue, alarms)
    _lost_events(scope, monitoring, rule, alarms)


def watch_stream(
    scope: Construct, monitoring: Monitoring, *, function: lambda_.IFunction, alarms: StreamAlarms
) -> None:
    """How far the function is behind the table."""
    if alarms.behind_seconds is None:
        return
    says = (
        f"The function is more than {alarms.behind_seconds} s behind the table: it fails on a change again and again, "
        "or more changes than it can read. What it has not read after 24 hours is gone from the stream."
    )
    age = function.metric("IteratorAge", period=Duration.minutes(1), statistic="Maximum")
    milliseconds = alarms.behind_seconds * 1_000
    _with_alarm("Behind", age, milliseconds, says, scope, monitoring, minutes=3, of_minutes=5)


def watch_lake(
    scope: Construct,
    monitoring: Monitoring,
    *,
    lag: cloudwatch.IMetric,
    committer: lambda_.IFunction,
    alarms: LakeAlarms,
) -> None:
    """How long rows wait for their commit, and a committer that is not called at all."""
    _waiting_rows(scope, monitoring, lag, alarms)
    _silent_committer(scope, monitoring, committer, alarms)


def _old_events(scope: Construct, monitoring: Monitoring, queue: sqs.IQueue, alarms: EventAlarms) -> None:
    if alarms.oldest_message_seconds is None:
        return
    says = (
        f"Events wait for more than {alarms.oldest_message_seconds} s: the function fails on them, or more come than "
        "it is allowed to take at once."
    )
    age = queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum")
    _with_alarm("Age", age, alarms.oldest_message_seconds, says, scope, monitoring, minutes=3, of_minutes=5)


def _lost_events(scope: Construct, monitoring: Monitoring, rule: events.IRule, alarms: EventAlarms) -> None:
    if alarms.lost_events is None:
        return
    says = (
        "Events reached neither the queue nor the queue of the undelivered, and are gone: publish them again, and see "
        "what the queues' policies refuse."
    )
    lost = cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="InvocationsFailedToBeSentToDlq",
        dimensions_map={"RuleName": rule.rule_name},
        period=Duration.minutes(1),
        statistic="Sum",
    )
    _with_alarm("Lost", lost, alarms.lost_events, says, scope, monitoring)


def _waiting_rows(scope: Construct, monitoring: Monitoring, lag: cloudwatch.IMetric, alarms: LakeAlarms) -> None:
    if alarms.lag_seconds is None:
        return
    says = (
        f"A row waited more than {alarms.lag_seconds} s for its commit: read the committer's log. Staged rows stay "
        "until they are committed."
    )
    # No measure, no lag: a committer that fails rings by its errors, one that is not called by its silence.
    _with_alarm("Lag", lag, alarms.lag_seconds, says, scope, monitoring)


def _silent_committer(
    scope: Construct, monitoring: Monitoring, committer: lambda_.IFunction, alarms: LakeAlarms
) -> None:
    if alarms.silent_minutes is None:
        return
    says = (
        f"The committer was not called for {alarms.silent_minutes} minutes: see whether its schedule is enabled, and "
        "may call it. Staged rows stay until they are committed."
    )
    calls = committer.metric_invocations(period=Duration.minutes(alarms.silent_minutes), statistic="Sum")
    _with_alarm("Silent", calls, 1, says, scope, monitoring, rings=_BELOW, silence=_SILENCE_IS_FAILURE)


def _with_alarm(
    name: str,
    metric: cloudwatch.IMetric,
    threshold: float,
    says: str,
    scope: Construct,
    monitoring: Monitoring,
    *,
    minutes: int = 1,
    of_minutes: int = 1,
    rings: cloudwatch.ComparisonOperator = _ABOVE,
    silence: cloudwatch.TreatMissingData = _SILENCE_IS_HEALTH,
) -> None:
    # Only stages with alarms get here, and so only they wait for this import.
    from aws_cdk import aws_cloudwatch_actions as actions

    topic = monitoring.topic
    alarm = cloudwatch.Alarm(
        scope,
        f"{name}Alarm",
        alarm_name=f"{Stack.of(scope).stack_name}-{scope.node.id}-{name}-Warning",
        alarm_description=says,
        metric=metric,
        threshold=threshold,
        comparison_operator=rings,
        datapoints_to_alarm=minutes,
        evaluation_periods=of_minutes,
        treat_missing_data=silence,
        actions_enabled=topic is not None,
    )
    if topic is not None:
        alarm.add_alarm_action(actions.SnsAction(topic))
        alarm.add_ok_action(actions.SnsAction(topic))
