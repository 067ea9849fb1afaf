"""Widen a policy.

The access section lists every action that is new. Ask for the grant that was meant: `grant_query(role, "ByBrand")`
covers one index. If all of it is meant, acknowledge it with the reason.
"""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from shardwell import Key, Table
from shardwell_cdk import SchemaTable, Settings

SALES = Table(
    "{stage}-sales",
    key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"),
    indexes={"ByBrand": Key(BrandPK="BRAND#{brand}", BrandSK="{saleDate}")},
)


def before(stack: Stack, settings: Settings) -> None:
    """A role that queries one index."""
    table = SchemaTable(stack, "Sales", schema=SALES, settings=settings)
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    table.grant_query(reader, "ByBrand")


def after(stack: Stack, settings: Settings) -> None:
    """A role that may do everything with every table."""
    SchemaTable(stack, "Sales", schema=SALES, settings=settings)
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    reader.add_to_policy(iam.PolicyStatement(actions=["dynamodb:*"], resources=["*"]))
