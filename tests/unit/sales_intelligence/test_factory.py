"""What the factory derives, and the public keys and shards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sales_intelligence import keys
from sales_intelligence.factory import season_of, time_to_live
from shardwell.errors import BadItem
from tests.unit.sales_intelligence.sample import a_sale


def test_the_factory_fills_in_season_time_to_live_and_timestamps() -> None:
    sale = a_sale(sale_date="2025-11-03")
    assert sale.season == "Q4"
    assert sale.ttl == int(datetime(2027, 11, 3, tzinfo=UTC).timestamp())
    assert sale.created_at == sale.updated_at == "2026-01-15T12:00:00.000Z"


@pytest.mark.parametrize(
    ("date", "season"),
    [("2025-01-01", "Q1"), ("2025-03-31", "Q1"), ("2025-04-01", "Q2"), ("2025-09-30", "Q3"), ("2025-12-31", "Q4")],
)
def test_a_season_is_the_quarter_of_the_sale_date(date: str, season: str) -> None:
    assert season_of(date) == season


@pytest.mark.parametrize("date", ["2025-02-29", "20250228", "2025-2-28", "yesterday", "", "2025-02-28T00:00:00Z"])
def test_what_is_no_day_is_refused(date: str) -> None:
    with pytest.raises(BadItem, match="not a day of the calendar"):
        season_of(date)


def test_a_time_to_live_counts_from_a_day() -> None:
    with pytest.raises(BadItem, match="'20250228' is no date to count from"):
        time_to_live("20250228")


def test_shards_are_those_any_language_computes() -> None:
    assert [keys.get_category_shard(f"sale-{n}") for n in range(5)] == [6, 4, 2, 8, 3]
    assert [keys.get_embedding_shard(f"product-{n}") for n in range(5)] == [2, 0, 2, 3, 0]


def test_key_builders_spell_the_contract() -> None:
    assert keys.sale_key(tenant="a#b", product_id="50%", sale_date="2025-11-03", sale_id="S1") == {
        "PK": "TENANT#a%23b#PRODUCT#50%25",
        "SK": "SALE#2025-11-03#S1",
    }
    partition = keys.category_partition(tenant="a", category="dress", season="Q4", shard=3)
    assert partition == "TENANT#a#CATEGORY#dress#SEASON#Q4#SHARD#3"
    assert keys.embedding_partition(tenant="a", shard=4) == "TENANT#a#EMBEDDING#4"
    assert keys.brand_partition(tenant="a", brand="Louis Vuitton") == "TENANT#a#BRAND#Louis Vuitton"
