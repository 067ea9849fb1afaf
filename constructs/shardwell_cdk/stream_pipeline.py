"""The changes of a table, read from its stream by a function, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from shardwell_cdk.batches import StreamBatch
from shardwell_cdk.failure_queue import FailureQueue
from shardwell_cdk.pipeline_alarms import StreamAlarms
from shardwell_cdk.pipeline_monitoring import watch_stream
from shardwell_cdk.python_function import PythonFunction
from shardwell_cdk.schema_table import SchemaTable
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring

_STREAM_KEEPS_HOURS = 24


class StreamPipeline(Construct):
    """Every change of a table, from the oldest in its stream on, to a function that reads each shard in order.

    One call at a time reads a shard: `parallelization_factor` is 1 and no property, since what is staged in order is
    what a ledger of sequence numbers relies on. A call that raises is tried again with half of its batch, which finds
    the bad change without losing the good ones; what still fails after `retries`, or is older than
    `oldest_record`, is skipped, and its position, not the change itself, waits in `skipped`. A change stays in
    the stream for 24 hours: until then it can be read again from there, later only from the table.

    `tumbling_window` is there for its side effect: an event of a window says which shard it is of (`shardId`), as no
    other event of a table's stream does. The function then answers `{"state": {}}`, also to the empty call that ends a
    window, one for each shard: so the longest window, 15 minutes, costs least.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: SchemaTable,
        function: PythonFunction,
        settings: Settings,
        batch: StreamBatch = StreamBatch(),
        retries: int = 30,
        oldest_record: Duration | None = None,
        tumbling_window: Duration | None = None,
        monitoring: Monitoring | None = None,
        alarms: StreamAlarms = StreamAlarms(),
    ) -> None:
        super().__init__(scope, id)
        oldest = oldest_record or Duration.hours(6)
        _check(self.node.path, retries=retries, oldest=oldest, window=tumbling_window)
        self.skipped = FailureQueue(self, "Skipped", settings=settings, monitoring=monitoring)
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.function,
            event_source_arn=table.stream_arn,
            # Not LATEST, which would skip what changes between the table's first item and the mapping's first call.
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=batch.size,
            max_batching_window=Duration.seconds(batch.window_seconds),
            parallelization_factor=1,
            bisect_batch_on_error=True,
            retry_attempts=retries,
            max_record_age=oldest,
            tumbling_window=tumbling_window,
            on_failure=sources.SqsDlq(self.skipped.queue),
        )
        # Lambda refuses a mapping whose function may not read the stream yet.
        table.grant_stream_read(function.function).apply_before(self.mapping)
        if monitoring:
            watch_stream(self, monitoring, function=function.function, alarms=alarms)


def _check(path: str, *, retries: int, oldest: Duration, window: Duration | None) -> None:
    if not 0 <= retries <= 10_000:
        raise ValueError(
            f"{path} has {retries:,} retries: Lambda takes from 0 to 10,000, and without end holds a shard."
        )
    if not 60 <= oldest.to_seconds() < _STREAM_KEEPS_HOURS * 3_600:
        raise ValueError(
            f"{path} tries changes up to an age of {oldest.to_seconds():,.0f} s: choose from 60 s to less than "
            f"{_STREAM_KEEPS_HOURS} hours, after which the stream has lost them."
        )
    if window is not None and not 1 <= window.to_seconds() <= 900:
        raise ValueError(f"{path} has a tumbling window of {window.to_seconds():,.0f} s: Lambda takes from 1 to 900 s.")
