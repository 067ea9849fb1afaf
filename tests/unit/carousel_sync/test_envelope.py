"""Messages: one sale, packed sales, and what is neither."""

from __future__ import annotations

import json
from typing import Any

import pytest

from carousel_sync.envelope import sales_in
from shardwell.errors import BadItem
from tests.support.sold import body, packed, sold


def refusal(text: str) -> str:
    with pytest.raises(BadItem) as refused:
        sales_in(text)
    return str(refused.value)


def test_a_detail_is_one_sale_or_a_list_of_them() -> None:
    assert sales_in(body(sold(1))) == [sold(1)]
    assert sales_in(body(packed([sold(1), sold(2)]))) == [sold(1), sold(2)]


def test_what_is_in_a_list_is_not_looked_at_yet() -> None:
    assert sales_in(body({"sales": [None, 5, sold(1)]})) == [None, 5, sold(1)]


@pytest.mark.parametrize(
    "text",
    ["", "sold", "{", '{"detail": }', "[" * 200_000, '{"detail":{"salePrice":' + "1" * 5_000 + "}}", '{"a": .5}'],
)
def test_what_is_no_json(text: str) -> None:
    assert "The message is no JSON that can be read" in refusal(text)


@pytest.mark.parametrize("value", [[], 5, None, "x", {}, {"detail": sold(1)}, {"detail-type": "x"}, sold(1)])
def test_what_is_no_event(value: Any) -> None:
    assert "no event of EventBridge" in refusal(json.dumps(value))


@pytest.mark.parametrize("value", ["carousel.product.listed", "Carousel.Product.Sold", None, ["carousel.product.sold"]])
def test_another_detail_type_is_refused(value: Any) -> None:
    assert "carousel.product.sold is taken" in refusal(body(sold(1), **{"detail-type": value}))


def test_another_source_is_refused() -> None:
    assert "has the source 'aws.s3', and carousel.products is taken" in refusal(body(sold(1), source="aws.s3"))


@pytest.mark.parametrize("detail", [None, [], "x", 5, [sold(1)]])
def test_a_detail_is_an_object(detail: Any) -> None:
    assert "detail is of type" in refusal(body(detail))


@pytest.mark.parametrize("sales", [None, [], {}, "x", sold(1)])
def test_packed_sales_are_a_list_with_a_sale_in_it(sales: Any) -> None:
    assert "no list with a sale in it" in refusal(body({"sales": sales}))


def test_a_detail_is_not_a_sale_and_a_list_at_once() -> None:
    assert "has sales and also productId, saleId" in refusal(
        body({"sales": [sold(1)], "productId": "p", "saleId": "s"})
    )


def test_other_fields_beside_packed_sales_are_ignored() -> None:
    assert sales_in(body({"sales": [sold(1)], "batch": 7})) == [sold(1)]
