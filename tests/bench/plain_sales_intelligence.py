"""Sales Intelligence in plain CDK: the table, three functions, the API, the schedule, backups and what is watched."""

from __future__ import annotations

import json
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_authorizers import HttpUserPoolAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

from tests.bench.plain_function import allow, failure_queue, function
from tests.bench.plain_stage import PlainStage, accept, plain_stack
from tests.bench.plain_watch import metric, watch
from tests.bench.plain_watched import watch_api, watch_function, watch_queue, watch_table

PACKAGE = "sales_intelligence"
SHARDS = {"GSI1": 10, "GSI2": 5, "GSI3": 1}
SALE = "/products/{productId}/sales/{saleDate}/{saleId}"
ROUTES = (
    ("POST", "/sales"),
    ("GET", "/products/{productId}/sales"),
    ("GET", SALE),
    ("PATCH", SALE),
    ("DELETE", SALE),
    ("GET", "/trends"),
    ("GET", "/brands/{brand}/pricing"),
    ("GET", "/embeddings"),
)
READS = ("GetItem", "BatchGetItem", "Query")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "user": "$context.authorizer.claims.sub",
    "address": "$context.identity.sourceIp",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "functionMs": "$context.integrationLatency",
    "functionStatus": "$context.integration.integrationStatus",
    "functionRequestId": "$context.integration.requestId",
    "refused": "$context.error.responseType",
}


def sales_intelligence(
    scope: cdk.Stage, stage: PlainStage, pool: cognito.UserPool, client: cognito.UserPoolClient
) -> None:
    """Makes the stack."""
    description = "Sales Intelligence: the history of sales, with trends, embeddings and brand prices."
    stack = plain_stack(scope, "SalesIntelligence", stage, system="sales-intelligence", description=description)
    table = _table(stack, stage)
    nightly, nightly_failures = function(
        stack,
        "NightlyPrices",
        stage,
        package=PACKAGE,
        handler="sales_intelligence.nightly.handler",
        description="Summarises the prices of each brand's sales, once a night.",
        environment={"TABLE_NAME": table.table_name},
        seconds=900,
        memory_mb=2_048,
        reserved_concurrency=1 if stage.retain else None,
    )
    allow(nightly, "dynamodb", ("Scan",), f"{table.table_arn}/index/GSI3")
    undelivered = _schedule(stack, nightly, stage)
    key = secrets.Secret(
        stack,
        "CursorKey",
        description="Signs the cursors of Sales Intelligence's lists.",
        generate_secret_string=secrets.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    accept(key, "SMG4", "It opens nothing.")
    answering, answering_failures = function(
        stack,
        "ApiFunction",
        stage,
        package=PACKAGE,
        handler="sales_intelligence.api.handler",
        description="Answers the calls of the HTTP API.",
        environment={"TABLE_NAME": table.table_name, "CURSOR_SECRET_ARN": key.secret_arn},
        seconds=28,
        memory_mb=1_769,
    )
    allow(answering, "dynamodb", (*READS, *WRITES), table.table_arn)
    allow(answering, "dynamodb", ("Query",), *(f"{table.table_arn}/index/{index}" for index in SHARDS))
    allow(answering, "secretsmanager", ("GetSecretValue",), key.secret_arn)
    api, url = _api(stack, stage, answering, pool, client)
    backfill, backfill_failures = function(
        stack,
        "TtlBackfill",
        stage,
        package=PACKAGE,
        handler="sales_intelligence.backfill.handler",
        description="Gives every sale without a time to live its own, when it is called.",
        environment={"TABLE_NAME": table.table_name},
        seconds=900,
        reserved_concurrency=2 if stage.retain else None,
        recursive=True,
    )
    allow(backfill, "dynamodb", ("Scan", "UpdateItem", "DeleteItem"), table.table_arn)
    if stage.backups:
        _backups(stack, table, stage)
    if stage.retain:
        watched = watch(stack, stage)
        watch_table(watched, "Sales", table, SHARDS)
        queues = {
            "NightlyPricesFailures": nightly_failures,
            "NightlyUndelivered": undelivered,
            "ApiFunctionFailures": answering_failures,
            "TtlBackfillFailures": backfill_failures,
        }
        for name, queue in queues.items():
            watch_queue(watched, name, queue)
        for name, made in {"NightlyPrices": nightly, "ApiFunction": answering, "TtlBackfill": backfill}.items():
            watch_function(watched, name, made)
        watch_api(watched, "Api", api, stage)
        left_alone = metric("Shardwell/Backfill", "RecordsLeftAlone", {"table": table.table_name})
        watched.alarm("TtlBackfillLeftAlone", left_alone, 0, "The backfill left sales alone.", minutes=1, of_minutes=1)
        watched.dashboard()
    outputs = {
        "TableName": table.table_name,
        "TableArn": table.table_arn,
        "StreamArn": table.table_stream_arn,
        "NightlyPricesFunction": nightly.function_name,
        "TtlBackfillFunction": backfill.function_name,
        "ApiUrl": url,
        "UserPoolId": pool.user_pool_id,
        "UserPoolClientId": client.user_pool_client_id,
    }
    for name, value in outputs.items():
        cdk.CfnOutput(stack, name, value=value)


def _table(stack: cdk.Stack, stage: PlainStage) -> dynamodb.TableV2:
    def text(name: str) -> dynamodb.Attribute:
        return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)

    table = dynamodb.TableV2(
        stack,
        "Sales",
        table_name=f"shardwell-{stage.name}-sales-intelligence",
        partition_key=text("PK"),
        sort_key=text("SK"),
        billing=dynamodb.Billing.on_demand(),
        global_secondary_indexes=[
            dynamodb.GlobalSecondaryIndexPropsV2(
                index_name=index, partition_key=text(f"{index}PK"), sort_key=text(f"{index}SK")
            )
            for index in SHARDS
        ],
        time_to_live_attribute="ttl",
        dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=stage.recovery_days is not None,
            recovery_period_in_days=stage.recovery_days,
        ),
        deletion_protection=stage.retain,
        removal_policy=stage.removal,
        contributor_insights_specification=dynamodb.ContributorInsightsSpecification(
            enabled=True, mode=dynamodb.ContributorInsightsMode.THROTTLED_KEYS
        )
        if stage.retain
        else None,
    )
    cdk.Tags.of(table).add("stage", stage.name)
    return table


