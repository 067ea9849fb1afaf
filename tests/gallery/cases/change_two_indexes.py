"""Change two indexes at once.

Make two pull requests of it, in the order that the review gives. Each takes as long as DynamoDB needs to fill the new
index.
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
    """The same index under another name, so that one goes and one comes."""
    sales = Table(
        "{stage}-sales",
        key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"),
        indexes={"SalesOfBrand": Key(BrandPK="BRAND#{brand}", BrandSK="{saleDate}")},
    )
    SchemaTable(stack, "Sales", schema=sales, settings=settings)
