"""Sales for the demonstration: three shops over two years, the same ones for the same last day, on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from sales_intelligence.factory import new_sale
from sales_intelligence.records import Sale

COUNT = 10_000
DAYS = 720  # ten days short of what the table keeps, so that no sample expires while somebody looks at it
TENANTS = {"maison-nord": 5, "second-soleil": 3, "vintage-dock": 2}
"""The shops, and how their numbers of sales compare."""

CATEGORIES = {"coat": 240, "dress": 130, "knitwear": 85, "shoes": 110, "bag": 190, "jewellery": 60}
"""The categories, and what an average piece costs new."""

BRANDS = {"Aurelle": 1.6, "Fjordholm": 1.1, "Casa Lume": 0.9, "Papel & Pino": 0.7, None: 0.5}
"""The brands, and how their prices compare; some pieces have none."""

CONDITIONS = {"new": 0.85, "very good": 0.65, "good": 0.5, "worn": 0.3}
"""The conditions, and what part of the new price is paid."""


def sales(*, last: date, count: int = COUNT) -> Iterator[Sale]:
    """`count` sales of the two years that end on `last`."""
    chance = Random(f"sales of {count}")
    for number in range(count):
        yield _sale(number, last=last, chance=chance)


def _sale(number: int, *, last: date, chance: Random) -> Sale:
    tenant = chance.choices(list(TENANTS), weights=list(TENANTS.values()))[0]
    category = chance.choice(list(CATEGORIES))
    brand = chance.choice(list(BRANDS))
    condition = chance.choice(list(CONDITIONS))
    day = last - timedelta(days=chance.randrange(DAYS))
    original = _money(CATEGORIES[category] * BRANDS[brand] * chance.uniform(0.7, 1.4))
    price = min(original, _money(float(original) * CONDITIONS[condition] * _season_factor(category, day)))
    product = f"{category}-{chance.randrange(400):03d}"
    embedding = f"emb-{product}" if chance.random() < 0.3 else None
    sold_at = datetime(day.year, day.month, day.day, chance.randrange(8, 22), chance.randrange(60), tzinfo=UTC)
    return new_sale(
        tenant=tenant,
        product_id=product,
        sale_id=f"S{number:06d}",
        sale_date=day.isoformat(),
        sale_price=price,
        original_price=original,
        currency="EUR",
        category=category,
        brand=brand,
        condition=condition,
        embedding_id=embedding,
        embedding_s3_key=f"embeddings/{tenant}/{product}.parquet" if embedding else None,
        vendor_id=f"vendor-{chance.randrange(60):02d}",
        days_to_sell=chance.randrange(1, 90),
        now=sold_at,
    )


def _season_factor(category: str, day: date) -> float:
    """Coats and knitwear are dearer in winter, dresses in summer: the trend that the demonstration shows."""
    warm = day.month in (4, 5, 6, 7, 8, 9)
    if category == "dress":
        return 1.15 if warm else 0.85
    if category in ("coat", "knitwear"):
        return 0.8 if warm else 1.15
    return 1.0


def _money(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")
