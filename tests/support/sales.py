"""Sales to write in tests: valid, distinct, and the same in every run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def sale(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The sale of a number, with some fields changed; None leaves a field out."""
    item: dict[str, Any] = {
        "tenant": "acme",
        "productId": f"p{number % 7}",
        "saleId": f"s{number:04d}",
        "saleDate": f"2026-10-{number % 28 + 1:02d}",
        "salePrice": Decimal("5.50"),
        "originalPrice": Decimal(9),
        "currency": "EUR",
        "category": "dress",
        "season": "Q4",
        "createdAt": "2026-10-01T00:00:00Z",
        "updatedAt": "2026-10-01T00:00:00Z",
        **changes,
    }
    return {name: value for name, value in item.items() if value is not None}


def key(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of a sale's table key."""
    return {name: item[name] for name in ("tenant", "productId", "saleDate", "saleId")}


def without_ttl(item: dict[str, Any] | None) -> dict[str, Any] | None:
    """A sale as a test wrote it, before the store gave it its time to live."""
    return None if item is None else {name: value for name, value in item.items() if name != "ttl"}
