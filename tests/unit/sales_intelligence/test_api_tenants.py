"""Two tenants, whatever they are called and whatever they ask for, never see each other's sales."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from shardwell.http_path import path_part
from tests.unit.http.gateway import Gateway
from tests.unit.sales_intelligence.api_calls import a_body

# Each of the second would read the first one's keys, were they put together without care.
PAIRS = (
    ("north", "south"),
    ("a", "a#PRODUCT#p"),
    ("a", "a%23PRODUCT%23p"),
    ("a#", "a%23"),
    ("a", "A"),
    ("a", "\u0430"),  # Cyrillic
    ("a", "a\x00"),
    ("a", "a "),
    ("a\nb", "a%0Ab"),
    ("TENANT#a", "a"),
    ("é", "e"),
)
IDS = ("p", "p#SALE#2025-11-03#s", "%23", "a/b", "..", "?x=1", "\x00", "p\u0430")


def _urls(product: str, sale: str) -> dict[str, str]:
    one = f"/products/{path_part(product)}/sales/2025-11-03/{path_part(sale)}"
    return {
        "one": one,
        "product": f"/products/{path_part(product)}/sales",
        "trend": f"/trends?category={quote(product, safe='')}&season=Q4",
        "pricing": f"/brands/{path_part(product)}/pricing",
        "embeddings": "/embeddings",
        "embedding": f"/embeddings?productId={quote(product, safe='')}",
    }


@pytest.mark.parametrize(("mine", "theirs"), [*PAIRS, *(pair[::-1] for pair in PAIRS)])
def test_no_route_shows_or_changes_a_sale_of_another_tenant(call: Gateway, mine: str, theirs: str) -> None:
    for number, hostile in enumerate(IDS):
        body = a_body(productId=hostile, saleId=hostile, category=hostile, brand=hostile, vendorId="mine")
        assert call("POST", "/sales", body, tenant=mine).status == 201, number
    for hostile in IDS:
        urls = _urls(hostile, hostile)
        assert call("GET", urls["one"], tenant=theirs).status == 404
        assert call("PATCH", urls["one"], {"vendorId": "theirs"}, tenant=theirs).status == 404
        assert call("PATCH", urls["one"], {"saleDate": "2025-11-04"}, tenant=theirs).status == 404
        assert call("DELETE", urls["one"], tenant=theirs).status == 404
        for name in ("product", "trend", "pricing", "embeddings", "embedding"):
            answered = call("GET", urls[name], tenant=theirs)
            assert (answered.status, answered.json["items"]) == (200, []), (name, hostile)
            assert not answered.json.get("statistics")
    for hostile in IDS:
        urls = _urls(hostile, hostile)
        assert call("GET", urls["one"], tenant=mine).json["vendorId"] == "mine"
        for name in ("product", "trend", "pricing", "embedding"):
            items = call("GET", urls[name], tenant=mine).json["items"]
            assert [item["productId"] for item in items] == [hostile], (name, hostile)


def test_a_sale_of_another_tenant_does_not_stand_in_the_way(call: Gateway) -> None:
    created: list[Any] = [call("POST", "/sales", a_body(vendorId=tenant), tenant=tenant) for tenant in ("a", "A")]
    assert [json.loads(one.text)["vendorId"] for one in created] == ["a", "A"]
    assert [one.status for one in created] == [201, 201]
