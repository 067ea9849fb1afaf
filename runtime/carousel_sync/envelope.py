"""The message that EventBridge puts into the queue: whether it is one of ours, and the sales in it."""

from __future__ import annotations

from typing import Any

from carousel_sync.event_json import read_event_json
from carousel_sync.parse import FIELDS
from carousel_sync.records import DETAIL_TYPE, SALES, SOURCE
from shardwell.errors import BadItem
from shardwell.keypart import shown


def sales_in(body: str) -> list[Any]:
    """What a message says of each of its sales, one or packed, not checked yet; BadItem where it has none."""
    try:
        event = read_event_json(body)
    except ValueError as error:
        raise BadItem(f"The message is no JSON that can be read ({error}): send events of EventBridge only.") from None
    if not isinstance(event, dict) or "detail-type" not in event or "detail" not in event:
        raise BadItem("The message is no event of EventBridge, which has a detail-type and a detail: send those only.")
    for name, wanted in (("source", SOURCE), ("detail-type", DETAIL_TYPE)):
        if event.get(name) != wanted:
            raise BadItem(f"The event has the {name} {shown(event.get(name))}, and {wanted} is taken: check the rule.")
    return _sales_of(event["detail"])


def _sales_of(detail: Any) -> list[Any]:
    if not isinstance(detail, dict):
        raise BadItem(f"The event's detail is of type {type(detail).__name__}: give an object.")
    if SALES not in detail:
        return [detail]
    sales = detail[SALES]
    if not isinstance(sales, list) or not sales:
        raise BadItem(f"The event's {SALES} are no list with a sale in it: give one, or the sale itself as the detail.")
    if both := sorted(detail.keys() & FIELDS):
        raise BadItem(f"The event's detail has {SALES} and also {', '.join(both)}: give a sale, or a list of them.")
    return sales
