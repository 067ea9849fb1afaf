"""The sales of all tenants: every read and write that Sales Intelligence does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sales_intelligence.factory import day, instant, season_of
from sales_intelligence.pricing import BrandPricing, Price, PriceStatistics, price_of, statistics_of
from sales_intelligence.records import SEASONS, Sale
from shardwell.ambient import Ambient
from shardwell.errors import AlreadyExists, BadItem, BadQuery, ConditionFailed
from shardwell.expressions import F
from shardwell.fanout import Meter
from shardwell.fields import camel, from_item, to_item
from shardwell.keypart import normalise, shown
from shardwell.query import Query
from shardwell.store import Store

_ATTRIBUTES = {field.name: camel(field.name) for field in fields(Sale)}
_DERIVED = ("season", "ttl", "created_at", "updated_at", "fingerprint")


@dataclass(frozen=True, slots=True)
class SalePage:
    """Some sales in order, the cursor to the next ones (None where there are none), and what reading them cost."""

    items: list[Sale]
    cursor: str | None
    read: Meter


class Sales:
    """The sales table as its users see it. Every method takes the tenant first, and sees that tenant's sales alone."""

    def __init__(self, store: Store, *, ambient: Ambient | None = None) -> None:
        self._store = store
        self._ambient = ambient or Ambient()

    def put_sale(self, sale: Sale) -> Sale:
        """The sale as it was stored, in place of any with its key."""
        return from_item(Sale, self._store.put(_checked_item(sale)))

    def insert_sale(self, sale: Sale) -> tuple[Sale, bool]:
        """The sale as it is stored, and whether this call stored it: not where the very same one was there already.

        Raises AlreadyExists where its key has a sale with other fields.
        """
        item = _checked_item(sale)
        try:
            return from_item(Sale, self._store.put(item, if_absent=True)), True
        except AlreadyExists:
            key = _key(sale.tenant, sale.product_id, sale.sale_date, sale.sale_id)
            found = self._store.get(key, consistent=True)
            if found is None or _given(found) != _given(item):
                raise
            return from_item(Sale, found), False

    def get_sale(self, tenant: str, product_id: str, sale_date: str, sale_id: str) -> Sale | None:
        """One sale, or None."""
        found = self._store.get(_key(tenant, product_id, sale_date, sale_id))
        return None if found is None else from_item(Sale, found)

    def update_sale(
        self, tenant: str, product_id: str, sale_date: str, sale_id: str, changes: Mapping[str, Any]
    ) -> Sale:
        """The sale after `changes`, a mapping of field names to values; None takes an optional field away.

        A new `sale_date` moves the sale, and its season and time to live follow. Raises NotFound, AlreadyExists where
        the new date has a sale of that id already, and ConditionFailed where a synchronised sale would be pointed at
        another embedding: its own is what the lake has.
        """
        _check_changes(changes)
        wanted = dict(changes)
        if "sale_date" in changes:
            wanted["season"] = season_of(changes["sale_date"])
        wanted["updated_at"] = instant(self._ambient.now())
        repointed = changes.get("embedding_s3_key") is not None
        try:
            updated = self._store.update(
                _key(tenant, product_id, sale_date, sale_id),
                {_ATTRIBUTES[name]: value for name, value in wanted.items() if value is not None},
                remove=[_ATTRIBUTES[name] for name, value in wanted.items() if value is None],
                condition=F("fingerprint").missing() if repointed else None,
            )
        except ConditionFailed as error:
            raise ConditionFailed(
                f"The sale {shown(sale_id)} was synchronised and has an embedding of its own: take it away with null, "
                "or leave embeddingS3Key out."
            ) from error
        return from_item(Sale, updated)

    def delete_sale(self, tenant: str, product_id: str, sale_date: str, sale_id: str) -> Sale | None:
        """The sale that was deleted, or None where there was none."""
        found = self._store.delete(_key(tenant, product_id, sale_date, sale_id))
        return None if found is None else from_item(Sale, found)

    def batch_write_sales(self, sales: Iterable[Sale]) -> int:
        """How many sales were written, any number: all of them, or PartialFailure lists the others."""
        return self._store.batch_put(_checked_item(sale) for sale in sales)

    def query_product_sales(
        self,
        tenant: str,
        product_id: str,
        *,
        start: str | None = None,
        end: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> SalePage:
        """A product's sales by date."""
        query = self._store.query(tenant=tenant, productId=product_id)
        return _page(_dated(query, start, end), limit, cursor, newest_first)

    def query_category_season(
        self,
        tenant: str,
        category: str,
        season: str,
        *,
        start: str | None = None,
        end: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> SalePage:
        """A category's sales in a season by date, of all years or from `start` to `end`."""
        if season not in SEASONS:
            raise BadQuery(f"The season {shown(season)} is none of {', '.join(SEASONS)}.")
        query = self._store.query("GSI1", tenant=tenant, category=category, season=season)
        return _page(_dated(query, start, end), limit, cursor, newest_first)

    def query_product_embeddings(
        self,
        tenant: str,
        product_id: str | None = None,
        *,
        start: str | None = None,
        end: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> SalePage:
        """Sales that have an embedding, by date: of one product (from one shard) or of the whole tenant."""
        pin = {} if product_id is None else {"productId": product_id}
        query = self._store.query("GSI2", tenant=tenant, **pin)
        return _page(_dated(query, start, end), limit, cursor, newest_first)

    def query_brand_sales(
        self,
        tenant: str,
        brand: str,
        *,
        start: str | None = None,
        end: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> SalePage:
        """A brand's sales by date, page by page."""
        query = self._store.query("GSI3", tenant=tenant, brand=brand)
        return _page(_dated(query, start, end), limit, cursor, newest_first)

    def brand_statistics(
        self, tenant: str, brand: str, *, start: str | None = None, end: str | None = None, most: int = 100_000
    ) -> list[PriceStatistics]:
        """Statistics of the prices of a brand's sales, one for each currency; BadQuery where there are over `most`."""
        query = _dated(self._store.query("GSI3", tenant=tenant, brand=brand), start, end)
        prices: list[tuple[str, Price]] = []
        for item in query.only("currency", "salePrice", "originalPrice"):
            if len(prices) == most:
                raise BadQuery(f"The range has over {most:,} sales of {shown(brand)}: ask for fewer days.")
            prices.append((item["currency"], Price(item["salePrice"], item["originalPrice"])))
        return statistics_of(prices)

    def query_brand_pricing(
        self, tenant: str, brand: str, *, start: str | None = None, end: str | None = None
    ) -> BrandPricing:
        """All of a brand's sales by date, and the statistics of their prices."""
        query = _dated(self._store.query("GSI3", tenant=tenant, brand=brand), start, end)
        records = [from_item(Sale, item) for item in query]
        return BrandPricing(records, statistics_of(map(price_of, records)))


def _key(tenant: str, product_id: str, sale_date: str, sale_id: str) -> dict[str, str]:
    return {"tenant": tenant, "productId": product_id, "saleDate": sale_date, "saleId": sale_id}


def _given(item: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of a sale, not derived, in the one Unicode form that keys have."""
    derived = {_ATTRIBUTES[name] for name in _DERIVED}
    kept = {name: value for name, value in item.items() if name not in derived}
    return {name: normalise(name, value) if isinstance(value, str) else value for name, value in kept.items()}


def _checked_item(sale: Sale) -> dict[str, Any]:
    if sale.season != (derived := season_of(sale.sale_date)):
        raise BadItem(f"The season of a sale on {sale.sale_date} is {derived}, not {shown(sale.season)}: use new_sale.")
    return to_item(sale)


def _check_changes(changes: Mapping[str, Any]) -> None:
    for name in changes:
        if name not in _ATTRIBUTES:
            raise BadItem(f"{shown(name)} is not a field of a sale: its fields are {', '.join(_ATTRIBUTES)}.")
        if name in _DERIVED:
            raise BadItem(f"{name} follows from the other fields of a sale: leave it out.")


def _dated(query: Query, start: str | None, end: str | None) -> Query:
    for bound in (start, end):
        if bound is not None:
            day(bound)
    if start is None and end is None:
        return query
    if start is not None and end is not None and start > end:
        raise BadQuery(f"The sales are asked from {start} to {end}, which is no time at all: swap the two.")
    return query.between(start or "0001-01-01", end or "9999-12-31")


def _page(query: Query, limit: int, cursor: str | None, newest_first: bool) -> SalePage:
    page = (query.newest_first() if newest_first else query).page(limit=limit, cursor=cursor)
    return SalePage([from_item(Sale, item) for item in page.items], page.cursor, page.read)
