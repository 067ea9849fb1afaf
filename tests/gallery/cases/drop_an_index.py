"""Drop an index.

First deploy the code that no longer queries it, and look at its consumed reads until they are zero. Then acknowledge
this change in each stage and deploy it. Coming back costs a whole new index, filled from the table.
"""

from __future__ import annotations

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import SchemaTable, Settings


def before(stack: Stack, settings: Settings) -> None:
    """A table with an index by brand."""
    sales = Table(
        "{stage}-sales",
        key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"),
        indexes={"ByBrand": Key(BrandPK="BRAND#{brand}", BrandSK="{saleDate}")},
    )
    SchemaTable(stack, "Sales", schema=sales, settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """The table alone."""
    sales = Table(
        "{stage}-sales",
        key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"),
    )
    SchemaTable(stack, "Sales", schema=sales, settings=settings)
