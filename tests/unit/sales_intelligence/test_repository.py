"""Every operation of the contract, through the repository."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.repository import Sales
from shardwell.errors import AlreadyExists, BadCursor, BadItem, BadQuery, NotFound
from tests.unit.sales_intelligence.conftest import NAME, Clock
from tests.unit.sales_intelligence.sample import a_sale

KEY = ("north", "P1", "2025-11-03", "S0001")


def stored(client: Any) -> dict[str, str]:
    """The key attributes of the only item in the table."""
    (item,) = client.scan(TableName=NAME)["Items"]
    return {name: value["S"] for name, value in item.items() if name.endswith(("PK", "SK"))}


def test_a_sale_is_stored_under_the_keys_of_the_contract(sales: Sales, client: Any) -> None:
    sales.put_sale(a_sale())
    assert stored(client) == {
        "PK": "TENANT#north#PRODUCT#P1",
        "SK": "SALE#2025-11-03#S0001",
        "GSI1PK": "TENANT#north#CATEGORY#dress#SEASON#Q4#SHARD#4",
        "GSI1SK": "DATE#2025-11-03#S0001",
        "GSI2PK": "TENANT#north#EMBEDDING#2",
        "GSI2SK": "DATE#2025-11-03",
        "GSI3PK": "TENANT#north#BRAND#Aurelle",
        "GSI3SK": "DATE#2025-11-03#S0001",
    }


def test_a_sale_without_brand_or_embedding_is_in_neither_index(sales: Sales, client: Any) -> None:
    sales.put_sale(a_sale(brand=None, embedding_id=None))
    assert stored(client).keys() == {"PK", "SK", "GSI1PK", "GSI1SK"}


def test_a_sale_comes_back_as_it_was_put(sales: Sales) -> None:
    sale = a_sale(condition="like_new", vendor_id="V1", description="A dress", days_to_sell=12)
    assert sales.put_sale(sale) == sale
    assert sales.get_sale(*KEY) == sale


def test_a_missing_sale_is_none(sales: Sales) -> None:
    assert sales.get_sale(*KEY) is None
    assert sales.delete_sale(*KEY) is None


def test_a_sale_expires_two_years_after_it_was_sold(sales: Sales, clock: Clock) -> None:
    sales.put_sale(a_sale(sale_date="2025-11-03"))
    clock.now = clock.now.replace(year=2027, month=11, day=2, hour=23)
    assert sales.get_sale(*KEY) is not None
    clock.forward(days=1)
    assert sales.get_sale(*KEY) is None
    assert sales.query_category_season("north", "dress", "Q4").items == []
    assert sales.query_brand_pricing("north", "Aurelle").records == []
    with pytest.raises(NotFound):
        sales.update_sale(*KEY, {"category": "coat"})


def test_a_new_category_moves_the_sale_in_its_index(sales: Sales) -> None:
    sales.put_sale(a_sale())
    updated = sales.update_sale(*KEY, {"category": "coat"})
    assert updated.category == "coat"
    assert sales.query_category_season("north", "dress", "Q4").items == []
    assert sales.query_category_season("north", "coat", "Q4").items == [updated]


def test_a_brand_taken_away_ends_the_index_entry(sales: Sales, client: Any) -> None:
    sales.put_sale(a_sale())
    assert sales.update_sale(*KEY, {"brand": None}).brand is None
    assert "GSI3PK" not in stored(client)
    assert sales.query_brand_pricing("north", "Aurelle").records == []


def test_an_embedding_given_later_begins_the_index_entry(sales: Sales) -> None:
    sales.put_sale(a_sale(embedding_id=None))
    assert sales.query_product_embeddings("north", "P1").items == []
    updated = sales.update_sale(*KEY, {"embedding_id": "E9"})
    assert sales.query_product_embeddings("north", "P1").items == [updated]
    assert sales.update_sale(*KEY, {"embedding_id": None}).embedding_id is None
    assert sales.query_product_embeddings("north").items == []


def test_a_new_date_moves_the_sale_with_its_season_and_time_to_live(sales: Sales) -> None:
    before = sales.put_sale(a_sale())
    after = sales.update_sale(*KEY, {"sale_date": "2026-01-02"})
    assert sales.get_sale(*KEY) is None
    assert after == sales.get_sale("north", "P1", "2026-01-02", "S0001")
    assert (after.season, after.ttl) == ("Q1", (before.ttl or 0) + 60 * 86_400)
    assert sales.query_category_season("north", "dress", "Q4").items == []
    assert sales.query_category_season("north", "dress", "Q1").items == [after]


def test_a_new_date_does_not_overwrite_the_sale_that_is_there(sales: Sales) -> None:
    sales.put_sale(a_sale())
    there = sales.put_sale(a_sale(sale_date="2026-01-02", category="coat"))
    with pytest.raises(AlreadyExists):
        sales.update_sale(*KEY, {"sale_date": "2026-01-02"})
    assert sales.get_sale(*KEY) is not None
    assert sales.get_sale("north", "P1", "2026-01-02", "S0001") == there


def test_an_update_counts_as_one(sales: Sales, clock: Clock) -> None:
    sales.put_sale(a_sale())
    clock.forward(days=1)
    updated = sales.update_sale(*KEY, {"sale_price": Decimal(75)})
    assert (updated.sale_price, updated.created_at, updated.updated_at) == (
        Decimal(75),
        "2026-01-15T12:00:00.000Z",
        "2026-01-16T12:00:00.000Z",
    )


def test_pages_of_a_category_are_sorted_and_whole(sales: Sales) -> None:
    everything = [a_sale(n, sale_date=f"2025-{10 + n % 3}-{n % 28 + 1:02d}") for n in range(120)]
    assert sales.batch_write_sales(everything) == 120
    expected = sorted(everything, key=lambda sale: (sale.sale_date, sale.sale_id))
    for limit in (1, 7, 50, 120, 500):
        found, cursor = [], None
        while True:
            page = sales.query_category_season("north", "dress", "Q4", limit=limit, cursor=cursor)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                break
        assert found == expected
    newest = sales.query_category_season("north", "dress", "Q4", limit=3, newest_first=True).items
    assert newest == expected[::-1][:3]


def test_a_range_of_dates_includes_both_ends(sales: Sales) -> None:
    sales.batch_write_sales(a_sale(n, sale_date=f"2025-11-{n:02d}") for n in range(1, 11))
    for query in (
        sales.query_category_season("north", "dress", "Q4", start="2025-11-03", end="2025-11-05"),
        sales.query_product_embeddings("north", start="2025-11-03", end="2025-11-05"),
        sales.query_brand_sales("north", "Aurelle", start="2025-11-03", end="2025-11-05"),
    ):
        assert [sale.sale_date for sale in query.items] == ["2025-11-03", "2025-11-04", "2025-11-05"]


def test_one_products_embeddings_are_read_from_one_shard(sales: Sales) -> None:
    sales.batch_write_sales(a_sale(n) for n in range(40))
    one = sales.query_product_embeddings("north", "P7")
    assert [sale.product_id for sale in one.items] == ["P7"]
    assert one.read.requests == 1
    assert sales.query_product_embeddings("north").read.requests >= 5


def test_prices_of_a_brand(sales: Sales) -> None:
    prices = [(80, 100), (60, 120), (90, 90)]
    sales.batch_write_sales(
        a_sale(n, sale_price=Decimal(sold), original_price=Decimal(original))
        for n, (sold, original) in enumerate(prices)
    )
    sales.put_sale(a_sale(9, sale_price=Decimal(500), original_price=Decimal(0), currency="JPY"))
    found = sales.query_brand_pricing("north", "Aurelle")
    euro, yen = found.statistics
    assert len(found.records) == 4
    assert (euro.currency, euro.count, euro.min, euro.max, euro.median) == ("EUR", 3, 60, 90, 80)
    assert round(euro.mean, 2) == Decimal("76.67")
    assert round(euro.mean_discount or 0, 4) == Decimal("0.2333")
    assert (yen.count, yen.mean_discount) == (1, None)


def test_a_cursor_of_another_tenant_or_query_is_refused(sales: Sales) -> None:
    sales.batch_write_sales(a_sale(n, tenant=tenant) for n in range(9) for tenant in ("north", "south"))
    cursor = sales.query_category_season("north", "dress", "Q4", limit=2).cursor
    assert cursor is not None
    with pytest.raises(BadCursor, match="belongs to another query"):
        sales.query_category_season("south", "dress", "Q4", limit=2, cursor=cursor)
    with pytest.raises(BadCursor):
        sales.query_category_season("north", "dress", "Q4", start="2025-10-01", cursor=cursor)
    with pytest.raises(BadCursor):
        sales.query_brand_sales("north", "Aurelle", cursor=cursor)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "'colour' is not a field of a sale"),
        ({"season": "Q1"}, "season follows from the other fields"),
        ({"sale_price": 1.5}, "salePrice is the float 1.5"),
        ({"sale_date": "2025-02-30"}, "'2025-02-30' is not a day of the calendar"),
        ({"category": None}, "category cannot be removed"),
        ({"brand": ""}, "brand is empty"),
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(sales: Sales, changes: dict[str, Any], words: str) -> None:
    before = sales.put_sale(a_sale())
    with pytest.raises(BadItem, match=words):
        sales.update_sale(*KEY, changes)
    assert sales.get_sale(*KEY) == before


def test_bad_questions_are_refused(sales: Sales) -> None:
    with pytest.raises(BadQuery, match="The season 'Q5' is none of Q1, Q2, Q3, Q4"):
        sales.query_category_season("north", "dress", "Q5")
    with pytest.raises(BadItem, match="'2025-13-01' is not a day"):
        sales.query_category_season("north", "dress", "Q4", start="2025-13-01")
    with pytest.raises(BadQuery, match="from 2025-12-01 to 2025-11-01"):
        sales.query_category_season("north", "dress", "Q4", start="2025-12-01", end="2025-11-01")
    with pytest.raises(BadQuery, match="The limit is -1"):
        sales.query_category_season("north", "dress", "Q4", limit=-1)


def test_a_season_that_is_not_that_of_the_date_is_refused(sales: Sales) -> None:
    with pytest.raises(BadItem, match="is Q4, not 'Q1'"):
        sales.put_sale(replace(a_sale(), season="Q1"))


def test_one_bad_sale_of_a_batch_writes_none(sales: Sales) -> None:
    with pytest.raises(BadItem):
        sales.batch_write_sales([a_sale(1), replace(a_sale(2), currency=978)])
    assert sales.get_sale(*KEY) is None
