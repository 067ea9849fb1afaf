"""Sold products of 1 KB for benchmarks: valid, distinct, and the same in every run."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

_WORDS = ("vintage", "leather", "gold", "small", "evening", "clasp", "lined", "rare", "Speedy", "tote")
_DESCRIPTION = 360


def sale(number: int) -> dict[str, Any]:
    """A sold product whose item is 1 KB as DynamoDB counts it, keys and all."""
    chance = Random(number)
    return {
        "saleId": f"SALE-{number:012d}",
        "productId": f"PROD-{chance.randrange(50_000):08d}",
        "tenantId": "carousel-labs",
        "category": chance.choice(("handbags", "dresses", "watches", "shoes")),
        "brand": chance.choice(("Aurelle", "Norvik", "Santoro")),
        "condition": "like_new",
        "listedPrice": 500 + number % 400,
        "salePrice": Decimal("450.50") + number % 400,
        "soldDate": f"2026-01-{number % 14 + 1:02d}",
        "imageS3Key": f"s3://carousel-images/products/PROD-{number:08d}.jpg",
        "description": _text(chance),
        "vendorId": f"VENDOR-{chance.randrange(5_000)}",
        "daysToSell": number % 90,
    }


def sale_as_json(number: int) -> dict[str, Any]:
    """The same with what `json` can write, its price a float."""
    one = sale(number)
    return {**one, "salePrice": float(one["salePrice"])}


def _text(chance: Random) -> str:
    found = ""
    while len(found) < _DESCRIPTION:
        found += chance.choice(_WORDS) + " "
    return found[:_DESCRIPTION].strip()
