"""The sale that an event becomes."""

from __future__ import annotations

from datetime import datetime

from carousel_sync.fingerprint import fingerprint
from carousel_sync.records import SoldEvent
from sales_intelligence.factory import new_sale
from sales_intelligence.records import Sale


def sale_of(event: SoldEvent, *, currency: str, now: datetime) -> Sale:
    """The sale, without a pointer to its embedding; `currency` is that of events that name none."""
    return new_sale(
        tenant=event.tenant,
        product_id=event.product_id,
        sale_id=event.sale_id,
        sale_date=event.sale_date,
        sale_price=event.sale_price,
        original_price=event.original_price,
        currency=event.currency or currency,
        category=event.category,
        brand=event.brand,
        condition=event.condition,
        embedding_id=event.embedding_id,
        vendor_id=event.vendor_id,
        description=event.description,
        days_to_sell=event.days_to_sell,
        image_s3_key=event.image_s3_key,
        fingerprint=fingerprint(event),
        now=now,
    )
