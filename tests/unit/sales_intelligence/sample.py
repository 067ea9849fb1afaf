"""A sale to vary."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sales_intelligence.factory import new_sale
from sales_intelligence.records import Sale

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def a_sale(number: int = 1, **changes: Any) -> Sale:
    """A dress of brand Aurelle sold by tenant `north`, with an embedding."""
    fields: dict[str, Any] = {
        "tenant": "north",
        "product_id": f"P{number}",
        "sale_id": f"S{number:04d}",
        "sale_date": "2025-11-03",
        "sale_price": Decimal("80.50"),
        "original_price": Decimal(100),
        "currency": "EUR",
        "category": "dress",
        "brand": "Aurelle",
        "embedding_id": f"E{number}",
        "now": NOW,
    }
    return new_sale(**{**fields, **changes})
