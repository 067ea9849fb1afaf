"""Shardwell: DynamoDB tables described once, and a store that reads and writes them by that description."""

from shardwell.expressions import F
from shardwell.fields import Day, Instant, from_item, to_item
from shardwell.keys import Key
from shardwell.schema import Shape, Table, Ttl

__all__ = ["Day", "F", "Instant", "Key", "Shape", "Table", "Ttl", "from_item", "to_item"]
