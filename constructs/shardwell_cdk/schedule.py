"""A function called by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from shardwell_cdk.failure_queue import FailureQueue
from shardwell_cdk.python_function import PythonFunction
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


class Schedule(Construct):
    """Calls a function on a schedule (UTC); a call that cannot be delivered ends in a queue of its own.

    The rule's retries and queue cover delivery only. An error inside the function is the function's to keep:
    its own retries and its `failures` queue.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        function: PythonFunction,
        schedule: events.Schedule,
        description: str,
        settings: Settings,
        monitoring: Monitoring | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.undelivered = FailureQueue(self, "Undelivered", settings=settings, monitoring=monitoring)
        target = targets.LambdaFunction(
            function.function,
            dead_letter_queue=self.undelivered.queue,
            retry_attempts=2,
            max_event_age=Duration.hours(1),
        )
        self.rule = events.Rule(self, "Rule", schedule=schedule, description=description, targets=[target])
