"""Sales Intelligence: the history of sales, and its nightly summary of brand prices."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events

from constructs import Construct
from sales_intelligence.tables import SALES
from shardwell_cdk import BackupPlan, PythonFunction, Schedule, SchemaTable, Settings
from stacks.code import system_code
from stacks.stack import monitoring_of, stack_props

SYSTEM = "sales-intelligence"


class SalesIntelligence(cdk.Stack):
    """The table of sales, the function that summarises each brand's prices at night, and what watches over both."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        description = "Sales Intelligence: the history of sales, with trends, embeddings and brand prices."
        super().__init__(scope, id, **stack_props(settings, system=SYSTEM, description=description))
        monitoring = monitoring_of(self, settings)
        sales = SchemaTable(self, "Sales", schema=SALES, settings=settings, monitoring=monitoring)
        nightly = PythonFunction(
            self,
            "NightlyPrices",
            code=system_code("sales_intelligence", services=("dynamodb",)),
            handler="sales_intelligence.nightly.handler",
            description="Summarises the prices of each brand's sales, once a night.",
            environment={"TABLE_NAME": sales.name},
            # It scans a whole index and holds a month of prices.
            timeout=cdk.Duration.minutes(15),
            memory_mb=2_048,
            # One at a time: two summaries of one night would only do the same work twice.
            reserved_concurrency=1 if settings.retain else None,
            settings=settings,
            monitoring=monitoring,
        )
        sales.grant_scan(nightly.function, "GSI3")
        Schedule(
            self,
            "Nightly",
            function=nightly,
            schedule=events.Schedule.cron(hour="2", minute="0"),
            description="Brand prices, at 02:00 UTC.",
            settings=settings,
            monitoring=monitoring,
        )
        if settings.backups:
            BackupPlan(self, "Backups", tables=[sales], settings=settings)
        cdk.CfnOutput(self, "TableName", value=sales.name)
        cdk.CfnOutput(self, "TableArn", value=sales.arn)
        cdk.CfnOutput(self, "StreamArn", value=sales.stream_arn)
        cdk.CfnOutput(self, "NightlyPricesFunction", value=nightly.function.function_name)
