"""Events for the demonstration: a thousand, the same ones for the same last day, most good and some bad on purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from carousel_sync.records import DETAIL_TYPE, SALES, SOURCE
from operations.local.samples import BRANDS, CATEGORIES, CONDITIONS, DAYS
from sales_intelligence.records import Sale

SINGLE, REPEATED, PACKS, PER_PACK = 900, 60, 30, 10
DIMENSIONS = 64
TENANTS = {"carousel-labs": 3, "vintage-dock": 1}
"""Whose sales they are, and how their numbers compare: not of the shop whose trend is shown, which stays as it is."""

SoldProduct = Mapping[str, Any]


@dataclass(frozen=True)
class Bad:
    """An event that can be no sale, or a message that no event of ours is in: one of the two."""

    detail: SoldProduct | None = None
    body: str | None = None


@dataclass(frozen=True)
class Events:
    """What is published."""

    single: Sequence[SoldProduct]
    repeats: Sequence[SoldProduct]
    """Some of the single ones again."""
    packs: Sequence[Sequence[SoldProduct]]
    bad: Sequence[Bad]

    @property
    def count(self) -> int:
        """How many events there are, bad ones among them."""
        return len(self.single) + len(self.repeats) + len(self.packs) + len(self.bad)


def events(*, last: date, taken: Sale) -> Events:
    """The events of the two years that end on `last`; one of the bad ones has the key of `taken`, a stored sale."""
    chance = Random("events of a thousand")
    sales = [_sale(number, last=last, chance=chance) for number in range(SINGLE + PACKS * PER_PACK)]
    single, packed = sales[:SINGLE], sales[SINGLE:]
    return Events(
        single=single,
        repeats=chance.sample(single, REPEATED),
        packs=[packed[start : start + PER_PACK] for start in range(0, len(packed), PER_PACK)],
        bad=_bad(single, last=last, taken=taken),
    )


def _sale(number: int, *, last: date, chance: Random) -> SoldProduct:
    category = chance.choice(list(CATEGORIES))
    brand = chance.choice(list(BRANDS))
    condition = chance.choice(list(CONDITIONS))
    listed = _money(CATEGORIES[category] * BRANDS[brand] * chance.uniform(0.7, 1.4))
    sale: dict[str, Any] = {
        "saleId": f"E{number:06d}",
        "productId": f"{category}-{chance.randrange(400):03d}",
        "tenantId": chance.choices(list(TENANTS), weights=list(TENANTS.values()))[0],
        "category": category,
        "condition": condition,
        "currency": "EUR",
        "listedPrice": listed,
        "salePrice": _money(float(listed) * CONDITIONS[condition] * chance.uniform(0.85, 1.0)),
        "soldDate": (last - timedelta(days=chance.randrange(DAYS))).isoformat(),
        "vendorId": f"vendor-{chance.randrange(60):02d}",
        "daysToSell": chance.randrange(1, 90),
    }
    if brand is not None:
        sale["brand"] = brand
    if chance.random() < 0.3:
        embedding = [round(chance.gauss(0, 0.05), 6) for _ in range(DIMENSIONS)]
        sale |= {"embeddingId": f"emb-{number:06d}", "embedding": embedding}
    if number % 10 == 9:
        del sale["saleId"]  # its producer gives none, so that one is derived
    return sale


def _bad(good: Sequence[SoldProduct], *, last: date, taken: Sale) -> list[Bad]:
    first = {**good[0], "saleId": "bad", "listedPrice": 500, "salePrice": 450}
    stored = {
        "saleId": taken.sale_id,
        "productId": taken.product_id,
        "tenantId": taken.tenant,
        "soldDate": taken.sale_date,
    }
    embedded = {**first, "embeddingId": "emb-bad"}
    pack = [{**first, "saleId": "beside-a-bad-1"}, {**first, "salePrice": -1}, {**first, "saleId": "beside-a-bad-2"}]
    details = (
        {**first, "salePrice": 0},
        {**first, "salePrice": "450"},
        {**first, "tenantId": "nobody"},
        {**first, "soldDate": (last + timedelta(days=5 * 365)).isoformat()},
        {name: value for name, value in first.items() if name != "productId"},
        {**embedded, "embedding": [0.5, 1e300]},
        {**first, **stored},
        {SALES: pack},
    )
    # A bus takes no text that is not strictly JSON: these two were put into the queue by something else.
    bodies = ("not JSON at all", _message({**embedded, "embedding": [0.5, float("nan")]}))
    return [*(Bad(detail=detail) for detail in details), *(Bad(body=body) for body in bodies)]


def _message(detail: SoldProduct) -> str:
    return json.dumps({"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": detail}, default=float)


def _money(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")
