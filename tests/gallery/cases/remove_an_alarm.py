"""Take the alarm from a dead-letter queue.

The queue stays and fills, and nobody is told. Give the construct its monitoring again. The stage dev has no alarms.
"""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs

from shardwell_cdk import FailureQueue, Settings
from shardwell_cdk.monitoring import Monitoring


def before(stack: Stack, settings: Settings) -> None:
    """A queue for what failed, watched where the stage has alarms."""
    monitoring = Monitoring(stack, "Monitoring", name="shop", settings=settings) if settings.alarms else None
    failures = FailureQueue(stack, "Failures", settings=settings, monitoring=monitoring)
    dead = sqs.DeadLetterQueue(queue=failures.queue, max_receive_count=3)
    sqs.Queue(stack, "Orders", dead_letter_queue=dead)


def after(stack: Stack, settings: Settings) -> None:
    """The queues alone."""
    if settings.alarms:
        Monitoring(stack, "Monitoring", name="shop", settings=settings)
    failures = FailureQueue(stack, "Failures", settings=settings)
    dead = sqs.DeadLetterQueue(queue=failures.queue, max_receive_count=3)
    sqs.Queue(stack, "Orders", dead_letter_queue=dead)
