"""A managed Iceberg table that one committer writes to. Importing this takes a third of a second: only lakes do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3tables as s3tables
from constructs import Construct

from shardwell import lake_metric
from shardwell.lake_table import LakeTable
from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.commits import Commits
from shardwell_cdk.lake_schema import iceberg_metadata
from shardwell_cdk.lake_staging import LakeStaging
from shardwell_cdk.pipeline_alarms import LakeAlarms
from shardwell_cdk.pipeline_monitoring import watch_lake
from shardwell_cdk.python_function import PythonFunction
from shardwell_cdk.schedule import Schedule
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)


class Lake(Construct):
    """An Iceberg table in S3 Tables, the bucket where rows wait for their commit, and the calls of its committer.

    Writers put Parquet files into the bucket of `staging`. The committer, one at a time, adds them to the table: it
    is given its grants, its schedule, and in its environment `LAKE_BUCKET`, `TABLE_BUCKET_ARN`, `COMMIT_AFTER_SECONDS`
    and `COMMIT_BYTES`. S3 Tables merges small files, ends snapshots after three days and removes files that no
    snapshot has. Give the committer `retries=0`: the next call does the same work.

    CloudFormation can only create the table. A column that is added later is added by the committer, while a template
    with another schema would replace the table, and fail over its name: from then on say in `created_with` how many
    columns of its own (without those the lake adds) the table had at first.

    Spark, DuckDB and PyIceberg read the table with `grant_query` alone, through the Iceberg endpoint of S3 Tables.
    Athena finds it once an administrator has turned on the integration of S3 Tables with AWS analytics services, which
    is one switch for each account and region. Where the integration uses IAM alone, the role needs `grant_query` and
    `glue:GetCatalog`, `glue:GetDatabase` and `glue:GetTable`. Where it uses Lake Formation, it needs these three,
    `lakeformation:GetDataAccess`, and there `DESCRIBE` on the database and `SELECT` on the table. The catalog takes no
    `CREATE VIEW`: put the current state (`shardwell.lake_read.current_state_sql`) in front of the query.

    Where the stage does not retain, the staging bucket has to be empty before its stack can be deleted.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: LakeTable,
        committer: PythonFunction,
        settings: Settings,
        commits: Commits = Commits(),
        vectors_days: int | None = None,
        created_with: int | None = None,
        monitoring: Monitoring | None = None,
        alarms: LakeAlarms = LakeAlarms(),
    ) -> None:
        super().__init__(scope, id)
        _check(self.node.path, committer=committer, commits=commits, alarms=alarms)
        self.staging = LakeStaging(self, "Staging", settings=settings, vectors_days=vectors_days)
        self.table_bucket = s3tables.CfnTableBucket(
            self,
            "TableBucket",
            table_bucket_name=_table_bucket_name(self),
            encryption_configuration=s3tables.CfnTableBucket.EncryptionConfigurationProperty(sse_algorithm="AES256"),
            unreferenced_file_removal=s3tables.CfnTableBucket.UnreferencedFileRemovalProperty(
                status="Enabled", unreferenced_days=3, noncurrent_days=10
            ),
        )
        self.namespace = s3tables.CfnNamespace(
            self, "Namespace", namespace=table.namespace, table_bucket_arn=self.table_bucket_arn
        )
        self.table = s3tables.CfnTable(
            self,
            "Table",
            table_name=table.name,
            namespace=table.namespace,
            table_bucket_arn=self.table_bucket_arn,
            open_table_format="ICEBERG",
            iceberg_metadata=iceberg_metadata(table, created_with=created_with),
            compaction=s3tables.CfnTable.CompactionProperty(status="enabled", target_file_size_mb=512),
            # The metadata that each commit writes anew lists every snapshot that there still is.
            snapshot_management=s3tables.CfnTable.SnapshotManagementProperty(
                status="enabled", min_snapshots_to_keep=1, max_snapshot_age_hours=72
            ),
        )
        # By its name alone CloudFormation does not see which namespace the table waits for.
        self.table.add_resource_dependency(self.namespace)
        _protect((self.table_bucket, self.namespace, self.table), settings)
        self._prepare(committer, commits)
        self.schedule = Schedule(
            self,
            "Commit",
            function=committer,
            schedule=events.Schedule.rate(Duration.minutes(commits.every_minutes)),
            description=f"Commits what waits for the lake's table {table.name}.",
            settings=settings,
            monitoring=monitoring,
        )
        if monitoring:
            watch_lake(self, monitoring, lag=self._lag(), committer=committer.function, alarms=alarms)

    @property
    def table_bucket_arn(self) -> str:
        """The ARN of the table bucket: the `warehouse` of Iceberg's libraries."""
        return self.table_bucket.attr_table_bucket_arn

    @property
    def table_arn(self) -> str:
        """The ARN of the table."""
        return self.table.attr_table_arn

    def grant_query(self, grantee: iam.IGrantable) -> iam.Grant:
        """Reading the table, its history and its description, through the Iceberg endpoint of S3 Tables."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "s3tables:GetTableBucket",
                "s3tables:ListNamespaces",
                "s3tables:GetNamespace",
                "s3tables:ListTables",
                "s3tables:GetTable",
                "s3tables:GetTableMetadataLocation",
                "s3tables:GetTableData",
            ],
            resource_arns=[self.table_bucket_arn, self.table_arn],
        )

    def _prepare(self, committer: PythonFunction, commits: Commits) -> None:
        function = committer.function
        self.staging.grant_commit(function)
        iam.Grant.add_to_principal(
            grantee=function, actions=["s3tables:GetTableBucket"], resource_arns=[self.table_bucket_arn]
        )
        iam.Grant.add_to_principal(grantee=function, actions=list(_TO_COMMIT), resource_arns=[self.table_arn])
        for name, value in {
            "LAKE_BUCKET": self.staging.name,
            "TABLE_BUCKET_ARN": self.table_bucket_arn,
            "COMMIT_AFTER_SECONDS": str(commits.after_seconds),
            "COMMIT_BYTES": str(commits.at_bytes),
        }.items():
            function.add_environment(name, value)

    def _lag(self) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=lake_metric.NAMESPACE,
            metric_name=lake_metric.LAG,
            dimensions_map={lake_metric.LAKE: self.staging.name},
            # Not every minute has a commit.
            period=Duration.minutes(5),
            statistic="Maximum",
        )


_TO_COMMIT = (
    "s3tables:GetTableMetadataLocation",
    "s3tables:GetTableData",
    "s3tables:PutTableData",
    "s3tables:UpdateTableMetadataLocation",
)


def _protect(resources: tuple[CfnResource, ...], settings: Settings) -> None:
    for resource in resources:
        resource.apply_removal_policy(RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY)
        if not settings.retain:
            acknowledge(
                resource,
                "Shardwell::LakeProtection",
                reason=f"The stage {settings.stage} does not retain: its data is made for trying things and can be "
                "made again.",
            )


def _table_bucket_name(self: Lake) -> str:
    name = f"{Stack.of(self).stack_name}-{self.node.id}".lower()
    if not _BUCKET_NAME.fullmatch(name):
        raise ValueError(
            f"{self.node.path} would have a table bucket named {name!r}: S3 Tables takes 3 to 63 lower-case letters, "
            "digits and dashes; choose a shorter id, or another name for the stack."
        )
    return name


def _check(path: str, *, committer: PythonFunction, commits: Commits, alarms: LakeAlarms) -> None:
    reserved = cast(lambda_.CfnFunction, committer.function.node.default_child).reserved_concurrent_executions
    if reserved != 1:
        raise ValueError(
            f"{path} has a committer of which {reserved or 'any number'} may run at once, and two would refuse each "
            "other's commits: give it reserved_concurrency=1."
        )
    timeout = committer.function.timeout
    if timeout is None or timeout.to_seconds() > commits.every_minutes * 60:
        raise ValueError(
            f"{path} calls its committer every {commits.every_minutes} min, but one may run for longer, and calls "
            "would pile up behind it: give it a timeout of at most that, or call it less often."
        )
    if alarms.lag_seconds is not None and alarms.lag_seconds <= commits.usual_lag_seconds:
        raise ValueError(
            f"{path} rings at a lag of {alarms.lag_seconds:,} s, but lets rows wait for "
            f"{commits.usual_lag_seconds:,} s: choose a lag above that."
        )
    if alarms.silent_minutes is not None and alarms.silent_minutes <= commits.every_minutes:
        raise ValueError(
            f"{path} rings after {alarms.silent_minutes} minutes without a call, but calls every "
            f"{commits.every_minutes}: choose more."
        )
