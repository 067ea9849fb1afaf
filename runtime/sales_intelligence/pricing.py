"""Statistics of prices. Amounts of different currencies are never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median

from sales_intelligence.records import Sale


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStatistics:
    """What sales in one currency were sold for; `mean_discount` is the part of the original price that was let off.

    It is None where no sale has an original price above zero.
    """

    currency: str
    count: int
    min: Decimal
    max: Decimal
    mean: Decimal
    median: Decimal
    mean_discount: Decimal | None


@dataclass(frozen=True, slots=True)
class BrandPricing:
    """A brand's sales in the order of their dates, and their statistics: one for each currency, the commonest first."""

    records: list[Sale]
    statistics: list[PriceStatistics]


@dataclass(frozen=True, slots=True)
class Price:
    """What one sale brought, and what it was first priced at."""

    sold: Decimal
    original: Decimal


def statistics_of(prices: Iterable[tuple[str, Price]]) -> list[PriceStatistics]:
    """Statistics of prices given with their currency: one for each currency, the commonest first."""
    by_currency: dict[str, list[Price]] = defaultdict(list)
    for currency, price in prices:
        by_currency[currency].append(price)
    ordered = sorted(by_currency.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [_statistics(currency, found) for currency, found in ordered]


def price_of(sale: Sale) -> tuple[str, Price]:
    """The currency and the price of a sale."""
    return sale.currency, Price(Decimal(sale.sale_price), Decimal(sale.original_price))


def _statistics(currency: str, prices: list[Price]) -> PriceStatistics:
    sold = [price.sold for price in prices]
    discounts = [1 - price.sold / price.original for price in prices if price.original > 0]
    return PriceStatistics(
        currency=currency,
        count=len(sold),
        min=min(sold),
        max=max(sold),
        mean=mean(sold),
        median=median(sold),
        mean_discount=mean(discounts) if discounts else None,
    )