def _schedule(stack: cdk.Stack, nightly: lambda_.Function, stage: PlainStage) -> sqs.Queue:
    undelivered = failure_queue(stack, "NightlyUndelivered", stage)
    target = targets.LambdaFunction(
        nightly, dead_letter_queue=undelivered, retry_attempts=2, max_event_age=cdk.Duration.hours(1)
    )
    events.Rule(
        stack,
        "Nightly",
        description="Brand prices, at 02:00 UTC.",
        schedule=events.Schedule.cron(hour="2", minute="0"),
        targets=[target],
    )
    return undelivered


def _api(
    stack: cdk.Stack,
    stage: PlainStage,
    answering: lambda_.Function,
    pool: cognito.UserPool,
    client: cognito.UserPoolClient,
) -> tuple[apigateway.HttpApi, str]:
    log = logs.LogGroup(stack, "AccessLog", retention=stage.logs, removal_policy=stage.removal)
    api = apigateway.HttpApi(
        stack,
        "Api",
        api_name=f"{stack.stack_name}-Api",
        description="Sales, trends, embeddings and brand prices of the caller's tenant.",
        create_default_stage=False,
    )
    deployed = apigateway.HttpStage(
        stack,
        "Stage",
        http_api=api,
        auto_deploy=True,
        throttle=apigateway.ThrottleSettings(rate_limit=stage.rate, burst_limit=stage.burst),
    )
    # Python cannot make the interface that HttpStage wants of a log without a class of its own for it.
    cast(
        apigateway.CfnStage, deployed.node.default_child
    ).access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
        destination_arn=log.log_group_arn, format=json.dumps(ACCESS_LOG)
    )
    integration = HttpLambdaIntegration("Function", answering)
    authorizer = HttpUserPoolAuthorizer("Users", pool, user_pool_clients=[client])
    for method, path in ROUTES:
        api.add_routes(
            path=path, methods=[apigateway.HttpMethod(method)], integration=integration, authorizer=authorizer
        )
    return api, deployed.url


def _backups(stack: cdk.Stack, table: dynamodb.TableV2, stage: PlainStage) -> None:
    key = kms.Key(stack, "BackupKey", enable_key_rotation=True, removal_policy=stage.removal)
    vault = backup.BackupVault(stack, "Vault", encryption_key=key, removal_policy=stage.removal)
    plan = backup.BackupPlan(stack, "Plan", backup_vault=vault)
    for name, schedule, days in stage.backups:
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name=name,
                schedule_expression=events.Schedule.expression(schedule),
                delete_after=cdk.Duration.days(days),
            )
        )
    selection = plan.add_selection("Tables", resources=[backup.BackupResource.from_arn(table.table_arn)])
    policy = "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    accept(selection, f"IAM4[Policy::{policy}]", "AWS keeps this policy in step with its backup service.")
