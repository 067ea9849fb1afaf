"""The examples on the pages of the constructs: each body stands there as it is here, and is run by a test."""

# A body is what a reader sees: it has imports of its own, and names as at the top of a module.
# ruff: noqa: N806

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk

from shardwell import Key, Table
from shardwell_cdk import PythonFunction, SchemaTable, Settings
from shardwell_cdk.monitoring import Monitoring

PARCELS = Table(
    "{stage}-parcels",
    key=Key(PK="DEPOT#{depot}", SK="PARCEL#{parcelId}"),
    indexes={"ByState": Key(StatePK="STATE#{state}#{shard}", StateSK="{updatedAt}").sharded(4, by="parcelId")},
)


def schema_table(stack: cdk.Stack, settings: Settings, monitoring: Monitoring, sorter: PythonFunction) -> None:
    """A table, and what one function may do with it."""
    from shardwell_cdk import SchemaTable, TableAlarms

    parcels = SchemaTable(
        stack,
        "Parcels",
        schema=PARCELS,
        settings=settings,
        monitoring=monitoring,
        alarms=TableAlarms(p99_ms={"Query": 50}),
    )
    parcels.grant_query(sorter.function, "ByState")
    parcels.grant_insert(sorter.function)


def table_alarms() -> None:
    """Thresholds other than the defaults."""
    from shardwell_cdk import TableAlarms

    # Nobody is told of latency; the traffic of ByState is spread over three busy states.
    TableAlarms(p99_ms={}, busy_keys={"ByState": 3})


def python_function(
    stack: cdk.Stack, settings: Settings, monitoring: Monitoring, here: Path, table: SchemaTable
) -> None:
    """A function of a package, bundled with what its project says it needs."""
    from shardwell_cdk import PythonCode, PythonFunction

    code = PythonCode(
        source=here,  # the folder of pyproject.toml
        package="parcels",  # and its dependency group of this name
        requirements=here / "requirements.txt",
        services=("dynamodb",),
        cache=here / ".build",
    )
    sorter = PythonFunction(
        stack,
        "Sorter",
        code=code,
        handler="parcels.sort.handler",
        description="Sorts parcels into vans.",
        environment={"TABLE_NAME": table.name},
        settings=settings,
        monitoring=monitoring,
    )
    table.grant_write(sorter.function)


def schedule(stack: cdk.Stack, settings: Settings, monitoring: Monitoring, sorter: PythonFunction) -> None:
    """A call each morning."""
    from aws_cdk import aws_events as events

    from shardwell_cdk import Schedule

    Schedule(
        stack,
        "EachMorning",
        function=sorter,
        schedule=events.Schedule.cron(hour="5", minute="30"),
        description="Sorts parcels, at 05:30 UTC.",
        settings=settings,
        monitoring=monitoring,
    )


def failure_queue(stack: cdk.Stack, settings: Settings, monitoring: Monitoring) -> None:
    """A queue for what an event source could not deliver."""
    from aws_cdk import aws_lambda_event_sources as sources

    from shardwell_cdk import FailureQueue

    lost = FailureQueue(stack, "LostChanges", settings=settings, monitoring=monitoring)
    sources.SqsDlq(lost.queue)  # as `on_failure` of a stream's event source


def event_pipeline(stack: cdk.Stack, settings: Settings, monitoring: Monitoring, sorter: PythonFunction) -> None:
    """Parcels that were sent, ten at a time."""
    from aws_cdk import aws_events as events

    from shardwell_cdk.batches import EventBatch
    from shardwell_cdk.event_pipeline import EventPipeline

    sent = EventPipeline(
        stack,
        "Sent",
        pattern=events.EventPattern(source=["depot"], detail_type=["parcel.sent"]),
        function=sorter,  # answers {"batchItemFailures": [{"itemIdentifier": …}]}
        description="Parcels that were sent.",
        settings=settings,
        batch=EventBatch(size=10, window_seconds=0),
        dead_letter_name=f"parcels-dlq-{settings.stage}",
        monitoring=monitoring,
    )
    cdk.CfnOutput(stack, "DeadLetters", value=sent.dead_letters.queue.queue_url)


