"""What a stage means to the constructs: how well data is kept, who is told, how long logs stay."""

from __future__ import annotations

from dataclasses import dataclass

from shardwell_cdk.lambda_platform import LAMBDA_ARM64, LambdaPlatform


@dataclass(frozen=True, kw_only=True)
class BackupRule:
    """A copy made on schedule and kept for some days."""

    name: str
    """What the rule is called in the backup plan."""
    schedule: str
    """A cron expression of AWS, in UTC: `0 3 * * ? *` is each night at three."""
    keep_days: int
    """How long a copy is kept."""


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """Calls an API takes: `rate` a second for long, `burst` at once. Those above get a 429."""

    rate: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage. Data of a stage that does not `retain` may be lost: its tables go with their stack."""

    stage: str
    """Its name, in lower-case letters, digits and dashes: what `{stage}` stands for in the names of tables."""
    retain: bool
    """Whether data outlives its stack: tables and queues are kept when it goes, and cannot be deleted by mistake."""
    recovery_days: int | None
    """How far back, from 1 to 35 days, tables can be restored to any second; None: not at all."""
    alarms: bool
    """Whether our stacks make a `Monitoring`: alarms and a dashboard."""
    alarm_topic: bool
    """Whether alarms are told to an SNS topic; without one they show on the dashboard alone."""
    backups: tuple[BackupRule, ...] = ()
    """Copies that a `BackupPlan` makes."""
    log_days: int
    """How long logs are kept: a number of days that CloudWatch knows, such as 1, 7, 30 or 365."""
    throttle: Throttle = Throttle(rate=100, burst=200)
    """How many calls a `ServiceApi` takes."""
    platform: LambdaPlatform = LAMBDA_ARM64
    """What functions are bundled for: `THIS_MACHINE` where an emulator runs them."""
    region: str = "eu-west-1"
    """Where our stacks are put, unless `-c region=…` says otherwise."""
    account: str | None = None
    """The account of our stacks; None: that of the credentials they are deployed with."""
