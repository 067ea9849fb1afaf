"""Recording, reading, changing and deleting one sale through the API."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.repository import Sales
from tests.unit.http.gateway import Gateway
from tests.unit.sales_intelligence.api_calls import PATH, a_body
from tests.unit.sales_intelligence.conftest import Clock
from tests.unit.sales_intelligence.sample import a_sale


def test_a_sale_is_recorded_and_read_where_its_location_says(call: Gateway) -> None:
    created = call("POST", "/sales", a_body())
    assert created.status == 201
    assert created.headers["location"] == PATH
    found = call("GET", PATH)
    assert found.status == 200
    assert found.json == created.json
    assert found.json == {
        **a_body(),
        "season": "Q4",
        "createdAt": "2026-01-15T12:00:00.000Z",
        "updatedAt": "2026-01-15T12:00:00.000Z",
        "ttl": 1825200000,
    }


def test_the_same_sale_again_changes_nothing(call: Gateway, clock: Clock) -> None:
    first = call("POST", "/sales", a_body())
    clock.forward(days=1)
    again = call("POST", "/sales", a_body())
    assert (again.status, again.json, again.headers["location"]) == (200, first.json, PATH)


@pytest.mark.parametrize("change", [{"salePrice": 81}, {"brand": "Other"}, {"vendorId": "V"}])
def test_another_sale_with_its_key_is_a_conflict(call: Gateway, change: dict[str, Any]) -> None:
    call("POST", "/sales", a_body())
    refused = call("POST", "/sales", a_body(**change))
    assert refused.status == 409
    assert refused.json["type"] == "urn:problem:already-exists"
    assert refused.json["detail"].startswith("Product 'P1' has another sale 'S1' on 2025-11-03")
    assert call("GET", PATH).json["salePrice"] == 80.5


def test_a_sale_with_an_optional_field_less_is_another_sale(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    assert call("POST", "/sales", a_body(brand=...)).status == 409


def test_the_same_id_in_two_unicode_spellings_is_one_sale(call: Gateway) -> None:
    assert call("POST", "/sales", a_body(saleId="Ame\u0301lie")).status == 201
    assert call("POST", "/sales", a_body(saleId="Am\u00e9lie")).status == 200


def test_a_change_is_answered_with_the_sale_as_it_is_now(call: Gateway, clock: Clock) -> None:
    call("POST", "/sales", a_body())
    clock.forward(days=1)
    changed = call("PATCH", PATH, {"salePrice": 70, "brand": None, "condition": "worn"})
    assert changed.status == 200
    assert changed.headers["content-location"] == PATH
    assert (changed.json["salePrice"], changed.json["condition"], "brand" in changed.json) == (70, "worn", False)
    assert changed.json["updatedAt"] == "2026-01-16T12:00:00.000Z"
    assert call("GET", PATH).json == changed.json


def test_a_merge_patch_is_a_change(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    assert (
        call("PATCH", PATH, {"category": "coat"}, headers={"content-type": "application/merge-patch+json"}).status
        == 200
    )


def test_a_new_day_moves_the_sale(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    moved = call("PATCH", PATH, {"saleDate": "2026-01-02"})
    assert moved.status == 200
    assert moved.headers["content-location"] == "/products/P1/sales/2026-01-02/S1"
    assert (moved.json["season"], moved.json["ttl"]) == ("Q1", 1830384000)
    assert call("GET", PATH).status == 404
    assert call("GET", moved.headers["content-location"]).json == moved.json


def test_a_sale_is_not_moved_onto_another(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    call("POST", "/sales", a_body(saleDate="2026-01-02"))
    refused = call("PATCH", PATH, {"saleDate": "2026-01-02"})
    assert (refused.status, refused.json["type"]) == (409, "urn:problem:already-exists")
    assert call("GET", PATH).status == 200


def test_a_deleted_sale_is_gone(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    deleted = call("DELETE", PATH)
    assert (deleted.status, deleted.text, "content-type" in deleted.headers) == (204, "", False)
    assert call("DELETE", PATH).status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_sale_that_is_not_there_is_a_404(call: Gateway, method: str) -> None:
    refused = call(method, PATH, {"salePrice": 1} if method == "PATCH" else None)
    assert refused.status == 404
    assert refused.json["detail"] == "Product 'P1' has no sale 'S1' on 2025-11-03."
    assert refused.headers["content-type"] == "application/problem+json"


def test_an_expired_sale_is_a_404(call: Gateway, sales: Sales, clock: Clock) -> None:
    sales.put_sale(a_sale(1, product_id="P1", sale_id="S1"))
    clock.forward(days=730)
    assert call("GET", PATH).status == 404
    assert call("PATCH", PATH, {"salePrice": 1}).status == 404
    assert call("DELETE", PATH).status == 404


@pytest.mark.parametrize("day", ["2024-01-15", "0001-01-01", "2023-12-31"])
def test_a_sale_that_would_be_gone_at_once_is_refused(call: Gateway, day: str) -> None:
    call("POST", "/sales", a_body())
    for refused in (call("POST", "/sales", a_body(saleDate=day)), call("PATCH", PATH, {"saleDate": day})):
        assert refused.status == 400
        assert refused.json["detail"] == f"The sale date {day} is over two years ago, and so old sales are not kept."


def test_a_day_at_the_end_of_the_calendar_is_refused(call: Gateway) -> None:
    refused = call("POST", "/sales", a_body(saleDate="9999-12-31"))
    assert (refused.status, refused.json["type"]) == (400, "urn:problem:bad-item")


@pytest.mark.parametrize("amount", ["0", "0.1", "0.0001", "12.34", "99999999999.9999", "99999999999", "1e3", "5.50"])
def test_money_comes_back_as_exact_as_it_was_sent(call: Gateway, amount: str) -> None:
    text = call("POST", "/sales", _with_price(amount)).text
    read = call("GET", PATH).text
    for answer in (text, read):
        assert json.loads(answer, parse_float=Decimal, parse_int=Decimal)["salePrice"] == Decimal(amount)
        assert json.loads(answer)["salePrice"] == float(amount)


@pytest.mark.parametrize(
    "amount", ["-1", "-0.01", "0.00001", "100000000000", "1e-9", "1e400", "1e99999999999999999999"]
)
def test_money_out_of_range_is_refused(call: Gateway, amount: str) -> None:
    assert call("POST", "/sales", _with_price(amount)).status == 400
    assert call("GET", PATH).status == 404


def _with_price(amount: str) -> str:
    return json.dumps(a_body(salePrice="@")).replace('"@"', amount)
