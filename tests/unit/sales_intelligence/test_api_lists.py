"""Lists through the API: pages, cursors, statistics."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from sales_intelligence.repository import Sales
from shardwell.errors import BadQuery
from shardwell.secrets import KEPT_SECONDS, SigningKeys
from tests.unit.http.gateway import Gateway
from tests.unit.http.secret import Secret
from tests.unit.sales_intelligence.conftest import ApiWith
from tests.unit.sales_intelligence.sample import a_sale

LISTS = (
    "/products/P1/sales",
    "/trends?category=dress&season=Q4",
    "/brands/Aurelle/pricing",
    "/embeddings",
    "/embeddings?productId=P1",
)


def _with(url: str, **query: Any) -> str:
    added = "&".join(f"{name.rstrip('_')}={quote(str(value))}" for name, value in query.items())
    return f"{url}{'&' if '?' in url else '?'}{added}"


def _fill(sales: Sales, count: int = 23) -> None:
    days = [f"2025-11-{number % 28 + 1:02d}" for number in range(count)]
    sales.batch_write_sales(a_sale(n, product_id="P1", sale_date=day) for n, day in enumerate(days))


@pytest.mark.parametrize("url", LISTS)
def test_pages_hold_every_sale_once_and_in_order(call: Gateway, sales: Sales, url: str) -> None:
    _fill(sales)
    sales.put_sale(a_sale(1, tenant="south", product_id="P1"))
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = call("GET", _with(url, limit=5, **cursor))
        assert page.status == 200
        assert len(page.json["items"]) <= 5
        found += page.json["items"]
        if "cursor" not in page.json:
            break
        cursor = {"cursor": page.json["cursor"]}
    assert [sale["saleDate"] for sale in found] == sorted(sale["saleDate"] for sale in found)
    assert sorted(sale["saleId"] for sale in found) == [f"S{n:04d}" for n in range(23)]


@pytest.mark.parametrize("url", LISTS)
def test_from_and_to_are_both_included(call: Gateway, sales: Sales, url: str) -> None:
    _fill(sales)
    page = call("GET", _with(url, from_="2025-11-03", to="2025-11-05")).json
    assert [sale["saleDate"] for sale in page["items"]] == ["2025-11-03", "2025-11-04", "2025-11-05"]
    assert [sale["saleDate"] for sale in call("GET", _with(url, to="2025-11-01")).json["items"]] == ["2025-11-01"]


@pytest.mark.parametrize("url", LISTS)
def test_nothing_is_an_empty_page(call: Gateway, url: str) -> None:
    page = call("GET", url).json
    assert page["items"] == []
    assert "cursor" not in page


@pytest.mark.parametrize("url", LISTS)
def test_a_range_that_ends_before_it_begins_is_refused(call: Gateway, url: str) -> None:
    refused = call("GET", _with(url, from_="2025-11-05", to="2025-11-03"))
    assert (refused.status, refused.json["type"]) == (400, "urn:problem:bad-query")


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "é", "A" * 6_000])
def test_a_forged_cursor_is_refused(call: Gateway, url: str, cursor: str) -> None:
    refused = call("GET", _with(url, cursor=cursor))
    assert (refused.status, refused.json["type"]) == (400, "urn:problem:bad-cursor")


@pytest.mark.parametrize("given", LISTS)
@pytest.mark.parametrize("asked", LISTS)
def test_a_cursor_is_good_for_its_own_query_alone(call: Gateway, sales: Sales, given: str, asked: str) -> None:
    _fill(sales)
    sales.batch_write_sales(a_sale(n, tenant="south", product_id="P1") for n in range(9))
    cursor = call("GET", _with(given, limit=3)).json["cursor"]
    assert call("GET", _with(asked, limit=3, cursor=cursor)).status == (200 if given == asked else 400)
    assert call("GET", _with(asked, limit=3, cursor=cursor), tenant="south").status == 400
    assert call("GET", _with(asked, limit=3, cursor=cursor, from_="2025-11-02")).status == 400


def test_a_cursor_outlives_one_rotation_of_its_key_and_no_second(api_with: ApiWith, sales: Sales) -> None:
    _fill(sales)
    secret, now = Secret("a" * 32), [0.0]
    keys = SigningKeys("secret", client=lambda: secret, clock=lambda: now[0])
    call = api_with(keys)
    cursor = call("GET", "/embeddings?limit=3").json["cursor"]
    for value, status in (("b" * 32, 200), ("c" * 32, 400)):
        secret.rotate(value)
        now[0] += KEPT_SECONDS
        assert call("GET", f"/embeddings?limit=3&cursor={cursor}").status == status


def test_a_cursor_of_a_process_with_a_newer_key_is_read(api_with: ApiWith, sales: Sales) -> None:
    _fill(sales)
    secret, now = Secret("a" * 32), [0.0]
    old = api_with(SigningKeys("secret", client=lambda: secret, clock=lambda: now[0]))
    assert old("GET", "/embeddings?limit=3").status == 200
    secret.rotate("b" * 32)
    new = api_with(SigningKeys("secret", client=lambda: secret, clock=lambda: now[0]))
    cursor = new("GET", "/embeddings?limit=3").json["cursor"]
    now[0] += 11
    assert old("GET", f"/embeddings?limit=3&cursor={cursor}").status == 200


def test_pricing_has_statistics_of_the_whole_range_on_its_first_page_only(call: Gateway, sales: Sales) -> None:
    prices = ((40, 100, "EUR"), (Decimal("60.10"), 100, "EUR"), (50, 0, "EUR"), (10, 20, "USD"))
    for number, (sold, original, currency) in enumerate(prices):
        changes = {"sale_price": Decimal(sold), "original_price": Decimal(original), "currency": currency}
        sales.put_sale(a_sale(number, sale_date=f"2025-11-0{number + 1}", **changes))
    sales.put_sale(a_sale(9, sale_date="2025-10-01", sale_price=Decimal(1)))
    first = call("GET", "/brands/Aurelle/pricing?from=2025-11-01&limit=2")
    assert len(first.json["items"]) == 2
    assert json.loads(first.text, parse_float=Decimal)["statistics"] == [
        {
            "currency": "EUR",
            "count": 3,
            "min": 40,
            "max": Decimal("60.1"),
            "mean": Decimal("50.0333"),
            "median": 50,
            "meanDiscount": Decimal("0.4995"),
        },
        {"currency": "USD", "count": 1, "min": 10, "max": 10, "mean": 10, "median": 10, "meanDiscount": Decimal("0.5")},
    ]
    second = call("GET", f"/brands/Aurelle/pricing?from=2025-11-01&limit=2&cursor={first.json['cursor']}")
    assert len(second.json["items"]) == 2
    assert "statistics" not in second.json


def test_statistics_leave_out_a_discount_that_nothing_has(call: Gateway, sales: Sales) -> None:
    sales.put_sale(a_sale(1, original_price=Decimal(0)))
    (statistics,) = call("GET", "/brands/Aurelle/pricing").json["statistics"]
    assert "meanDiscount" not in statistics
    assert call("GET", "/brands/None/pricing").json["statistics"] == []


def test_statistics_take_any_number_that_a_table_holds(call: Gateway, sales: Sales) -> None:
    wide = Decimal("12345678901234567890123456789012345.678")
    sales.put_sale(a_sale(1, sale_price=wide))
    sales.put_sale(a_sale(2, sale_price=Decimal("9E+125")))
    answered = call("GET", "/brands/Aurelle/pricing")
    assert answered.status == 200
    assert json.loads(answered.text, parse_float=Decimal)["items"][0]["salePrice"] == wide


def test_too_many_sales_for_statistics_are_refused(sales: Sales) -> None:
    _fill(sales, 5)
    assert sales.brand_statistics("north", "Aurelle", most=5)[0].count == 5
    with pytest.raises(BadQuery, match="over 4 sales of 'Aurelle': ask for fewer days"):
        sales.brand_statistics("north", "Aurelle", most=4)


def test_a_page_that_is_too_long_for_one_answer_has_fewer_sales(call: Gateway, sales: Sales) -> None:
    sales.batch_write_sales(a_sale(n, product_id="P1", description="é" * 190_000) for n in range(16))
    found: list[str] = []
    cursor: dict[str, str] = {}
    pages = 0
    while pages < 16:
        page = call("GET", _with("/products/P1/sales", limit=16, **cursor))
        assert len(page.text.encode()) < 6_000_000
        found += [sale["saleId"] for sale in page.json["items"]]
        pages += 1
        if "cursor" not in page.json:
            break
        cursor = {"cursor": page.json["cursor"]}
    assert found == [f"S{n:04d}" for n in range(16)]
    assert pages == 2
