"""Sales that came from events, as the API shows them: all of them but their fingerprint."""

from __future__ import annotations

from typing import Any

import pytest

from sales_intelligence.repository import Sales
from shardwell.errors import BadItem
from tests.unit.http.gateway import Gateway
from tests.unit.sales_intelligence.api_calls import PATH, a_body
from tests.unit.sales_intelligence.sample import a_sale

FINGERPRINT = "0123456789abcdef" * 2


def from_event(sales: Sales, **changes: Any) -> None:
    """Store the sale of `a_body` as an event would."""
    sales.insert_sale(a_sale(1, sale_id="S1", days_to_sell=12, fingerprint=FINGERPRINT, **changes))


def test_a_picture_is_taken_changed_and_shown(call: Gateway) -> None:
    assert call("POST", "/sales", a_body(imageS3Key="products/a.jpg")).json["imageS3Key"] == "products/a.jpg"
    assert call("PATCH", PATH, {"imageS3Key": "products/b.jpg"}).json["imageS3Key"] == "products/b.jpg"
    assert call("GET", PATH).json["imageS3Key"] == "products/b.jpg"
    assert "imageS3Key" not in call("PATCH", PATH, {"imageS3Key": None}).json


@pytest.mark.parametrize("path", [PATH, "/products/P1/sales", "/trends?category=dress&season=Q4", "/embeddings"])
def test_a_fingerprint_is_not_shown(call: Gateway, sales: Sales, path: str) -> None:
    from_event(sales)
    found = call("GET", path)
    assert found.status == 200
    assert "S1" in found.text
    assert FINGERPRINT not in found.text
    assert "fingerprint" not in found.text


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_fingerprint_is_not_taken(call: Gateway, sales: Sales, method: str) -> None:
    from_event(sales)
    body = a_body(fingerprint="f" * 32) if method == "POST" else {"fingerprint": "f" * 32}
    refused = call(method, "/sales" if method == "POST" else PATH, body)
    assert refused.status == 400
    assert "fingerprint" in refused.text
    stored = sales.get_sale("north", "P1", "2025-11-03", "S1")
    assert stored is not None
    assert stored.fingerprint == FINGERPRINT


def test_a_change_keeps_the_fingerprint_so_that_its_event_is_still_a_repeat(call: Gateway, sales: Sales) -> None:
    from_event(sales)
    assert call("PATCH", PATH, {"salePrice": 70, "saleDate": "2025-11-04"}).status == 200
    moved = sales.get_sale("north", "P1", "2025-11-04", "S1")
    assert moved is not None
    assert moved.fingerprint == FINGERPRINT


def test_a_request_that_records_what_an_event_did_is_a_repeat(call: Gateway, sales: Sales) -> None:
    from_event(sales)
    assert call("POST", "/sales", a_body()).status == 200
    assert call("POST", "/sales", a_body(salePrice=81)).status == 409


def test_a_program_cannot_change_it_either(sales: Sales) -> None:
    from_event(sales)
    with pytest.raises(BadItem, match="fingerprint follows from"):
        sales.update_sale("north", "P1", "2025-11-03", "S1", {"fingerprint": "f" * 32})


def test_a_synchronised_sale_cannot_be_pointed_at_another_embedding(call: Gateway, sales: Sales) -> None:
    from_event(sales)
    refused = call("PATCH", PATH, {"embeddingS3Key": "s3://lake/vectors/2025-11-03/of-another-tenant.vec#0"})
    assert refused.status == 409
    assert "an embedding of its own" in refused.text
    assert call("PATCH", PATH, {"embeddingS3Key": None}).status == 200
