"""Changes of the sales table as rows of the lake's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carousel_sync.lake import SALES_HISTORY
from shardwell.errors import BadItem
from shardwell.fields import day_fault
from shardwell.keypart import shown
from shardwell.lake_values import lake_row
from shardwell.stream_events import Change

_COLUMNS = {
    "tenant": "tenant_id",
    "productId": "product_id",
    "saleDate": "sale_date",
    "saleId": "sale_id",
    "season": "season",
    "category": "category",
    "brand": "brand",
    "condition": "condition",
    "currency": "currency",
    "salePrice": "sale_price",
    "originalPrice": "original_price",
    "vendorId": "vendor_id",
    "daysToSell": "days_to_sell",
    "description": "description",
    "imageS3Key": "image_s3_key",
    "embeddingId": "embedding_id",
    "embeddingS3Key": "embedding_s3_key",
    "fingerprint": "fingerprint",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
"""An attribute of a sale and its column. Everything else that an item has is the table's own affair: keys, `ttl`."""

_KEY = ("tenant", "productId", "saleDate", "saleId")


def tells_something(change: Change) -> bool:
    """Whether the lake would have another row for it: a sale whose time to live alone is new has changed for no one."""
    return change.operation != "change" or any(
        change.before.get(attribute) != change.after.get(attribute) for attribute in _COLUMNS
    )


def sale_row(change: Change, vector: bytes | None) -> dict[str, Any]:
    """The row of a change; a deleted sale as it was last."""
    item = change.item
    try:
        day = item.get("saleDate")
        if not isinstance(day, str) or day_fault(day) is not None:
            raise BadItem(f"saleDate is {shown(day)}: a sale has a day, as YYYY-MM-DD.")
        values = {column: item.get(attribute) for attribute, column in _COLUMNS.items()}
        return lake_row(
            SALES_HISTORY,
            {
                **values,
                "year": int(day[:4]),
                "month": int(day[5:7]),
                "embedding": vector,
                "operation": change.operation,
                "sequence": change.sequence,
                "recorded_at": change.at,
            },
        )
    except BadItem as error:
        raise BadItem(f"The item {described(item)} is no sale that the lake can hold. {error}") from error


def described(item: Mapping[str, Any]) -> str:
    """An item's key as an error shows it."""
    if not any(name in item for name in _KEY):
        return ", ".join(f"{name}={shown(item.get(name))}" for name in ("PK", "SK"))
    return ", ".join(f"{name}={shown(item.get(name))}" for name in _KEY)
