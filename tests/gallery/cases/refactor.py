"""Refactor, and change nothing.

One line, and exit code 0: the constructs are made in another order and by a function, and each has the logical id and
the properties that it had.
"""

from __future__ import annotations

from aws_cdk import Stack

from shardwell import Key, Table
from shardwell_cdk import FailureQueue, SchemaTable, Settings

SALES = Table("{stage}-sales", key=Key(PK="TENANT#{tenant}", SK="SALE#{saleDate}#{saleId}"))
RETURNS = Table("{stage}-returns", key=Key(PK="TENANT#{tenant}", SK="RETURN#{returnDate}#{returnId}"))


def before(stack: Stack, settings: Settings) -> None:
    """Two tables and a queue, one after the other."""
    SchemaTable(stack, "Sales", schema=SALES, settings=settings)
    SchemaTable(stack, "Returns", schema=RETURNS, settings=settings)
    FailureQueue(stack, "Failures", settings=settings)


def after(stack: Stack, settings: Settings) -> None:
    """The same three, in another order."""
    tables = {"Returns": RETURNS, "Sales": SALES}
    FailureQueue(stack, "Failures", settings=settings)
    for name, schema in tables.items():
        SchemaTable(stack, name, schema=schema, settings=settings)