def stream_pipeline(stack: cdk.Stack, settings: Settings, monitoring: Monitoring, sorter: PythonFunction) -> None:
    """What changes in a table, a thousand at a time."""
    from shardwell_cdk import SchemaTable
    from shardwell_cdk.stream_pipeline import StreamPipeline

    VANS = Table("{stage}-vans", key=Key(PK="VAN#{van}"), stream=True)

    StreamPipeline(
        stack,
        "Changes",
        table=SchemaTable(stack, "Vans", schema=VANS, settings=settings, monitoring=monitoring),
        function=sorter,
        settings=settings,
        tumbling_window=cdk.Duration.minutes(15),  # so that each event has its shardId
        monitoring=monitoring,
    )


def lake(
    stack: cdk.Stack, settings: Settings, monitoring: Monitoring, committer: PythonFunction, sorter: PythonFunction
) -> None:
    """A history of parcels, and what two functions and an analyst may do with it."""
    from aws_cdk import aws_iam as iam

    from shardwell.lake_table import Column, LakeTable
    from shardwell_cdk.lake import Lake

    HISTORY = LakeTable(
        "parcels",
        namespace="post",
        columns=(Column("depot", "string", required=True), Column("weight", "decimal(38, 10)")),
        key=("depot",),
        partition_by=("depot",),
    )

    # The committer has reserved_concurrency=1, retries=0 and a timeout of a minute.
    lake = Lake(
        stack, "Lake", table=HISTORY, committer=committer, settings=settings, vectors_days=760, monitoring=monitoring
    )
    lake.staging.grant_stage(sorter.function)
    sorter.function.add_environment("LAKE_BUCKET", lake.staging.name)
    lake.grant_query(iam.Role(stack, "Analyst", assumed_by=iam.AccountRootPrincipal()))


def lake_staging(stack: cdk.Stack, settings: Settings, sorter: PythonFunction, answering: PythonFunction) -> None:
    """A bucket without a lake, for vectors alone."""
    from shardwell_cdk.lake_staging import LakeStaging

    pictures = LakeStaging(stack, "Pictures", settings=settings, vectors_days=760)
    pictures.grant_vectors_write(sorter.function)
    pictures.grant_vectors_read(answering.function)


def batches() -> None:
    """Larger ones, and later."""
    from shardwell_cdk.batches import EventBatch, StreamBatch

    EventBatch(size=1_000, window_seconds=30)
    StreamBatch(size=10_000, window_seconds=300)


def commits() -> None:
    """Other times than the defaults."""
    from shardwell_cdk.commits import Commits

    # A commit each hour at most, unless a gigabyte waits.
    Commits(every_minutes=5, after_seconds=3_600, at_bytes=1024**3)


def pipeline_alarms() -> None:
    """Thresholds other than the defaults."""
    from shardwell_cdk.pipeline_alarms import EventAlarms, LakeAlarms, StreamAlarms

    # Events may wait for an hour, changes for half of one; rows of a lake that commits each hour for two.
    EventAlarms(oldest_message_seconds=3_600)
    StreamAlarms(behind_seconds=1_800)
    LakeAlarms(lag_seconds=7_200)


def backup_plan(stack: cdk.Stack, settings: Settings, table: SchemaTable) -> None:
    """Copies by the stage's rules, where it has some."""
    from shardwell_cdk import BackupPlan

    if settings.backups:
        BackupPlan(stack, "Backups", tables=[table], settings=settings)


def monitoring(stack: cdk.Stack, settings: Settings) -> None:
    """One for each stack of a stage with alarms."""
    from shardwell_cdk.monitoring import Monitoring

    watched = Monitoring(stack, "Monitoring", name=stack.stack_name, settings=settings) if settings.alarms else None
    SchemaTable(stack, "Parcels", schema=PARCELS, settings=settings, monitoring=watched)


