"""What a stage means to the constructs: how well data is kept, who is told, how long logs stay."""

from __future__ import annotations

from dataclasses import dataclass

from shardwell_cdk.lambda_platform import LAMBDA_ARM64, LambdaPlatform


@dataclass(frozen=True, kw_only=True)
class BackupRule:
    """A copy made on schedule (a cron expression, UTC) and kept for some days."""

    name: str
    schedule: str
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """Calls an API takes: `rate` a second for long, `burst` at once. Those above get a 429."""

    rate: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage. Data of a stage that does not `retain` may be lost: its tables go with their stack."""

    stage: str
    retain: bool
    recovery_days: int | None
    alarms: bool
    alarm_topic: bool
    backups: tuple[BackupRule, ...] = ()
    log_days: int
    throttle: Throttle = Throttle(rate=100, burst=200)
    platform: LambdaPlatform = LAMBDA_ARM64
    region: str = "eu-west-1"
    account: str | None = None
