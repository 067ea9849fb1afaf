"""The stages of the plain app, and what every stack of it has in common."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import IConstruct


@dataclass(frozen=True, kw_only=True)
class PlainStage:
    """One stage; `backups` are name, cron expression and days."""

    name: str
    retain: bool
    recovery_days: int | None
    logs: logs.RetentionDays
    topic: bool = False
    backups: tuple[tuple[str, str, int], ...] = ()
    rate: int = 100
    burst: int = 200
    account: str | None = None

    @property
    def removal(self) -> cdk.RemovalPolicy:
        """What becomes of data when its stack goes."""
        return cdk.RemovalPolicy.RETAIN if self.retain else cdk.RemovalPolicy.DESTROY


STAGES = (
    PlainStage(name="local", retain=False, recovery_days=None, logs=logs.RetentionDays.ONE_DAY, account="000000000000"),
    PlainStage(name="dev", retain=False, recovery_days=None, logs=logs.RetentionDays.ONE_WEEK),
    PlainStage(
        name="staging",
        retain=True,
        recovery_days=7,
        logs=logs.RetentionDays.ONE_MONTH,
        backups=(("daily", "cron(0 3 * * ? *)", 7),),
    ),
    PlainStage(
        name="prod",
        retain=True,
        recovery_days=35,
        logs=logs.RetentionDays.ONE_YEAR,
        topic=True,
        backups=(("daily", "cron(0 3 * * ? *)", 35), ("monthly", "cron(0 4 1 * ? *)", 365)),
        rate=1_000,
        burst=2_000,
    ),
)


def plain_stack(scope: cdk.Stage, id: str, stage: PlainStage, *, system: str, description: str) -> cdk.Stack:
    """An empty stack, named, tagged and deployed as the stage asks."""
    return cdk.Stack(
        scope,
        id,
        stack_name=f"shardwell-{stage.name}-{system}",
        description=description,
        tags={"stage": stage.name, "system": system},
        termination_protection=stage.retain,
        synthesizer=cdk.CliCredentialsStackSynthesizer() if stage.name == "local" else None,
    )


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Accepts a finding of cdk-nag."""
    cdk.Validations.of(construct).acknowledge(
        cdk.Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
    )
