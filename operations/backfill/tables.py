"""The tables that records can be given a time to live in, by the name of their system."""

from sales_intelligence.tables import SALES
from shardwell import Table

TABLES: dict[str, Table] = {"sales-intelligence": SALES}
