"""A table as its description says, protected as its stage asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from shardwell import Key, Table
from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.settings import Settings
from shardwell_cdk.table_alarms import TableAlarms

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


class SchemaTable(Construct):
    """A DynamoDB table made from its description, protected as its stage asks.

    Grants give the least a role needs: `grant_query(role, "GSI1")` covers that index alone, and
    `grant_insert(role)` can add items but never overwrite, read or delete one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        schema: Table,
        settings: Settings,
        monitoring: Monitoring | None = None,
        alarms: TableAlarms = TableAlarms(),
    ) -> None:
        super().__init__(scope, id)
        self.schema = schema
        self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=schema.physical_name(settings.stage),
            partition_key=_attribute(schema.key)[0],
            sort_key=_attribute(schema.key)[1],
            billing=dynamodb.Billing.on_demand(),
            global_secondary_indexes=[_index(schema, name) for name in schema.indexes],
            time_to_live_attribute=schema.ttl.attribute if schema.ttl else None,
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if schema.stream else None,
            # The key DynamoDB keeps for this account: unlike the one it owns, its use shows in CloudTrail.
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=_recovery(settings),
            deletion_protection=settings.retain,
            removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
            # Where somebody is told of throttling, CloudWatch also names the throttled keys: no other metric does.
            contributor_insights_specification=_throttled_keys() if monitoring else None,
        )
        Tags.of(self.table).add("stage", settings.stage)
        if not settings.retain:
            _acknowledge_disposable(self, settings)
        if monitoring:
            monitoring.watch_table(self.table, name=id, schema=schema, alarms=alarms)

    @property
    def name(self) -> str:
        """The table's physical name."""
        return self.table.table_name

    @property
    def arn(self) -> str:
        """The ARN of the table itself, without its indexes."""
        return self.table.table_arn

    @property
    def stream_arn(self) -> str:
        """The stream of changes; an error where the description asks for none."""
        if not self.schema.stream or self.table.table_stream_arn is None:
            raise ValueError(f"{self.node.path} has no stream: describe its table with stream=True.")
        return self.table.table_stream_arn

    def index_arn(self, index: str) -> str:
        """The index's ARN; an error that names the known ones where there is no such index."""
        if index not in self.schema.indexes:
            known = ", ".join(self.schema.indexes) or "none"
            raise ValueError(f"{self.node.path} has no index {index!r}; its indexes: {known}.")
        return f"{self.arn}/index/{index}"

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Items by key, and queries of the table itself; of no index."""
        return _grant(grantee, ("GetItem", "BatchGetItem", "Query"), self.arn)

    def grant_query(self, grantee: iam.IGrantable, index: str) -> iam.Grant:
        """Queries of this index alone."""
        return _grant(grantee, ("Query",), self.index_arn(index))

    def grant_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Put, update and delete, one by one, in batches and in transactions with their condition checks."""
        actions = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
        return _grant(grantee, actions, self.arn)

    def grant_update(self, grantee: iam.IGrantable) -> iam.Grant:
        """Updates of single items; an update of one that is not there makes it, unless its condition says otherwise."""
        return _grant(grantee, ("UpdateItem",), self.arn)

    def grant_delete(self, grantee: iam.IGrantable) -> iam.Grant:
        """Deletions of single items."""
        return _grant(grantee, ("DeleteItem",), self.arn)

    def grant_insert(self, grantee: iam.IGrantable) -> iam.Grant:
        """New items only, by PartiQL INSERT: what exists cannot be overwritten with it."""
        return _grant(grantee, ("PartiQLInsert",), self.arn)

    def grant_scan(self, grantee: iam.IGrantable, index: str | None = None) -> iam.Grant:
        """Scans of the table, or of one index."""
        return _grant(grantee, ("Scan",), self.arn if index is None else self.index_arn(index))

    def grant_stream_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """The records of the stream."""
        return _grant(grantee, ("DescribeStream", "GetRecords", "GetShardIterator"), self.stream_arn)


def _grant(grantee: iam.IGrantable, actions: tuple[str, ...], arn: str) -> iam.Grant:
    return iam.Grant.add_to_principal(
        grantee=grantee, actions=[f"dynamodb:{action}" for action in actions], resource_arns=[arn]
    )


_TYPES = {
    "S": dynamodb.AttributeType.STRING,
    "N": dynamodb.AttributeType.NUMBER,
    "B": dynamodb.AttributeType.BINARY,
}


def _attribute(key: Key) -> tuple[dynamodb.Attribute, dynamodb.Attribute | None]:
    made = [dynamodb.Attribute(name=attribute.name, type=_TYPES[attribute.type]) for attribute in key.attributes]
    return made[0], made[1] if len(made) == 2 else None


def _index(schema: Table, name: str) -> dynamodb.GlobalSecondaryIndexPropsV2:
    partition, sort = _attribute(schema.indexes[name])
    fields = schema.projected(name)
    projection = dynamodb.ProjectionType
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=partition,
        sort_key=sort,
        projection_type=projection.ALL if fields is None else projection.INCLUDE if fields else projection.KEYS_ONLY,
        non_key_attributes=list(fields) if fields else None,
    )


def _recovery(settings: Settings) -> dynamodb.PointInTimeRecoverySpecification:
    return dynamodb.PointInTimeRecoverySpecification(
        point_in_time_recovery_enabled=settings.recovery_days is not None,
        recovery_period_in_days=settings.recovery_days,
    )


def _throttled_keys() -> dynamodb.ContributorInsightsSpecification:
    return dynamodb.ContributorInsightsSpecification(enabled=True, mode=dynamodb.ContributorInsightsMode.THROTTLED_KEYS)


def _acknowledge_disposable(table: SchemaTable, settings: Settings) -> None:
    reason = f"The stage {settings.stage} does not retain: its data is made for trying things and can be made again."
    acknowledge(table.table, "Shardwell::TableRecovery", reason=reason)
    acknowledge(table.table, "Shardwell::TableProtection", reason=reason)
