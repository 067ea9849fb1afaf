"""The generated sales: the same ones each time, of the shape that the demonstration shows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from statistics import mean

from operations.local import samples
from sales_intelligence.records import Sale

LAST = date(2026, 11, 20)
ALL: tuple[Sale, ...] = tuple(samples.sales(last=LAST))


def test_the_same_last_day_gives_the_same_sales() -> None:
    assert tuple(samples.sales(last=LAST)) == ALL
    assert tuple(samples.sales(last=LAST - timedelta(days=1))) != ALL


def test_ten_thousand_sales_with_keys_of_their_own() -> None:
    keys = {(sale.tenant, sale.product_id, sale.sale_date, sale.sale_id) for sale in ALL}

    assert len(keys) == len(ALL) == 10_000


def test_three_tenants_over_two_years_none_so_old_that_it_expires() -> None:
    days = [date.fromisoformat(sale.sale_date) for sale in ALL]

    assert {sale.tenant for sale in ALL} == set(samples.TENANTS)
    assert max(days) == LAST
    assert LAST - timedelta(days=729) < min(days) < LAST - timedelta(days=700)


def test_prices_are_money_and_never_above_the_original() -> None:
    for sale in ALL:
        assert Decimal(0) < sale.sale_price <= sale.original_price
        assert sale.sale_price.as_tuple().exponent == -2


def test_seasons_follow_the_date_and_some_brands_and_embeddings_are_missing() -> None:
    assert all(sale.season == f"Q{(int(sale.sale_date[5:7]) + 2) // 3}" for sale in ALL)
    assert {sale.brand for sale in ALL} == set(samples.BRANDS)
    assert 0.2 < mean(sale.embedding_id is not None for sale in ALL) < 0.4


def test_there_is_a_trend_to_show() -> None:
    def price(season: str) -> Decimal:
        found = [sale.sale_price for sale in ALL if sale.category == "dress" and sale.season == season]
        return Decimal(mean(found))

    assert price("Q3") > price("Q1")
