"""Carousel sync: sold products of an event bus become sales of the table and rows of the lake, each exactly once."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.records import DETAIL_TYPE, SOURCE
from sales_intelligence.tables import SALES
from shardwell_cdk import PythonCode, PythonFunction, Schedule, SchemaTable, Settings
from shardwell_cdk.batches import EventBatch, StreamBatch
from shardwell_cdk.commits import Commits
from shardwell_cdk.event_pipeline import EventPipeline
from shardwell_cdk.lake import Lake
from shardwell_cdk.stream_pipeline import StreamPipeline
from stacks.code import system_code
from stacks.settings import KNOWN_TENANTS
from stacks.stack import monitoring_of, stack_props

SYSTEM = "carousel-sync"


class CarouselSync(cdk.Stack):
    """The queue of sold products, the functions that carry them on, the lake, and what watches over all."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, sales: SchemaTable) -> None:
        description = "Carousel sync: sold products into the table of sales and into the lake."
        super().__init__(scope, id, **stack_props(settings, system=SYSTEM, description=description))
        self._settings = settings
        self._sales = sales
        self._monitoring = monitoring_of(self, settings)
        self._lake, committer = self._history()
        pipeline, sync = self._events()
        stream, stager = self._stream()
        sweeper = self._sweep()
        outputs = {
            "QueueUrl": pipeline.queue.queue_url,
            "DeadLettersUrl": pipeline.dead_letters.queue.queue_url,
            "UndeliveredUrl": pipeline.undelivered.queue.queue_url,
            "SkippedUrl": stream.skipped.queue.queue_url,
            "StagingBucket": self._lake.staging.name,
            "TableBucketArn": self._lake.table_bucket_arn,
            "LakeNamespace": SALES_HISTORY.namespace,
            "LakeTable": SALES_HISTORY.name,
            "SyncFunction": sync.function.function_name,
            "StageFunction": stager.function.function_name,
            "CommitFunction": committer.function.function_name,
            "SweepFunction": sweeper.function.function_name,
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _history(self) -> tuple[Lake, PythonFunction]:
        committer = PythonFunction(
            self,
            "Commit",
            code=system_code("carousel_sync", group="carousel_sync_commit", services=("s3",), without=_NOT_NEEDED),
            handler="carousel_sync.commit.handler",
            description="Adds to the lake what is staged, once, with the ledger of what it has.",
            # A minute: the next call goes on where this one stops.
            timeout=cdk.Duration.seconds(60),
            # What one commit adds is in memory uncompressed: 370 MB at most were measured, and 180 for the imports.
            memory_mb=1_024,
            retries=0,
            reserved_concurrency=1,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        lake = Lake(
            self,
            "Lake",
            table=SALES_HISTORY,
            committer=committer,
            commits=Commits(after_seconds=300 if self._settings.retain else 0, at_bytes=32 * 1024 * 1024),
            vectors_days=_VECTORS_DAYS,
            # CloudFormation can only create the table: columns that come later are added by the committer.
            created_with=23,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        return lake, committer

    def _events(self) -> tuple[EventPipeline, PythonFunction]:
        sync = PythonFunction(
            self,
            "Sync",
            code=_light_code(),
            handler="carousel_sync.sync.handler",
            description="Writes sold products as sales, each once.",
            environment={
                "TABLE_NAME": self._sales.name,
                "LAKE_BUCKET": self._lake.staging.name,
                "TENANTS": ",".join(KNOWN_TENANTS[self._settings.stage]),
            },
            timeout=cdk.Duration.seconds(60),
            memory_mb=1_024,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self._sales.grant_insert(sync.function)
        self._sales.grant_read(sync.function)
        self._lake.staging.grant_vectors_write(sync.function)
        pipeline = EventPipeline(
            self,
            "Sold",
            pattern=events.EventPattern(source=[SOURCE], detail_type=[DETAIL_TYPE]),
            function=sync,
            description="Sold products of Carousel.",
            batch=EventBatch(size=500, window_seconds=10),
            dead_letter_name=f"carousel-sync-dlq-{self._settings.stage}",
            settings=self._settings,
            monitoring=self._monitoring,
        )
        return pipeline, sync

    def _stream(self) -> tuple[StreamPipeline, PythonFunction]:
        stager = PythonFunction(
            self,
            "Stage",
            code=system_code("carousel_sync", group="carousel_sync_stage", services=("s3",)),
            handler="carousel_sync.stage.handler",
            description="Stages the changes of the table of sales for the lake.",
            environment={
                "LAKE_BUCKET": self._lake.staging.name,
                # The emulator's events do not say which shard they are of; it has one.
                **({"STREAM_SHARD": "emulator"} if self._settings.stage == "local" else {}),
            },
            timeout=cdk.Duration.seconds(60),
            memory_mb=1_024,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self._lake.staging.grant_stage(stager.function)
        self._lake.staging.grant_vectors_read(stager.function)
        stream = StreamPipeline(
            self,
            "Changes",
            table=self._sales,
            function=stager,
            batch=StreamBatch(size=1_000, window_seconds=60),
            tumbling_window=cdk.Duration.minutes(15),
            settings=self._settings,
            monitoring=self._monitoring,
        )
        return stream, stager

    def _sweep(self) -> PythonFunction:
        sweeper = PythonFunction(
            self,
            "Sweep",
            code=_light_code(),
            handler="carousel_sync.sweep.handler",
            description="Deletes vectors that no sale points at.",
            environment={"TABLE_NAME": self._sales.name, "LAKE_BUCKET": self._lake.staging.name},
            timeout=cdk.Duration.minutes(15),
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self._sales.grant_read(sweeper.function)
        self._lake.staging.grant_vectors_sweep(sweeper.function)
        sweeper.let_call_itself()
        Schedule(
            self,
            "Daily",
            function=sweeper,
            schedule=events.Schedule.cron(hour="4", minute="30"),
            description="Vectors that no sale points at, at 04:30 UTC.",
            settings=self._settings,
            monitoring=self._monitoring,
        )
        return sweeper


def _light_code() -> PythonCode:
    """What both functions run that have no use for Arrow."""
    return system_code("carousel_sync", services=("dynamodb", "lambda", "s3", "sqs"), beside=("sales_intelligence",))


_SALE_DAYS = SALES.ttl.days if SALES.ttl and SALES.ttl.days else 0
# A sale expires two years after its day, which may lie a day ahead; DynamoDB deletes it within days of that.
_VECTORS_DAYS = _SALE_DAYS + 30

_NOT_NEEDED = (
    "pyarrow/include",
    "pyarrow/src",
    "pyarrow/tests",
    "pyarrow/*.pyx",
    "pyarrow/*.pxi",
    "pyarrow/libarrow_flight*",
    "pyarrow/libarrow_python_flight*",
    "pyarrow/_flight*",
    # Of three names of one library the loader looks for that with the short version.
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.*.*.*",
    "hive_metastore",
    "pygments",
    "rich",
    "zstandard/_cffi*",
    "zstandard/backend_cffi.py",
)
"""What neither committing nor reading needs of pyarrow, PyIceberg and what they bring: a third of the bundle."""
