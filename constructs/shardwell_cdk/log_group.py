"""A log group that keeps what it is told for as long as its stage says."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from shardwell_cdk.settings import Settings

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_group(scope: Construct, id: str, *, settings: Settings) -> logs.LogGroup:
    """A log group of the stage: kept when its stack goes where the stage retains, and never kept for ever."""
    if settings.log_days not in _RETENTION:
        offered = ", ".join(map(str, _RETENTION))
        raise ValueError(f"Logs cannot be kept {settings.log_days} days: choose {offered}.")
    return logs.LogGroup(
        scope,
        id,
        retention=_RETENTION[settings.log_days],
        removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
    )
