"""What a backfill does to one record, decided from the record alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shardwell.codec import Encoded, Item
from shardwell.errors import BadItem, SchemaError
from shardwell.fields import fields_of
from shardwell.keypart import shown
from shardwell.schema import Table, Ttl
from shardwell.values import decode_item, decode_value

TOO_OLD = timedelta(days=5 * 365 - 7)
"""DynamoDB never expires an item whose time was five years ago, and may take days to get to one whose time was not."""


@dataclass(frozen=True, slots=True)
class Give:
    """The record gets this time to live."""

    at: int


@dataclass(frozen=True, slots=True)
class Delete:
    """The record's time was so long ago that DynamoDB would never expire it."""

    at: int


@dataclass(frozen=True, slots=True)
class Leave:
    """The record stays as it is: somebody gave it a time to live, it needs none, or none can be found."""

    outcome: Literal["changed", "undated", "unreadable"]
    reason: str = ""


def plan(table: Table, found: Encoded, now: datetime) -> Give | Delete | Leave:
    """What to do to a record, given its key, its time to live, and the field that decides it."""
    ttl = ttl_of(table)
    present = found.get(ttl.attribute)
    if present is not None:
        if "N" in present:
            return Leave("changed")
        value = shown(decode_value(present))
        return Leave(
            "unreadable", f"Its {ttl.attribute} is {value}, which DynamoDB does not read as a time: remove it."
        )
    item = decode_item(found)
    try:
        at = ttl.of(item, now)
    except BadItem as fault:
        return Leave("unreadable", str(fault))
    if at is None:
        if _needs_date(table, item, ttl):
            return Leave("unreadable", f"It has no {ttl.after}, from which its time to live is counted: give it one.")
        return Leave("undated")
    return Delete(at) if at < (now - TOO_OLD).timestamp() else Give(at)


def ttl_of(table: Table) -> Ttl:
    """The table's time to live, or an error where it has none."""
    if table.ttl is None:
        raise SchemaError(f"{table.name_template} has no time to live: describe one with ttl=Ttl(…) to fill it in.")
    return table.ttl


def _needs_date(table: Table, item: Item, ttl: Ttl) -> bool:
    """Whether a record like this must have the field that decides: where it may lack it, it does not expire."""
    shapes = list(table.shapes.values())
    if len(shapes) > 1:
        name = table.shape_of(item)
        shapes = [] if name is None else [table.shapes[name]]
    record = shapes[0].record if shapes else None
    return not shapes or (record is not None and fields_of(record)[ttl.after or ""].required)
