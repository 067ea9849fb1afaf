"""An alarm on a metric of a system's own, told to whom the alarms of its monitoring are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


def first_alarm(
    scope: Construct, id: str, *, metric: cloudwatch.IMetric, name: str, description: str, monitoring: Monitoring
) -> cloudwatch.Alarm:
    """An alarm from the first that the metric counts, for what should not be at all; silence is health."""
    topic = monitoring.topic
    alarm = cloudwatch.Alarm(
        scope,
        id,
        alarm_name=name,
        alarm_description=description,
        metric=metric,
        threshold=0,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        actions_enabled=topic is not None,
    )
    if topic is not None:
        alarm.add_alarm_action(actions.SnsAction(topic))
        alarm.add_ok_action(actions.SnsAction(topic))
    return alarm
