"""Drop the copies that only production has.

No other stage has monthly copies, so that nobody has tried this before: the review marks what touches production
alone. Those who need a copy of last year must agree first.
"""

from __future__ import annotations

from dataclasses import replace

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import BackupPlan, SchemaTable, Settings

SALES = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"))


def before(stack: Stack, settings: Settings) -> None:
    """A table with the copies of its stage: none in dev, daily in staging, daily and monthly in prod."""
    table = SchemaTable(stack, "Sales", schema=SALES, settings=settings)
    if settings.backups:
        BackupPlan(stack, "Backup", settings=settings, tables=[table])


def after(stack: Stack, settings: Settings) -> None:
    """Daily copies at most."""
    daily = tuple(rule for rule in settings.backups if rule.name == "daily")
    table = SchemaTable(stack, "Sales", schema=SALES, settings=settings)
    if daily:
        BackupPlan(stack, "Backup", settings=replace(settings, backups=daily), tables=[table])
