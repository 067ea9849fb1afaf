"""Alarms and a dashboard in plain CDK: helpers to say what is watched, and the one dashboard of a stack."""

from __future__ import annotations

from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from tests.bench.plain_stage import PlainStage

MINUTE = cdk.Duration.minutes(1)


@dataclass(kw_only=True)
class Watch:
    """What is gathered of a stack until its dashboard is made."""

    stack: cdk.Stack
    action: actions.SnsAction | None
    rows: list[list[cloudwatch.IWidget]] = field(default_factory=list)

    def alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        most: float,
        says: str,
        *,
        minutes: int = 3,
        of_minutes: int = 5,
        silence: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        """An alarm on a metric above `most`."""
        made = cloudwatch.Alarm(
            self.stack,
            f"{name}Alarm",
            alarm_name=f"{self.stack.stack_name}-{name}",
            alarm_description=says,
            metric=metric,
            threshold=most,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=of_minutes,
            datapoints_to_alarm=minutes,
            treat_missing_data=silence,
            actions_enabled=self.action is not None,
        )
        if self.action:
            made.add_alarm_action(self.action)
            made.add_ok_action(self.action)
        return made

    def row(self, title: str, *graphs: tuple[str, list[cloudwatch.IMetric], list[cloudwatch.Alarm]]) -> None:
        """A row of the dashboard: graphs of metrics, with the thresholds of alarms in them."""
        self.rows.append([cloudwatch.TextWidget(markdown=f"### {title}", width=24, height=1)])
        self.rows.append(
            [
                cloudwatch.GraphWidget(
                    title=name,
                    left=metrics,
                    left_annotations=[alarm.to_annotation() for alarm in alarms],
                    width=24 // min(len(graphs), 4),
                    height=5,
                )
                for name, metrics, alarms in graphs
            ]
        )

    def dashboard(self) -> None:
        """The dashboard of all rows."""
        cloudwatch.Dashboard(self.stack, "Dashboard", dashboard_name=self.stack.stack_name, widgets=self.rows)


def watch(stack: cdk.Stack, stage: PlainStage) -> Watch:
    """Where the stage has a topic, alarms of the stack are told to one with a key of its own."""
    if not stage.topic:
        return Watch(stack=stack, action=None)
    key = kms.Key(stack, "TopicKey", enable_key_rotation=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    cloudwatch_service = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    key.grant(cloudwatch_service, "kms:Decrypt", "kms:GenerateDataKey*")
    topic = sns.Topic(stack, "Topic", master_key=key, enforce_ssl=True)
    topic.grant_publish(cloudwatch_service)
    return Watch(stack=stack, action=actions.SnsAction(topic))


def metric(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str = "Sum", label: str | None = None
) -> cloudwatch.Metric:
    """A metric by the minute."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=MINUTE,
        label=label,
    )


def math(expression: str, label: str, **metrics: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    """An expression of metrics by the minute."""
    return cloudwatch.MathExpression(expression=expression, using_metrics=metrics, label=label, period=MINUTE)
