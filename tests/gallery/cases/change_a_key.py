"""Change the key of a table.

A key cannot change. Make a second table beside the first, [fill it](backfill.md), let the code read it, and remove the
first one in a change of its own.
"""

from __future__ import annotations

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import SchemaTable, Settings


def before(stack: Stack, settings: Settings) -> None:
    """The sales of a tenant by day."""
    sales = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"))
    SchemaTable(stack, "Sales", schema=sales, settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """The sort key is another attribute."""
    sales = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SaleSK="SALE#{saleId}"))
    SchemaTable(stack, "Sales", schema=sales, settings=settings)
