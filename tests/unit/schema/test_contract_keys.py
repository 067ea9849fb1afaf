"""The keys of Sales Intelligence as any program may write them: golden strings, computed by nothing here."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.factory import new_sale
from sales_intelligence.keys import (
    brand_partition,
    category_partition,
    embedding_partition,
    get_category_shard,
    get_embedding_shard,
    sale_key,
)
from sales_intelligence.tables import SALES
from shardwell.codec import Codec
from shardwell.fields import to_item

SALE = new_sale(
    tenant="acme",
    product_id="p-1",
    sale_id="s-1",
    sale_date="2025-11-03",
    sale_price=Decimal("80.50"),
    original_price=Decimal(100),
    currency="EUR",
    category="dress",
    brand="Zara",
    embedding_id="e-1",
)
KEYS = {
    "PK": "TENANT#acme#PRODUCT#p-1",
    "SK": "SALE#2025-11-03#s-1",
    "GSI1PK": "TENANT#acme#CATEGORY#dress#SEASON#Q4#SHARD#4",
    "GSI1SK": "DATE#2025-11-03#s-1",
    "GSI2PK": "TENANT#acme#EMBEDDING#2",
    "GSI2SK": "DATE#2025-11-03",
    "GSI3PK": "TENANT#acme#BRAND#Zara",
    "GSI3SK": "DATE#2025-11-03#s-1",
}


def stored(item: dict[str, Any]) -> dict[str, Any]:
    return Codec.of(SALES, None, "sales").stored(item, datetime(2025, 11, 3, tzinfo=UTC))


def test_a_sale_is_stored_under_the_keys_of_the_contract() -> None:
    found = stored(to_item(SALE))
    assert {name: found[name] for name in KEYS} == KEYS
    assert set(found) == set(KEYS) | set(to_item(SALE))
    assert found["ttl"] == 1_825_200_000  # 2027-11-03T00:00:00Z, two years of 365 days later


@pytest.mark.parametrize(
    ("left_out", "gone"),
    [
        (["brand"], {"GSI3PK", "GSI3SK"}),
        (["embeddingId"], {"GSI2PK", "GSI2SK"}),
        (["brand", "embeddingId"], {"GSI2PK", "GSI2SK", "GSI3PK", "GSI3SK"}),
    ],
)
def test_a_sale_without_brand_or_embedding_is_in_no_such_index(left_out: list[str], gone: set[str]) -> None:
    found = stored({name: value for name, value in to_item(SALE).items() if name not in left_out})
    assert found.keys() & KEYS.keys() == KEYS.keys() - gone


def test_the_public_key_builders_spell_the_same() -> None:
    assert sale_key(tenant="acme", product_id="p-1", sale_date="2025-11-03", sale_id="s-1") == {
        "PK": KEYS["PK"],
        "SK": KEYS["SK"],
    }
    assert get_category_shard("s-1") == 4
    assert get_embedding_shard("p-1") == 2
    assert category_partition(tenant="acme", category="dress", season="Q4", shard=4) == KEYS["GSI1PK"]
    assert embedding_partition(tenant="acme", shard=2) == KEYS["GSI2PK"]
    assert brand_partition(tenant="acme", brand="Zara") == KEYS["GSI3PK"]


@pytest.mark.parametrize(
    ("sale_id", "sort"),
    [("s#1", "s%231"), ("50%", "50%25"), ("Ærø", "Ærø"), ("e\u0301", "\u00e9"), ("a b", "a b"), ("a\n", "a%0A")],
)
def test_what_a_key_part_may_not_hold_is_written_in_percent_form(sale_id: str, sort: str) -> None:
    assert stored({**to_item(SALE), "saleId": sale_id})["SK"] == f"SALE#2025-11-03#{sort}"


def test_the_table_is_that_of_the_contract() -> None:
    assert SALES.physical_name("prod") == "shardwell-prod-sales-intelligence"
    assert {name: index.shards for name, index in SALES.indexes.items()} == {"GSI1": 10, "GSI2": 5, "GSI3": 1}
    assert [a.name for a in SALES.key.attributes] == ["PK", "SK"]
    assert SALES.ttl is not None
    assert (SALES.ttl.attribute, SALES.ttl.days, SALES.ttl.after) == ("ttl", 730, "saleDate")
    assert SALES.stream
    assert set(SALES.attributes) == set(KEYS)
    assert set(SALES.attributes.values()) == {"S"}
