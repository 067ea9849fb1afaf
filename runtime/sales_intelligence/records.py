"""The record of a sale, and the factory that fills in what can be derived."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shardwell.fields import Day, Instant

Season = Literal["Q1", "Q2", "Q3", "Q4"]
SEASONS: tuple[Season, ...] = ("Q1", "Q2", "Q3", "Q4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One sold product. Money is a Decimal; `new_sale` fills in season and timestamps, writing it the `ttl`."""

    tenant: str
    product_id: str
    sale_id: str
    sale_date: Day
    sale_price: Decimal
    original_price: Decimal
    currency: str
    category: str
    season: Season
    brand: str | None = None
    condition: str | None = None
    embedding_id: str | None = None
    embedding_s3_key: str | None = None
    vendor_id: str | None = None
    description: str | None = None
    days_to_sell: int | None = None
    image_s3_key: str | None = None
    fingerprint: str | None = None
    """Of the event that the sale came from: whether an event that comes with its key is that one again."""
    created_at: Instant
    updated_at: Instant
    ttl: int | None = None
