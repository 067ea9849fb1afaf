"""Rename a construct.

Only a word in the code changed, and with it the logical id. Keep the old id with `override_logical_id`, or move the
table with a stack refactoring of CloudFormation.
"""

from __future__ import annotations

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import SchemaTable, Settings

SALES = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"))


def before(stack: Stack, settings: Settings) -> None:
    """A table."""
    SchemaTable(stack, "Sales", schema=SALES, settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """The same, under a better name."""
    SchemaTable(stack, "SalesTable", schema=SALES, settings=settings)
