"""A Lambda function made of one system's Python package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from aws_cdk import AssetHashType, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.bundle import PythonCode, bundle
from shardwell_cdk.failure_queue import FailureQueue
from shardwell_cdk.lambda_platform import LAMBDA_ARM64
from shardwell_cdk.log_group import log_group
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


class PythonFunction(Construct):
    """A Python function on arm64 with structured logs, tracing, and a queue for the events it could not handle.

    Its role may write its own log and its traces, and nothing else: what more it needs is granted to `function`.
    The template names Lambda's Python in every stage; only the bundle is made for the stage's own platform.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: PythonCode,
        handler: str,
        settings: Settings,
        description: str,
        environment: Mapping[str, str] | None = None,
        memory_mb: int = 512,
        timeout: Duration | None = None,
        retries: int = 2,
        oldest_event: Duration | None = None,
        reserved_concurrency: int | None = None,
        monitoring: Monitoring | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.log_group = log_group(self, "Logs", settings=settings)
        self.role = _role(self, self.log_group)
        self.failures = FailureQueue(self, "Failures", settings=settings, monitoring=monitoring)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=lambda_.Runtime(f"python{LAMBDA_ARM64.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.ARM_64,
            code=_asset(self, code, settings),
            handler=handler,
            role=self.role,
            memory_size=memory_mb,
            timeout=timeout or Duration.seconds(30),
            reserved_concurrent_executions=reserved_concurrency,
            environment={"POWERTOOLS_SERVICE_NAME": code.package, "STAGE": settings.stage, **(environment or {})},
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            retry_attempts=retries,
            max_event_age=oldest_event or Duration.hours(1),
            on_failure=destinations.SqsDestination(self.failures.queue),
        )
        _trace(self)
        acknowledge(
            self.function,
            "AwsSolutions::AwsSolutions-L1",
            reason=f"Bundles are made for Python {LAMBDA_ARM64.python}; it moves with the pinned dependencies.",
        )
        if monitoring:
            monitoring.watch_function(self.function, name=id)

    def let_call_itself(self) -> None:
        """Lets the function send itself an event with the rest of its work, when one call is too short for all of it.

        Bounding the calls is the function's own part: Lambda, which would end the chain at the sixteenth, is told
        to let it go on.
        """
        resource = cast(lambda_.CfnFunction, self.function.node.default_child)
        resource.recursive_loop = "Allow"
        # A policy of its own: the function waits for its role's other policy, which so cannot name the function.
        iam.Policy(
            self,
            "CallingItself",
            roles=[self.role],
            statements=[iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])],
        )


def _role(scope: Construct, log_group: logs.LogGroup) -> iam.Role:
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    return role


def _asset(scope: Construct, code: PythonCode, settings: Settings) -> lambda_.Code:
    # CDK asks for no bundle where none is deployed (`cdk list`, unit tests): the bare package stands for it then.
    bundled = Stack.of(scope).bundling_required
    if not bundled:
        return lambda_.Code.from_asset(str(code.source / code.package))
    made = bundle(code, settings.platform)
    # Not CDK's own hash of every file: machines with and without a Python that makes bytecode agree on this one.
    return lambda_.Code.from_asset(str(made.folder), asset_hash=made.digest, asset_hash_type=AssetHashType.CUSTOM)


def _trace(self: PythonFunction) -> None:
    """Turns tracing on, with its permission in a policy of its own.

    CDK would put X-Ray's `Resource: *` among the function's other grants, where acknowledging it would hide theirs.
    """
    resource = cast(lambda_.CfnFunction, self.function.node.default_child)
    resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
    policy = iam.Policy(
        self,
        "Tracing",
        roles=[self.role],
        statements=[
            iam.PolicyStatement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"])
        ],
    )
    acknowledge(
        policy,
        "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
        reason="X-Ray knows no resources: its two actions take only a star.",
    )
