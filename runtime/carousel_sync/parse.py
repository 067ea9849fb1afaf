"""One sale of an event, checked: a SoldEvent, or BadItem whose one sentence says what is wrong with it.

A field that no sale has is ignored, because producers add fields before their consumers learn of them. An optional
field that is null or an empty text is left out. A text is never quoted in an error in full, and a description never
at all, as errors are logged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from carousel_sync.embedding import read_embedding
from carousel_sync.records import SoldEvent
from carousel_sync.sale_id import derived_sale_id, price_text
from sales_intelligence.factory import time_to_live
from shardwell.errors import BadItem
from shardwell.fields import day_fault
from shardwell.keypart import normalise, shown, whole_number

MOST_INTEGER_DIGITS = 28
MOST_DECIMALS = 10
"""What a decimal(38, 10) of the lake holds, and a number of DynamoDB too."""
MOST_DAYS_TO_SELL = 100_000
CLOCK_TOLERANCE = timedelta(days=1)
"""A day may have begun in the producer's zone that has not here, and its clock may be ahead."""

FIELDS = frozenset(
    {
        *("saleId", "productId", "tenantId", "category", "brand", "condition", "currency", "listedPrice", "salePrice"),
        *("soldDate", "imageS3Key", "embeddingId", "embedding", "description", "vendorId", "daysToSell"),
    }
)
_SMALLEST = Decimal(1).scaleb(-MOST_DECIMALS)
_TOO_LARGE = Decimal(10) ** MOST_INTEGER_DIGITS
_WIDE = Context(prec=MOST_INTEGER_DIGITS + MOST_DECIMALS + 2)
_MOST_SPELT = 50
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a stage takes: sales of these tenants, or of any where none is named, and embeddings of one length."""

    tenants: frozenset[str] = frozenset()
    dimensions: int | None = None


def read_sale(given: Any, rules: Rules, now: datetime) -> SoldEvent:
    """The sold product that a JSON value describes; BadItem where it describes none that could be recorded."""
    if not isinstance(given, dict):
        raise BadItem(f"A sale is of type {type(given).__name__}: give an object with the fields of a sale.")
    tenant = _key_text(given, "tenantId")
    if rules.tenants and tenant not in rules.tenants:
        raise BadItem(f"tenantId {shown(tenant)} is no tenant of this stage: correct it, or add it to TENANTS.")
    product_id, sale_date = _key_text(given, "productId"), _sale_date(given, now)
    vendor_id, sale_price = _text(given, "vendorId"), _price(given, "salePrice")
    derived_from = {"tenant": tenant, "product_id": product_id, "sale_date": sale_date}
    embedding_id, embedding = _embedding(given, rules)
    return SoldEvent(
        **derived_from,
        sale_id=_optional_key_text(given, "saleId")
        or derived_sale_id(**derived_from, vendor_id=vendor_id, sale_price=sale_price),
        sale_price=sale_price,
        original_price=_price(given, "listedPrice"),
        category=_key_text(given, "category"),
        currency=_currency(given),
        brand=_optional_key_text(given, "brand"),
        condition=_text(given, "condition"),
        image_s3_key=_text(given, "imageS3Key"),
        embedding_id=embedding_id,
        embedding=embedding,
        description=_text(given, "description"),
        vendor_id=vendor_id,
        days_to_sell=_days_to_sell(given),
        ignored=tuple(sorted(given.keys() - FIELDS)),
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadItem(f"{name} is of type {type(value).__name__}: give a text, or leave it out.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadItem(f"{name} has half of a surrogate pair in it, which is no valid Unicode: remove it.") from None
    return value


def _optional_key_text(given: Mapping[str, Any], name: str) -> str | None:
    """A text that keys are made of, in the one Unicode form that they have: equal to the eye is equal here too."""
    value = _text(given, name)
    return None if value is None else normalise(name, value)


def _key_text(given: Mapping[str, Any], name: str) -> str:
    value = _optional_key_text(given, name)
    if value is None:
        raise BadItem(f"{name} is missing or empty, and every sale has one: give it.")
    return value


def _sale_date(given: Mapping[str, Any], now: datetime) -> str:
    text = _key_text(given, "soldDate")
    if (fault := day_fault(text)) is not None:
        raise BadItem(f"soldDate {shown(text)} {fault}.")
    latest = (now + CLOCK_TOLERANCE).date().isoformat()
    if text > latest:
        raise BadItem(f"soldDate {text} is in the future, and {latest} is the latest now: correct it.")
    if time_to_live(text) <= now.timestamp():
        raise BadItem(f"soldDate {text} is over two years ago, and so old sales are not kept: leave it out.")
    return text


def _price(given: Mapping[str, Any], name: str) -> Decimal:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        kind = "missing" if value is None else f"of type {type(value).__name__}"
        raise BadItem(f"{name} is {kind}, and every sale has one: give a number.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadItem(f"{name} is not a number that a price can be: give one above 0.")
    if value <= 0:
        raise BadItem(f"{name} is {_spelt(value)}, and a price is above 0: correct it.")
    if value >= _TOO_LARGE:
        raise BadItem(f"{name} is {_spelt(value)}, and a price has at most {MOST_INTEGER_DIGITS} digits: correct it.")
    price = Decimal(value).quantize(_SMALLEST, context=_WIDE)
    if price != value:
        raise BadItem(f"{name} is {_spelt(value)}, and a price has at most {MOST_DECIMALS} decimals: round it.")
    return Decimal(price_text(price))


def _spelt(number: int | Decimal) -> str:
    text = str(number)
    return text if len(text) <= _MOST_SPELT else f"{text[:_MOST_SPELT]}…"


def _currency(given: Mapping[str, Any]) -> str | None:
    value = _text(given, "currency")
    if value is not None and not _CURRENCY.fullmatch(value):
        raise BadItem(f"currency is {shown(value)}: give three capital letters, such as EUR, or leave it out.")
    return value


def _embedding(given: Mapping[str, Any], rules: Rules) -> tuple[str | None, bytes | None]:
    embedding_id, embedding = _text(given, "embeddingId"), given.get("embedding")
    if embedding is None:
        if embedding_id is not None:
            raise BadItem(f"embeddingId is {shown(embedding_id)} and there is no embedding: give both or neither.")
        return None, None
    if embedding_id is None:
        raise BadItem("There is an embedding and no embeddingId: give both or neither.")
    return embedding_id, read_embedding(embedding, dimensions=rules.dimensions)


def _days_to_sell(given: Mapping[str, Any]) -> int | None:
    value = given.get("daysToSell")
    if value is None:
        return None
    days = whole_number(value)
    if days is None or not 0 <= days <= MOST_DAYS_TO_SELL:
        raise BadItem(
            f"daysToSell is {shown(value)}: give a whole number from 0 to {MOST_DAYS_TO_SELL:,}, or leave it out."
        )
    return days
