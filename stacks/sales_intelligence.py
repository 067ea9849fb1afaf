"""Sales Intelligence: the history of sales, its API, its nightly summary of brand prices, and its TTL backfill."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from sales_intelligence.routes import ROUTES
from sales_intelligence.tables import SALES
from shardwell import backfill_metric
from shardwell_cdk import BackupPlan, PythonFunction, Schedule, SchemaTable, Settings, SigningKey
from shardwell_cdk.metric_alarm import first_alarm
from shardwell_cdk.service_api import ServiceApi
from stacks.code import system_code
from stacks.identity import Identity
from stacks.stack import monitoring_of, stack_props

SYSTEM = "sales-intelligence"


class SalesIntelligence(cdk.Stack):
    """The table of sales, the functions on it, the API in front of one of them, and what watches over all."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, identity: Identity) -> None:
        description = "Sales Intelligence: the history of sales, with trends, embeddings and brand prices."
        super().__init__(scope, id, **stack_props(settings, system=SYSTEM, description=description))
        self._settings = settings
        self._monitoring = monitoring_of(self, settings)
        self.sales = SchemaTable(self, "Sales", schema=SALES, settings=settings, monitoring=self._monitoring)
        nightly = self._nightly_prices()
        api = self._service_api(identity)
        backfill = self._ttl_backfill()
        if settings.backups:
            BackupPlan(self, "Backups", tables=[self.sales], settings=settings)
        outputs = {
            "TableName": self.sales.name,
            "TableArn": self.sales.arn,
            "StreamArn": self.sales.stream_arn,
            "NightlyPricesFunction": nightly.function.function_name,
            "TtlBackfillFunction": backfill.function.function_name,
            "ApiUrl": api.url,
            "UserPoolId": identity.pool.user_pool_id,
            "UserPoolClientId": identity.client.user_pool_client_id,
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _nightly_prices(self) -> PythonFunction:
        nightly = PythonFunction(
            self,
            "NightlyPrices",
            code=system_code("sales_intelligence", services=_SERVICES),
            handler="sales_intelligence.nightly.handler",
            description="Summarises the prices of each brand's sales, once a night.",
            environment={"TABLE_NAME": self.sales.name},
            # It scans a whole index and holds a month of prices.
            timeout=cdk.Duration.minutes(15),
            memory_mb=2_048,
            # One at a time: two summaries of one night would only do the same work twice.
            reserved_concurrency=1 if self._settings.retain else None,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self.sales.grant_scan(nightly.function, "GSI3")
        Schedule(
            self,
            "Nightly",
            function=nightly,
            schedule=events.Schedule.cron(hour="2", minute="0"),
            description="Brand prices, at 02:00 UTC.",
            settings=self._settings,
            monitoring=self._monitoring,
        )
        return nightly

    def _service_api(self, identity: Identity) -> ServiceApi:
        key = SigningKey(self, "CursorKey", description="Signs the cursors of Sales Intelligence's lists.")
        answering = PythonFunction(
            self,
            "ApiFunction",
            code=system_code("sales_intelligence", services=_SERVICES),
            handler="sales_intelligence.api.handler",
            description="Answers the calls of the HTTP API.",
            environment={"TABLE_NAME": self.sales.name, "CURSOR_SECRET_ARN": key.arn},
            # API Gateway gives up after 30 s: the function should be the first to, and say so in its log.
            timeout=cdk.Duration.seconds(28),
            # A whole CPU's worth: signing, JSON and ten shards at once are work, and so is a cold start.
            memory_mb=1_769,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self.sales.grant_read(answering.function)
        self.sales.grant_write(answering.function)
        for index in SALES.indexes:
            self.sales.grant_query(answering.function, index)
        key.grant_read(answering.function)
        return ServiceApi(
            self,
            "Api",
            routes=ROUTES,
            function=answering.function,
            user_pool=identity.pool,
            client=identity.client,
            description="Sales, trends, embeddings and brand prices of the caller's tenant.",
            settings=self._settings,
            monitoring=self._monitoring,
        )

    def _ttl_backfill(self) -> PythonFunction:
        backfill = PythonFunction(
            self,
            "TtlBackfill",
            code=system_code("sales_intelligence", services=_SERVICES),
            handler="sales_intelligence.backfill.handler",
            description="Gives every sale without a time to live its own, when it is called.",
            environment={"TABLE_NAME": self.sales.name},
            # What is left after 15 minutes it sends to itself.
            timeout=cdk.Duration.minutes(15),
            # The next call of a run may be there before the last one has ended; with room for one it would be
            # throttled, and an alarm would ring. A second run would only repeat the work of the first.
            reserved_concurrency=2 if self._settings.retain else None,
            settings=self._settings,
            monitoring=self._monitoring,
        )
        self.sales.grant_scan(backfill.function)
        self.sales.grant_update(backfill.function)
        self.sales.grant_delete(backfill.function)
        backfill.let_call_itself()
        if self._monitoring:
            first_alarm(
                self,
                "TtlBackfillLeftAlone",
                metric=cloudwatch.Metric(
                    namespace=backfill_metric.NAMESPACE,
                    metric_name=backfill_metric.LEFT_ALONE,
                    dimensions_map={backfill_metric.TABLE: self.sales.name},
                    statistic="Sum",
                    period=cdk.Duration.minutes(1),
                ),
                name=f"{self.stack_name}-TtlBackfill-Records-Left-Alone-Warning",
                description="The TTL backfill met sales that it could not give a time to live: its log group has the "
                "key of each, and why.",
                monitoring=self._monitoring,
            )
        return backfill


_SERVICES = ("dynamodb", "lambda", "secretsmanager")
"""What the functions call, of AWS: they share one bundle."""
