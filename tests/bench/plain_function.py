"""A Lambda function in plain CDK, with its log, its role and the queue for what it could not handle."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from tests.bench.plain_stage import PlainStage, accept

RUNTIME = Path(__file__).resolve().parent.parent.parent / "runtime"


def failure_queue(stack: cdk.Stack, name: str, stage: PlainStage) -> sqs.Queue:
    """A queue that keeps what failed for 14 days."""
    queue = sqs.Queue(
        stack,
        name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=cdk.Duration.days(14),
        removal_policy=stage.removal,
    )
    accept(queue, "SQS3", "It is itself where failures end.")
    return queue


def function(
    stack: cdk.Stack,
    name: str,
    stage: PlainStage,
    *,
    package: str,
    handler: str,
    description: str,
    environment: dict[str, str],
    seconds: int,
    memory_mb: int = 512,
    reserved_concurrency: int | None = None,
    recursive: bool = False,
) -> tuple[lambda_.Function, sqs.Queue]:
    """The function, and its queue of failures."""
    log = logs.LogGroup(stack, f"{name}Logs", retention=stage.logs, removal_policy=stage.removal)
    role = iam.Role(stack, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log.grant_write(role)
    failures = failure_queue(stack, f"{name}Failures", stage)
    made = lambda_.Function(
        stack,
        name,
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=lambda_.Architecture.ARM_64,
        code=lambda_.Code.from_asset(str(RUNTIME / package)),
        handler=handler,
        role=role,
        memory_size=memory_mb,
        timeout=cdk.Duration.seconds(seconds),
        reserved_concurrent_executions=reserved_concurrency,
        environment={"POWERTOOLS_SERVICE_NAME": package, "STAGE": stage.name, **environment},
        log_group=log,
        logging_format=lambda_.LoggingFormat.JSON,
        application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
        system_log_level_v2=lambda_.SystemLogLevel.WARN,
        tracing=lambda_.Tracing.ACTIVE,
        recursive_loop=lambda_.RecursiveLoop.ALLOW if recursive else None,
        retry_attempts=2,
        max_event_age=cdk.Duration.hours(1),
        on_failure=destinations.SqsDestination(failures),
    )
    accept(made, "L1", "Its Python moves with its pinned dependencies.")
    accept(role, "IAM5[Resource::*]", "X-Ray knows no resources.")
    if recursive:
        statement = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[made.function_arn])
        iam.Policy(stack, f"{name}CallingItself", roles=[role], statements=[statement])
    return made, failures


def allow(made: lambda_.Function, service: str, actions: tuple[str, ...], *arns: str) -> None:
    """Lets a function call some actions of a service on some resources."""
    made.add_to_role_policy(
        iam.PolicyStatement(actions=[f"{service}:{action}" for action in actions], resources=list(arns))
    )
