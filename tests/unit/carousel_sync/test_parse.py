"""What a sale of an event may be, and the one sentence about each that may not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from carousel_sync.embedding import read_embedding
from carousel_sync.event_json import read_event_json
from carousel_sync.parse import FIELDS, Rules, read_sale
from carousel_sync.records import SoldEvent
from shardwell.errors import BadItem
from tests.support.sold import plain, sold

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def read(detail: Any, rules: Rules | None = None, now: datetime = NOW) -> SoldEvent:
    return read_sale(read_event_json(detail if isinstance(detail, str) else json.dumps(detail)), rules or Rules(), now)


def refusal(detail: Any, rules: Rules | None = None, now: datetime = NOW) -> str:
    with pytest.raises(BadItem) as refused:
        read(detail, rules, now)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 300
    return said


def with_text(field: str, text: str) -> str:
    """The JSON of a sale with a value as it is written here."""
    return json.dumps(sold(1, **{field: "HERE"})).replace('"HERE"', text)


def test_every_field_of_the_contract_is_known() -> None:
    assert set(sold(1, currency="EUR")) == FIELDS


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("450", "450"),
        ("450.0", "450"),
        ("450.00", "450"),
        ("4.5e2", "450"),
        ("0.1", "0.1"),
        ("1234567.8901234567", "1234567.8901234567"),
        ("0.0000000001", "1E-10"),
        ("9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"),
        ("1e2", "100"),
        ("100.000000000000000000000000000000", "100"),
    ],
)
def test_prices_are_exact(text: str, price: str) -> None:
    found = read(with_text("salePrice", text)).sale_price
    assert found == Decimal(price)
    assert type(found) is Decimal
    assert str(found) == str(Decimal(price))


@pytest.mark.parametrize("field", ["salePrice", "listedPrice"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "is 0, and a price is above 0"),
        ("0.00", "is 0.00, and a price is above 0"),
        ("-0.0", "a price is above 0"),
        ("-5", "is -5, and a price is above 0"),
        ("0.00000000001", "at most 10 decimals"),
        ("1e-4000", "at most 10 decimals"),
        ("450.12345678901", "is 450.12345678901, and a price has at most 10 decimals"),
        ("1e28", "at most 28 digits"),
        ("1e999999", "at most 28 digits"),
        ("1" + "0" * 4000, "at most 28 digits"),
        ("1e99999999999999999999", "is not a number that a price can be"),
        ("NaN", "is not a number that a price can be"),
        ("Infinity", "is not a number that a price can be"),
        ("-Infinity", "is not a number that a price can be"),
        ("true", "of type bool"),
        ('"450"', "of type str"),
        ("[450]", "of type list"),
        ("null", "missing"),
    ],
)
def test_prices_that_are_none(field: str, text: str, said: str) -> None:
    found = refusal(with_text(field, text))
    assert field in found
    assert said in found


@pytest.mark.parametrize("field", ["tenantId", "productId", "category", "soldDate"])
@pytest.mark.parametrize(("value", "said"), [(None, "missing or empty"), ("", "missing or empty"), (5, "of type int")])
def test_every_sale_has_these_texts(field: str, value: Any, said: str) -> None:
    found = refusal(plain(1, **{field: value}))
    assert field in found
    assert said in found


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("brand", "brand"),
        ("condition", "condition"),
        ("currency", "currency"),
        ("imageS3Key", "image_s3_key"),
        ("description", "description"),
        ("vendorId", "vendor_id"),
    ],
)
@pytest.mark.parametrize("text", ["null", '""'])
def test_an_optional_text_that_is_null_or_empty_is_left_out(field: str, name: str, text: str) -> None:
    assert getattr(read(with_text(field, text)), name) is None


@pytest.mark.parametrize("field", ["brand", "condition", "currency", "imageS3Key", "vendorId", "saleId", "embeddingId"])
def test_a_text_is_a_text(field: str) -> None:
    found = refusal(sold(1, **{field: 5}))
    assert found.startswith(f"{field} is of type int")


@pytest.mark.parametrize("field", ["tenantId", "saleId", "brand", "description"])
def test_half_a_surrogate_pair_is_refused(field: str) -> None:
    assert f"{field} has half of a surrogate pair" in refusal(with_text(field, '"a\\ud800"'))


def test_texts_of_keys_are_in_one_form() -> None:
    composed, decomposed = "Céline", "Ce\u0301line"
    assert read(sold(1, brand=decomposed)) == read(sold(1, brand=composed))
    assert read(sold(1, saleId=decomposed)).sale_id == composed


@pytest.mark.parametrize("day", ["2026-01-16", "2026-01-15", "2025-12-30", "2024-01-17"])
def test_days_from_two_years_ago_to_tomorrow(day: str) -> None:
    assert read(plain(1, soldDate=day)).sale_date == day


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-01-17", "in the future, and 2026-01-16 is the latest now"),
        ("2062-01-15", "in the future"),
        ("9999-12-31", "in the future"),
        ("2024-01-16", "over two years ago"),
        ("2015-01-15", "over two years ago"),
        ("0001-01-01", "over two years ago"),
        ("2025-02-30", "not a day of the calendar"),
        ("2025-12-30T10:00:00Z", "not a date"),
        ("30/12/2025", "not a date"),
        ("٢٠٢٥-12-30", "not a date"),
    ],
)
def test_days_that_are_none(day: str, said: str) -> None:
    assert said in refusal(plain(1, soldDate=day))


def test_a_sale_that_would_expire_at_once_is_refused_as_is_one_that_never_would() -> None:
    # Time to live is two years after the day: what is past it at its writing would be gone, and of what is over five
    # years past it DynamoDB would never let go.
    last = datetime(2026, 1, 14, 23, 59, 59, tzinfo=UTC)
    assert read(plain(1, soldDate="2024-01-16"), now=last).sale_date == "2024-01-16"
    assert "over two years ago" in refusal(plain(1, soldDate="2024-01-16"), now=datetime(2026, 1, 15, tzinfo=UTC))


@pytest.mark.parametrize("currency", ["EU", "eur", "EURO", "E1R", "ÉUR"])
def test_currencies_that_are_none(currency: str) -> None:
    assert "three capital letters" in refusal(plain(1, currency=currency))


@pytest.mark.parametrize(("text", "days"), [("0", 0), ("12", 12), ("12.0", 12), ("1e2", 100), ("null", None)])
def test_days_to_sell(text: str, days: int | None) -> None:
    assert read(with_text("daysToSell", text)).days_to_sell == days


@pytest.mark.parametrize("text", ["-1", "12.5", "100001", '"12"', "true", "NaN", "1e400", "[]"])
def test_days_to_sell_that_are_none(text: str) -> None:
    assert "from 0 to 100,000" in refusal(with_text("daysToSell", text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "has 0 numbers"),
        (json.dumps([0.5] * 4_097), "has 4,097 numbers: give 1 to 4,096"),
        ("[0.5, NaN]", "embedding[1] is not within float32"),
        ("[0.5, Infinity]", "embedding[1] is not within float32"),
        ("[0.5, -Infinity]", "embedding[1] is not within float32"),
        ("[0.5, 1e39]", "embedding[1] is not within float32"),
        ("[0.5, 3.5e38]", "embedding[1] is not within float32"),
        ("[0.5, 1e400]", "embedding[1] is not within float32"),
        (f"[0.5, 1{'0' * 400}]", "embedding[1] is not within float32"),
        (f"[0.5, 1{'0' * 400}, NaN]", "embedding[1] is not within float32"),
        ("[0.5, true]", "embedding[1] is of type bool"),
        ("[0.5, null]", "embedding[1] is of type NoneType"),
        ('[0.5, "0.5"]', "embedding[1] is of type str"),
        ("[[0.5]]", "embedding[0] is of type list"),
        ('[{"a": 1}]', "embedding[0] is of type dict"),
        ('"0.5"', "embedding is of type str"),
        ("0.5", "embedding is of type Decimal"),
        ("{}", "embedding is of type dict"),
    ],
)
def test_embeddings_that_are_none(text: str, said: str) -> None:
    assert said in refusal(with_text("embedding", text))


def test_an_embedding_has_as_many_numbers_as_the_stage_takes() -> None:
    rules = Rules(dimensions=4)
    assert read(sold(1), rules).embedding is not None
    assert read(plain(1), rules).embedding is None
    assert "has 3 numbers, and this stage takes 4" in refusal(sold(1, embedding=[1, 2, 3]), rules)


@pytest.mark.parametrize("text", ["null", '""'])
def test_an_embedding_and_its_id_come_together(text: str) -> None:
    assert "no embeddingId" in refusal(with_text("embeddingId", text))
    assert "there is no embedding" in refusal(sold(1, embedding=None))


def test_the_most_dimensions_are_taken() -> None:
    assert len(read_embedding([0.5] * 4_096)) == 4 * 4_096


def test_tenants_are_those_of_the_stage() -> None:
    rules = Rules(tenants=frozenset({"north", "Céline"}))
    assert read(sold(1), rules).tenant == "north"
    assert read(sold(1, tenantId="Ce\u0301line"), rules).tenant == "Céline"
    assert "'North' is no tenant of this stage" in refusal(sold(1, tenantId="North"), rules)


@pytest.mark.parametrize("text", ["[]", "null", "5", '"x"', "true"])
def test_a_sale_is_an_object(text: str) -> None:
    assert "A sale is of type" in refusal(text)


def test_other_fields_are_ignored_and_named() -> None:
    assert read(sold(1, brnad="x", Zone="eu")).ignored == ("Zone", "brnad")
