"""The id that a sale is given, and the fingerprint of its event."""

from __future__ import annotations

import hashlib
import json
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from carousel_sync.event_json import read_event_json
from carousel_sync.fingerprint import fingerprint
from carousel_sync.parse import Rules, read_sale
from carousel_sync.records import SoldEvent
from tests.support.sold import numbers, sold

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def read(text: str) -> SoldEvent:
    return read_sale(read_event_json(text), Rules(), NOW)


def event(**changes: Any) -> SoldEvent:
    return read(json.dumps(sold(1, **changes)))


def nameless(**changes: Any) -> str:
    return event(saleId=None, **changes).sale_id


def test_a_producers_id_is_kept() -> None:
    assert event(saleId="S-9").sale_id == "S-9"


def test_an_id_is_derived_and_never_changes() -> None:
    text = '["north","PROD-1","2025-12-30","VENDOR-789","450"]'
    assert nameless() == "derived-" + hashlib.sha256(text.encode()).hexdigest()[:32]
    assert nameless() == "derived-9ddabd81f7c4898b183986221f41446f"
    assert nameless() == event(saleId="").sale_id


@pytest.mark.parametrize(
    "change",
    [
        {"tenantId": "south"},
        {"productId": "PROD-2"},
        {"soldDate": "2025-12-29"},
        {"vendorId": "VENDOR-1"},
        {"vendorId": None},
        {"salePrice": 450.01},
    ],
)
def test_what_an_id_is_derived_from_makes_another_one(change: dict[str, Any]) -> None:
    assert nameless(**change) != nameless()


@pytest.mark.parametrize(
    "change", [{"description": "x"}, {"listedPrice": 1}, {"brand": None}, {"embedding": numbers(2)}, {"daysToSell": 1}]
)
def test_what_it_is_not_derived_from_makes_the_same_one(change: dict[str, Any]) -> None:
    assert nameless(**change) == nameless()


def test_fields_do_not_run_into_each_other() -> None:
    assert nameless(tenantId="a", productId="b,c") != nameless(tenantId='a","b', productId="c")


@pytest.mark.parametrize("price", ["450", "450.0", "450.00", "4.5e2", "45E1", "450.000000000000000000000000000000"])
def test_the_way_a_price_is_written_changes_neither(price: str) -> None:
    text = json.dumps(sold(1, saleId=None)).replace('"salePrice": 450', f'"salePrice": {price}')
    assert price in text
    assert read(text).sale_id == nameless()
    assert fingerprint(read(text)) == fingerprint(event(saleId=None))


def test_a_fingerprint_never_changes() -> None:
    text = (
        '{"brand":"Aurelle","category":"handbags","condition":"like_new","days_to_sell":12,"description":"A bag",'
        '"embedding_id":"emb-1","image_s3_key":"s3://images/products/1.jpg","original_price":"500",'
        '"product_id":"PROD-1","sale_date":"2025-12-30","sale_id":"S0001","sale_price":"450","tenant":"north",'
        '"vendor_id":"VENDOR-789"}'
    )
    vector = struct.pack("<2f", 0.5, -0.25)
    assert (
        fingerprint(event(embedding=[0.5, -0.25])) == (hashlib.sha256(text.encode() + b"\0" + vector).hexdigest()[:32])
    )
    assert fingerprint(event(embedding=[0.5, -0.25])) == "f921138b0876b7e6a42b0dd93fbabe0c"


@pytest.mark.parametrize(
    "change",
    [
        {"saleId": "S0002"},
        {"productId": "PROD-2"},
        {"tenantId": "south"},
        {"category": "shoes"},
        {"brand": "Other"},
        {"brand": None},
        {"condition": "new"},
        {"currency": "USD"},
        {"listedPrice": 501},
        {"salePrice": 450.01},
        {"soldDate": "2025-12-29"},
        {"imageS3Key": "s3://images/2.jpg"},
        {"embeddingId": "emb-2"},
        {"embedding": numbers(2)},
        {"embedding": numbers(1, 5)},
        {"description": "Another bag"},
        {"vendorId": "V"},
        {"daysToSell": 13},
        {"daysToSell": None},
    ],
)
def test_every_field_is_in_the_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprint(event(**change)) != fingerprint(event())


def test_the_order_of_fields_and_unknown_ones_are_not() -> None:
    turned = json.dumps(dict(reversed(sold(1, colour="red").items())))
    assert fingerprint(read(turned)) == fingerprint(event())


def test_numbers_that_are_one_float32_are_one() -> None:
    assert fingerprint(event(embedding=[0.1])) == fingerprint(event(embedding=[0.10000000149011612]))
    assert fingerprint(event(embedding=[0.0])) != fingerprint(event(embedding=[-0.0]))
