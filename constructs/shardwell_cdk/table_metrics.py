"""The metrics of a table that cdk-monitoring-constructs lacks, or whose alarm there could stay silent."""

from __future__ import annotations

import re

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb

_MINUTE = Duration.minutes(1)

# An alarm takes ten metrics in one expression: these are the operations that code with a store makes.
OPERATIONS = (
    "GetItem",
    "BatchGetItem",
    "Query",
    "Scan",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "BatchExecuteStatement",
    "TransactWriteItems",
)


def consumed(table: dynamodb.ITableV2, *, index: str | None, kind: str) -> cloudwatch.MathExpression:
    """Units that the table or one of its indexes consumes in a second, on average over a minute."""
    dimensions = {} if index is None else {"GlobalSecondaryIndexName": index}
    # Metrics in one graph need names of their own.
    units = re.sub(r"\W", "_", f"units_{index or 'table'}_{kind}")
    return cloudwatch.MathExpression(
        expression=f"{units} / PERIOD({units})",
        using_metrics={units: _metric(table, f"Consumed{kind}CapacityUnits", "Sum", **dimensions)},
        label=f"{index or 'table'} {kind.lower()}",
        period=_MINUTE,
    )


def system_errors(table: dynamodb.ITableV2) -> cloudwatch.MathExpression:
    """Errors of DynamoDB itself in a minute, over all operations.

    SUM and not `+`: an operation without errors publishes nothing, and nothing plus one is nothing.
    """
    metrics = {
        operation[0].lower() + operation[1:]: _metric(table, "SystemErrors", "Sum", Operation=operation)
        for operation in OPERATIONS
    }
    return cloudwatch.MathExpression(
        expression="SUM(METRICS())", using_metrics=metrics, label="system errors", period=_MINUTE
    )


def latency(table: dynamodb.ITableV2, *, operation: str) -> cloudwatch.Metric:
    """Milliseconds that 99 in a hundred of an operation's requests stay under, inside DynamoDB."""
    return _metric(table, "SuccessfulRequestLatency", "p99", Operation=operation)


def _metric(table: dynamodb.ITableV2, name: str, statistic: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=name,
        dimensions_map={"TableName": table.table_name, **dimensions},
        period=_MINUTE,
        statistic=statistic,
        label=dimensions.get("Operation"),
    )
