"""Turn off point-in-time recovery.

Once it is off, all that could be restored is gone, and turning it on again begins at that moment. Take a backup first
if it has to be, and acknowledge it. The stage dev had none, so that nothing changes there.
"""

from __future__ import annotations

from dataclasses import replace

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import SchemaTable, Settings

SALES = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"))


def before(stack: Stack, settings: Settings) -> None:
    """A table that can be restored as its stage says."""
    SchemaTable(stack, "Sales", schema=SALES, settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """One that cannot."""
    SchemaTable(stack, "Sales", schema=SALES, settings=replace(settings, recovery_days=None))
