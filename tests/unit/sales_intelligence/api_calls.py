"""Requests to the API to vary."""

from __future__ import annotations

from typing import Any

PATH = "/products/P1/sales/2025-11-03/S1"


def a_body(**changes: Any) -> dict[str, Any]:
    """The body of a sale to record, with some fields changed; `...` leaves a field out."""
    body: dict[str, Any] = {
        "productId": "P1",
        "saleId": "S1",
        "saleDate": "2025-11-03",
        "salePrice": 80.5,
        "originalPrice": 100,
        "currency": "EUR",
        "category": "dress",
        "brand": "Aurelle",
        "embeddingId": "E1",
        "daysToSell": 12,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


EVERY_ROUTE: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/sales", a_body()),
    ("GET", "/products/P1/sales", None),
    ("GET", PATH, None),
    ("PATCH", PATH, {"salePrice": 1}),
    ("DELETE", PATH, None),
    ("GET", "/trends?category=dress&season=Q4", None),
    ("GET", "/brands/Aurelle/pricing", None),
    ("GET", "/embeddings", None),
)
