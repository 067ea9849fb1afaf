"""Where what failed waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


class FailureQueue(Construct):
    """A queue that keeps failed events for 14 days, watched from the first on where there is monitoring."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, monitoring: Monitoring | None = None) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.queue,
            "AwsSolutions::AwsSolutions-SQS3",
            reason="This queue is itself where failures end; nothing consumes it but a person.",
        )
        if monitoring:
            monitoring.watch_failures(self.queue, name=f"{scope.node.id}-{id}")