def alarm_topic(stack: cdk.Stack) -> None:
    """A topic of one's own; Monitoring makes one where the stage asks for it."""
    from aws_cdk import aws_sns_subscriptions as subscriptions

    from shardwell_cdk.alarm_topic import AlarmTopic

    AlarmTopic(stack, "Alarms").topic.add_subscription(subscriptions.EmailSubscription("depot@example.com"))


def service_api(stack: cdk.Stack, settings: Settings, monitoring: Monitoring, answering: PythonFunction) -> None:
    """An API of one route, for the users of a pool."""
    from aws_cdk import aws_cognito as cognito

    from shardwell.http_routes import Parameter, Route, Success
    from shardwell.http_schema import Record, Text
    from shardwell_cdk.service_api import ServiceApi

    PARCEL = Record(name="Parcel", about="A parcel.", fields={"state": Text(about="Where it is.")})
    ROUTES = (
        Route(
            method="GET",
            path="/parcels/{parcelId}",
            name="getParcel",
            summary="One parcel",
            parameters=(Parameter(name="parcelId", schema=Text(about="Its number.", most=40), required=True),),
            answers={200: Success(about="The parcel.", schema=PARCEL)},
            problems=(404,),
        ),
    )

    pool = cognito.UserPool.from_user_pool_id(stack, "Users", "eu-west-1_example")
    api = ServiceApi(
        stack,
        "Parcels",
        routes=ROUTES,  # the function's handler is http_api(ROUTES, …)
        function=answering.function,
        user_pool=pool,
        client=pool.add_client("Client"),
        description="Where a parcel is.",
        settings=settings,
        monitoring=monitoring,
    )
    cdk.CfnOutput(stack, "Url", value=api.url)


def signing_key(stack: cdk.Stack, answering: PythonFunction) -> None:
    """A key for the cursors of an API."""
    from shardwell_cdk.signing_key import SigningKey

    cursors = SigningKey(stack, "Cursors", description="Signs the cursors of the API of parcels.")
    cursors.grant_read(answering.function)
    # The function reads it: SigningKeys(os.environ["CURSOR_SECRET_ARN"])
    answering.function.add_environment("CURSOR_SECRET_ARN", cursors.arn)


def api_alarms() -> None:
    """Thresholds other than the defaults."""
    from shardwell_cdk import ApiAlarms

    # Its callers are machines that retry: their mistakes wake nobody, and slow answers do at 500 ms.
    ApiAlarms(client_error_share=None, p99_ms=500)


def settings() -> None:
    """Two stages."""
    from shardwell_cdk import BackupRule, Settings

    TRY = Settings(stage="try", retain=False, recovery_days=None, alarms=False, alarm_topic=False, log_days=7)
    PROD = Settings(
        stage="prod",
        retain=True,
        recovery_days=35,
        alarms=True,
        alarm_topic=True,
        log_days=365,
        backups=(BackupRule(name="daily", schedule="0 3 * * ? *", keep_days=35),),
    )
    assert TRY.retain < PROD.retain


def bundle(here: Path) -> None:
    """Where a package is, and what goes with it."""
    from shardwell_cdk import PythonCode

    PythonCode(
        source=here,
        package="parcels",
        requirements=here / "requirements.txt",
        services=("dynamodb", "events"),
        cache=here / ".build",
    )


def lambda_platform() -> None:
    """What the functions of a stage are bundled for."""
    from shardwell_cdk import LAMBDA_ARM64, THIS_MACHINE

    # A local emulator runs functions as processes of this machine; Lambda runs them on arm64.
    assert THIS_MACHINE.wheels is None
    assert LAMBDA_ARM64.machine == "arm64"


def acknowledge(stack: cdk.Stack) -> None:
    """A finding, accepted where it arises."""
    from aws_cdk import aws_sqs as sqs

    from shardwell_cdk.acknowledge import acknowledge

    queue = sqs.Queue(stack, "Letters", enforce_ssl=True)
    acknowledge(queue, "AwsSolutions::AwsSolutions-SQS3", reason="People read these, and nothing else.")


def guard_rails(app: cdk.App) -> None:
    """All of them, on every template of an app."""
    from shardwell_cdk import add_guard_rails

    add_guard_rails(app)
