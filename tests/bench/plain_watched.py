"""What is watched of tables, queues, functions and APIs in plain CDK."""

from __future__ import annotations

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from tests.bench.plain_stage import PlainStage
from tests.bench.plain_watch import Watch, math, metric

PARTITION_UNITS = {"Read": 3_000, "Write": 1_000}
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


def watch_table(watch: Watch, name: str, table: dynamodb.TableV2, shards: dict[str, int]) -> None:
    """Throttles and consumption of the table and each index by its shards, the service's errors, and latency."""
    of_table = {"TableName": table.table_name}
    consumption, thresholds = [], []
    for index, parts in {"": 1, **shards}.items():
        of = {**of_table, "GlobalSecondaryIndexName": index} if index else of_table
        throttles, rung, used = [], [], []
        for kind, units in PARTITION_UNITS.items():
            refused = f"{kind.lower()}Throttles"
            throttled = math(
                f"FILL({refused},0)", kind, **{refused: metric("AWS/DynamoDB", f"{kind}ThrottleEvents", of)}
            )
            rung.append(watch.alarm(f"{name}{index}{kind}Throttles", throttled, 0, "Requests are throttled."))
            throttles.append(throttled)
            unit = f"units_{index}_{kind}"
            consumed = math(
                f"{unit} / PERIOD({unit})",
                f"{index or 'table'} {kind.lower()}",
                **{unit: metric("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", of)},
            )
            says = f"{index or 'The table'} consumes 80% of what one key's partitions can {kind.lower()}."
            thresholds.append(watch.alarm(f"{name}{index}{kind}Units", consumed, 0.8 * units * parts, says))
            used.append(consumed)
        consumption += used
        row = [("Read", used[:1], []), ("Write", used[1:], []), ("Throttles", throttles, rung)]
        if not index:
            search = (
                '{"AWS/DynamoDB","TableName","Operation"} "TableName"="'
                f'{table.table_name}" MetricName="SuccessfulRequestLatency"'
            )
            row.append(("Latency (average)", [math(f"SEARCH('{search}', 'Average', 60)", " ")], []))
        watch.row(f"{name} {index}", *row)
    failed = {
        operation[0].lower() + operation[1:]: metric(
            "AWS/DynamoDB", "SystemErrors", {**of_table, "Operation": operation}
        )
        for operation in OPERATIONS
    }
    errors = math("SUM(METRICS())", "system errors", **failed)
    bell = watch.alarm(f"{name}SystemErrors", errors, 0, "DynamoDB answers with errors of its own.")
    slow, bells = [], []
    for operation, most in {"GetItem": 50, "PutItem": 50, "Query": 100}.items():
        of = {**of_table, "Operation": operation}
        p99 = metric("AWS/DynamoDB", "SuccessfulRequestLatency", of, "p99", operation)
        says = f"One {operation} in a hundred takes over {most} ms inside DynamoDB."
        bells.append(watch.alarm(f"{name}{operation}Latency", p99, most, says))
        slow.append(p99)
    watch.row(
        f"{name}, against its limits",
        ("Units a second", consumption, thresholds),
        ("Errors of DynamoDB", [errors], [bell]),
        ("Latency, p99 in ms", slow, bells),
    )


def watch_queue(watch: Watch, name: str, queue: sqs.Queue) -> None:
    """The first message in a queue that should be empty."""
    of = {"QueueName": queue.queue_name}
    visible = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", of, "Maximum", "Visible")
    incoming = metric("AWS/SQS", "NumberOfMessagesSent", of, label="Incoming")
    deleted = metric("AWS/SQS", "NumberOfMessagesDeleted", of, label="Deleted")
    bell = watch.alarm(
        f"{name}Messages",
        visible,
        0,
        "Failed events wait here.",
        minutes=1,
        of_minutes=1,
        silence=cloudwatch.TreatMissingData.MISSING,
    )
    drain = "visible / (deleted - incoming) * PERIOD(deleted)"
    watch.row(
        name,
        ("Message count", [visible, incoming], [bell]),
        ("Oldest message age", [metric("AWS/SQS", "ApproximateAgeOfOldestMessage", of, "Maximum", "Age")], []),
        ("Message size", [metric("AWS/SQS", "SentMessageSize", of, "Average", "Size")], []),
        (
            "Producer and consumer",
            [
                math("incoming / PERIOD(incoming)", "Production TPS", incoming=incoming),
                math("deleted / PERIOD(deleted)", "Consumption TPS", deleted=deleted),
            ],
            [],
        ),
        (
            "Time to drain",
            [math(drain, "Time to drain (seconds)", visible=visible, incoming=incoming, deleted=deleted)],
            [],
        ),
    )


