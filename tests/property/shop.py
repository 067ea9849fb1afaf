"""A small shop's table that uses all a description offers, and what its keys are, spelt out a second time by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize
from zlib import crc32

from shardwell import Day, Key, Table, Ttl
from shardwell.ambient import Ambient
from shardwell.creation import create_table_request
from shardwell.store import Store
from tests.property.memory import MemoryClient

NAME = "shop"
DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    tenant: str
    product_id: str
    sale_id: str
    sale_date: Day
    category: str
    price: Decimal
    quantity: int
    views: int | None = None
    brand: str | None = None
    embedding_id: str | None = None
    ttl: int | None = None


def shop(shards: int = 3, former: tuple[int, ...] = (), *, version: str | None = "version") -> Table:
    """The description with `shards` shards now and `former` ones before."""
    return Table(
        "shop-{stage}",
        key=Key(PK="TENANT#{tenant}#PRODUCT#{productId}", SK="SALE#{saleDate}#{saleId}"),
        indexes={
            "ByCategory": Key(
                categoryPK="TENANT#{tenant}#CATEGORY#{category}#SHARD#{shard}", categorySK="DATE#{saleDate}#{saleId}"
            ).sharded(shards, by="saleId", former=former),
            "ByEmbedding": Key(embeddingPK="TENANT#{tenant}#EMBEDDING#{shard}", embeddingSK="DATE#{saleDate}")
            .sharded(2, by="productId")
            .when("embeddingId")
            .projecting("productId", "saleId"),
            "ByBrand": Key(brandPK="TENANT#{tenant}#BRAND#{brand}", brandSK="DATE#{saleDate}#{saleId}"),
            "ByQuantity": Key(stockPK="TENANT#{tenant}#{shard}", quantity=int)
            .sharded(shards, by="saleId", former=former)
            .keys_only(),
        },
        ttl=Ttl("ttl", days=DAYS, after="saleDate"),
        record=Sale,
        version=version,
    )


def part(text: str) -> str:
    """A key part as the documentation describes it."""
    unsafe = {"#", "%", *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))}
    return "".join(
        "".join(f"%{byte:02X}" for byte in one.encode()) if one in unsafe else one for one in normalize("NFC", text)
    )


def table_keys(item: Mapping[str, Any]) -> dict[str, str]:
    """PK and SK of an item."""
    return {
        "PK": f"TENANT#{part(item['tenant'])}#PRODUCT#{part(item['productId'])}",
        "SK": f"SALE#{part(item['saleDate'])}#{part(item['saleId'])}",
    }


def index_keys(item: Mapping[str, Any], index: str, shards: int) -> dict[str, Any]:
    """The computed attributes that put an item into an index; none where it does not belong there."""
    tenant, day, sale = part(item["tenant"]), part(item["saleDate"]), part(item["saleId"])
    shard = crc32(normalize("NFC", item["saleId"]).encode()) % shards
    if index == "ByCategory":
        partition = f"TENANT#{tenant}#CATEGORY#{part(item['category'])}#SHARD#{shard}"
        return {"categoryPK": partition, "categorySK": f"DATE#{day}#{sale}"}
    if index == "ByEmbedding" and item.get("embeddingId"):
        two = crc32(normalize("NFC", item["productId"]).encode()) % 2
        return {"embeddingPK": f"TENANT#{tenant}#EMBEDDING#{two}", "embeddingSK": f"DATE#{day}"}
    if index == "ByBrand" and item.get("brand"):
        return {"brandPK": f"TENANT#{tenant}#BRAND#{part(item['brand'])}", "brandSK": f"DATE#{day}#{sale}"}
    if index == "ByQuantity":
        return {"stockPK": f"TENANT#{tenant}#{shard}"}
    return {}


INDEX_FIELDS: dict[str, set[str]] = {
    "ByCategory": {"tenant", "category", "saleDate", "saleId"},
    "ByEmbedding": {"tenant", "embeddingId", "saleDate", "productId"},
    "ByBrand": {"tenant", "brand", "saleDate", "saleId"},
    "ByQuantity": {"tenant", "quantity", "saleId"},
}
PARTITION_FIELDS = {
    None: ("tenant", "productId"),
    "ByCategory": ("tenant", "category"),
    "ByEmbedding": ("tenant",),
    "ByBrand": ("tenant", "brand"),
    "ByQuantity": ("tenant",),
}
KEY_FIELDS = ("tenant", "productId", "saleDate", "saleId")


def expiry(sale_date: str) -> int:
    """The epoch second at which a sale of that day expires."""
    return int((datetime.fromisoformat(sale_date).replace(tzinfo=UTC) + timedelta(days=DAYS)).timestamp())


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2025, 1, 10, tzinfo=UTC)  # midnight, when sales expire: to the very second

    def __call__(self) -> datetime:
        return self.now


def opened(
    table: Table, client: MemoryClient, clock: Clock | None = None, keys: tuple[bytes, ...] = (b"k" * 32,)
) -> Store:
    """A store of the table in memory, that never sleeps and knows no chance."""
    ambient = Ambient(now=clock or Clock(), sleep=lambda _seconds: None, random=lambda: 0.5)
    return Store(table, name=NAME, client=client, cursor_keys=keys, ambient=ambient)


def memory_of(table: Table, *, page: int = 1_000) -> MemoryClient:
    """An empty table in memory."""
    return MemoryClient(create_table_request(table, name=NAME), page=page)
