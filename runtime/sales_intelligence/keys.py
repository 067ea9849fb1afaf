"""The keys of the sales table in words, for programs that read it with a plain client."""

from __future__ import annotations

from typing import Any

from sales_intelligence.tables import SALES
from shardwell.sharding import Sharding
from shardwell.template import SHARD


def get_category_shard(sale_id: str) -> int:
    """The shard of GSI1 that a sale is in."""
    return _sharding("GSI1").shard(sale_id)


def get_embedding_shard(product_id: str) -> int:
    """The shard of GSI2 that a product's sales are in."""
    return _sharding("GSI2").shard(product_id)


def sale_key(*, tenant: str, product_id: str, sale_date: str, sale_id: str) -> dict[str, str]:
    """PK and SK of a sale."""
    return SALES.key.values({"tenant": tenant, "productId": product_id, "saleDate": sale_date, "saleId": sale_id})


def category_partition(*, tenant: str, category: str, season: str, shard: int) -> str:
    """GSI1PK of one shard of a category's season."""
    return _partition("GSI1", tenant=tenant, category=category, season=season, shard=shard)


def embedding_partition(*, tenant: str, shard: int) -> str:
    """GSI2PK of one shard of a tenant's sales with an embedding."""
    return _partition("GSI2", tenant=tenant, shard=shard)


def brand_partition(*, tenant: str, brand: str) -> str:
    """GSI3PK of a brand."""
    return _partition("GSI3", tenant=tenant, brand=brand)


def _sharding(index: str) -> Sharding:
    found = SALES.indexes[index].sharding
    if found is None:
        raise RuntimeError(f"{index} is not sharded any more.")
    return found


def _partition(index: str, *, shard: int | None = None, **fields: Any) -> str:
    value = SALES.indexes[index].partition.value(fields if shard is None else {**fields, SHARD: shard})
    return str(value)
