"""Keep logs for less long.

CloudWatch deletes what is older within days, and it cannot be had back. Export the old log events first where they
are needed. A stage whose logs were kept a week keeps them a week.
"""

from __future__ import annotations

from dataclasses import replace

from aws_cdk import Stack

from shardwell_cdk import Settings
from shardwell_cdk.log_group import log_group


def before(stack: Stack, settings: Settings) -> None:
    """Logs kept as long as the stage says."""
    log_group(stack, "Logs", settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """A week, in every stage."""
    log_group(stack, "Logs", settings=replace(settings, log_days=7))
