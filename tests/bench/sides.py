"""The same table seen by three clients: ours, boto3's, PynamoDB's; each answered at once by a service of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection
from pynamodb.models import Model

from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.codec import Codec
from shardwell.store import Store
from tests.bench.instant import FAKE, Instant

NAME = "bench"
KEY = {"tenant": "north", "productId": "PROD-00001", "saleDate": "2025-11-03", "saleId": "SALE-000001"}
ITEM: dict[str, Any] = {
    **KEY,
    "salePrice": Decimal("450.50"),
    "originalPrice": Decimal(500),
    "currency": "EUR",
    "category": "handbags",
    "season": "Q4",
    "brand": "Louis Vuitton",
    "condition": "like_new",
    "embeddingId": "emb-lv-12345-abc",
    "vendorId": "VENDOR-789",
    "description": "Louis Vuitton Speedy 30",
    "daysToSell": 12,
    "createdAt": "2025-11-03T10:00:00.000Z",
    "updatedAt": "2025-11-03T10:00:00.000Z",
}
_CODEC = Codec.of(SALES, None, NAME)


class PynamoSale(Model):
    """The table as PynamoDB describes it; the caller composes the keys."""

    class Meta:
        table_name = NAME
        region = "eu-west-1"
        host = FAKE["endpoint_url"]
        aws_access_key_id = "test"
        aws_secret_access_key = "test"

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    GSI1PK = UnicodeAttribute(null=True)
    GSI1SK = UnicodeAttribute(null=True)
    GSI2PK = UnicodeAttribute(null=True)
    GSI2SK = UnicodeAttribute(null=True)
    GSI3PK = UnicodeAttribute(null=True)
    GSI3SK = UnicodeAttribute(null=True)
    tenant = UnicodeAttribute()
    productId = UnicodeAttribute()  # noqa: N815 (attribute names are the table's)
    saleDate = UnicodeAttribute()  # noqa: N815 (the same)
    saleId = UnicodeAttribute()  # noqa: N815 (the same)
    salePrice = NumberAttribute()  # noqa: N815 (the same)
    originalPrice = NumberAttribute()  # noqa: N815 (the same)
    currency = UnicodeAttribute()
    category = UnicodeAttribute()
    season = UnicodeAttribute()
    brand = UnicodeAttribute(null=True)
    condition = UnicodeAttribute(null=True)
    embeddingId = UnicodeAttribute(null=True)  # noqa: N815 (the same)
    vendorId = UnicodeAttribute(null=True)  # noqa: N815 (the same)
    description = UnicodeAttribute(null=True)
    daysToSell = NumberAttribute(null=True)  # noqa: N815 (the same)
    createdAt = UnicodeAttribute()  # noqa: N815 (the same)
    updatedAt = UnicodeAttribute()  # noqa: N815 (the same)
    ttl = NumberAttribute(null=True)


def encoded(**changes: Any) -> dict[str, Any]:
    """The item as DynamoDB has it."""
    return _CODEC.encoded({**ITEM, **changes}, datetime(2025, 11, 3, tzinfo=UTC))


def page_of(count: int) -> dict[str, Any]:
    """DynamoDB's answer to a query that finds so many items."""
    items = [encoded(saleId=f"SALE-{number:06d}") for number in range(count)]
    return {"Items": items, "Count": count, "ScannedCount": count}


def ours() -> tuple[Store, Instant]:
    """Our store."""
    client = make_client(**FAKE)
    return Store(SALES, name=NAME, client=client, cursor_keys=(b"k" * 32,)), Instant(client)


def bare() -> tuple[Any, Instant]:
    """boto3's client as it comes."""
    client = boto3.Session().client("dynamodb", **FAKE)
    return client, Instant(client)


def resource() -> tuple[Any, Instant]:
    """boto3's resource as it comes."""
    found = boto3.Session().resource("dynamodb", **FAKE)
    return found.Table(NAME), Instant(found.meta.client)


@cache
def pynamo() -> tuple[type[PynamoSale], Instant]:
    """A model of PynamoDB, its connection told what the table is instead of asking for it."""
    connection: Connection = PynamoSale._get_connection().connection
    service = Instant(connection.client)
    service.answer({"Table": _description()})
    connection.describe_table(NAME)
    return PynamoSale, service


def _description() -> dict[str, Any]:
    from shardwell.creation import create_table_request

    request = create_table_request(SALES, name=NAME)
    return {**request, "TableStatus": "ACTIVE"}