def watch_function(watch: Watch, name: str, made: lambda_.Function) -> None:
    """Errors and throttles, from the first."""
    of = {"FunctionName": made.function_name}
    errors = metric("AWS/Lambda", "Errors", of, label="Faults")
    throttles = metric("AWS/Lambda", "Throttles", of, label="Throttles")
    calls = metric("AWS/Lambda", "Invocations", of, label="Invocations")
    spilled = "ProvisionedConcurrencySpilloverInvocations"
    failed = watch.alarm(f"{name}Errors", errors, 0, "A call failed.", minutes=1, of_minutes=1)
    refused = watch.alarm(f"{name}Throttles", throttles, 0, "Calls were refused.", minutes=1, of_minutes=1)
    watch.row(
        name,
        ("TPS", [math("FILL(calls,0) / PERIOD(calls)", "TPS", calls=calls)], []),
        ("Latency", [metric("AWS/Lambda", "Duration", of, p, p.upper()) for p in ("p50", "p90", "p99")], []),
        ("Errors (rate)", [metric("AWS/Lambda", "Errors", of, "Average", "Faults (avg)")], []),
        (
            "Rates",
            [metric("AWS/Lambda", rate, of, "Average", f"{rate} (avg)") for rate in ("Throttles", spilled)],
            [],
        ),
        (
            "Invocations",
            [
                calls,
                throttles,
                metric("AWS/Lambda", "ConcurrentExecutions", of, "Maximum", "Concurrent"),
                metric("AWS/Lambda", spilled, of, label="Spillovers"),
            ],
            [refused],
        ),
        ("Errors", [errors], [failed]),
        ("Iterator", [metric("AWS/Lambda", "IteratorAge", of, "Maximum", "Iterator Age")], []),
    )


def watch_api(watch: Watch, name: str, api: apigateway.HttpApi, stage: PlainStage) -> None:
    """Errors of the API and of its callers, latency, and how near its throttle is."""
    of = {"ApiId": api.api_id, "Stage": "$default"}
    calls = metric("AWS/ApiGateway", "Count", of, label="Invocations")
    refused = metric("AWS/ApiGateway", "4xx", of, label="4xx")
    failed = metric("AWS/ApiGateway", "5xx", of, label="5xx")
    failed_share = metric("AWS/ApiGateway", "5xx", of, "Average", "5xx (avg)")
    latencies = [
        metric("AWS/ApiGateway", kind, of, p, p.upper())
        for p in ("p50", "p90", "p99")
        for kind in ("Latency", "IntegrationLatency")
    ]
    rate = math("calls / PERIOD(calls)", "TPS", calls=calls)
    share = math("IF(calls >= 50, refused / calls, 0)", "share of 4xx", calls=calls, refused=refused)
    bells = [
        watch.alarm(f"{name}Errors", failed, 0, "A call was answered with a 5xx.", minutes=1, of_minutes=1),
        watch.alarm(f"{name}ErrorShare", failed_share, 0.01, "Over 1% of calls are answered with a 5xx."),
        watch.alarm(f"{name}Latency", latencies[4], 3_000, "One call in a hundred takes over 3 s."),
        watch.alarm(f"{name}Rate", rate, 0.8 * stage.rate, "Callers use 80% of what the stage lets in."),
        watch.alarm(f"{name}ClientErrors", share, 0.5, "Over half of the calls are answered with a 4xx."),
    ]
    watch.row(
        name,
        ("TPS", [rate], bells[3:4]),
        ("Latency", latencies, bells[2:3]),
        ("Errors", [refused, failed], bells[0:1]),
        (
            "Errors (rate)",
            [metric("AWS/ApiGateway", "4xx", of, "Average", "4xx (avg)"), failed_share],
            bells[1:2],
        ),
    )
    watch.row(f"{name}, its callers", ("Share of calls refused", [share], bells[4:]))
