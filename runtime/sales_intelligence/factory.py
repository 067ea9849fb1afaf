"""New sales: what can be derived is filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sales_intelligence.records import SEASONS, Sale, Season
from sales_intelligence.tables import SALES
from shardwell.errors import BadItem
from shardwell.fields import check_fields, day_fault, to_item
from shardwell.keypart import shown


def new_sale(
    *,
    tenant: str,
    product_id: str,
    sale_id: str,
    sale_date: str,
    sale_price: Decimal,
    original_price: Decimal,
    currency: str,
    category: str,
    brand: str | None = None,
    condition: str | None = None,
    embedding_id: str | None = None,
    embedding_s3_key: str | None = None,
    vendor_id: str | None = None,
    description: str | None = None,
    days_to_sell: int | None = None,
    image_s3_key: str | None = None,
    fingerprint: str | None = None,
    now: datetime | None = None,
) -> Sale:
    """A sale with its season, its time to live and its timestamps."""
    moment = now or datetime.now(UTC)
    at = instant(moment)
    sale = Sale(
        tenant=tenant,
        product_id=product_id,
        sale_id=sale_id,
        sale_date=sale_date,
        sale_price=sale_price,
        original_price=original_price,
        currency=currency,
        category=category,
        season=season_of(sale_date),
        brand=brand,
        condition=condition,
        embedding_id=embedding_id,
        embedding_s3_key=embedding_s3_key,
        vendor_id=vendor_id,
        description=description,
        days_to_sell=days_to_sell,
        image_s3_key=image_s3_key,
        fingerprint=fingerprint,
        created_at=at,
        updated_at=at,
        ttl=time_to_live(sale_date),
    )
    check_fields(Sale, to_item(sale))
    return sale


def season_of(sale_date: str) -> Season:
    """The quarter of the year that a day is in."""
    return SEASONS[(day(sale_date).month - 1) // 3]


def time_to_live(sale_date: str) -> int:
    """Epoch second at which a sale of that day expires."""
    if SALES.ttl is None:
        raise RuntimeError("The sales table has lost its time to live.")
    return SALES.ttl.of_start(sale_date)


def day(text: str) -> date:
    """The day that a text names."""
    if not isinstance(text, str) or day_fault(text) is not None:
        raise BadItem(f"The sale date {shown(text)} is not a day of the calendar: write it as YYYY-MM-DD.")
    return date.fromisoformat(text)


def instant(moment: datetime) -> str:
    """An instant as records hold it: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
