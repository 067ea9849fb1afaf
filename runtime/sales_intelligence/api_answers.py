"""What each route of Sales Intelligence's API answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Context, Decimal
from typing import Any

from aws_lambda_powertools.logging.logger import Logger

from sales_intelligence.api_models import MONEY_DECIMALS, SALE, SALE_CHANGES
from sales_intelligence.factory import new_sale, time_to_live
from sales_intelligence.pricing import PriceStatistics
from sales_intelligence.records import Sale
from sales_intelligence.repository import SalePage, Sales
from sales_intelligence.routes import ROUTES
from shardwell.ambient import Ambient
from shardwell.errors import AlreadyExists, BadCursor, BadItem, NotFound
from shardwell.fields import camel, to_item
from shardwell.http_api import Answer, Handler, http_api
from shardwell.http_json import write_json
from shardwell.http_path import path_part
from shardwell.http_request import Request
from shardwell.keypart import shown
from shardwell.secrets import SigningKeys

NAMESPACE = "Shardwell"

MOST_ANSWER_BYTES = 5_000_000
"""Lambda answers with at most 6 MB, and Python programs may store sales far longer than this API takes."""

_NAMES = {camel(field.name): field.name for field in fields(Sale)}
_CHANGEABLE = {attribute: name for attribute, name in _NAMES.items() if attribute in SALE_CHANGES.fields}
_FRACTION = Decimal(1).scaleb(-MONEY_DECIMALS)
_WIDE = Context(prec=140)
"""Rounds every number that a table can hold, where Python's own 28 digits are too few."""

SalesWith = Callable[[tuple[bytes, ...]], Sales]
"""Makes the sales with the keys that sign their cursors."""


def sales_handler(
    *, sales_with: SalesWith, keys: SigningKeys, ambient: Ambient | None = None, log: Logger | None = None
) -> Handler:
    """The Lambda handler, given where the sales are and what signs their cursors."""
    api = SalesApi(sales_with, keys, ambient or Ambient())
    functions = {
        "createSale": api.create_sale,
        "listProductSales": api.list_product_sales,
        "getSale": api.get_sale,
        "changeSale": api.change_sale,
        "deleteSale": api.delete_sale,
        "listTrend": api.list_trend,
        "getBrandPricing": api.get_brand_pricing,
        "listEmbeddings": api.list_embeddings,
    }
    return http_api(ROUTES, functions, namespace=NAMESPACE, log=log)


class SalesApi:
    """The answers: one method a route. Each acts for the tenant of the request alone."""

    def __init__(self, sales_with: SalesWith, keys: SigningKeys, ambient: Ambient) -> None:
        self._sales_with = sales_with
        self._sales = sales_with(())
        self._keys = keys
        self._ambient = ambient

    def create_sale(self, request: Request) -> Answer:
        """The new sale, or the same one that was there already."""
        given = {_NAMES[attribute]: value for attribute, value in request.body.items()}
        self._check_lasts(given["sale_date"])
        sale = new_sale(tenant=request.tenant, now=self._ambient.now(), **given)
        try:
            stored, is_new = self._sales.insert_sale(sale)
        except AlreadyExists as error:
            raise AlreadyExists(
                f"Product {shown(sale.product_id)} has another sale {shown(sale.sale_id)} on {sale.sale_date}: change "
                "that one, or give the new one another id."
            ) from error
        return Answer(status=201 if is_new else 200, body=_body(stored), headers={"Location": _path(stored)})

    def get_sale(self, request: Request) -> Answer:
        """The sale of a key."""
        key = _key(request)
        found = self._sales.get_sale(request.tenant, *key)
        if found is None:
            raise _no_sale(key)
        return Answer(body=_body(found))

    def change_sale(self, request: Request) -> Answer:
        """The sale after a change."""
        key = _key(request)
        changes = {_CHANGEABLE[attribute]: value for attribute, value in request.body.items()}
        if "sale_date" in changes:
            self._check_lasts(changes["sale_date"])
        try:
            changed = self._sales.update_sale(request.tenant, *key, changes)
        except NotFound as error:
            raise _no_sale(key) from error
        except AlreadyExists as error:
            raise AlreadyExists(
                f"Product {shown(key[0])} has a sale {shown(key[2])} on {changes.get('sale_date')} already: delete "
                "that one first, or keep the day."
            ) from error
        return Answer(body=_body(changed), headers={"Content-Location": _path(changed)})

    def delete_sale(self, request: Request) -> Answer:
        """Nothing, once the sale is gone."""
        key = _key(request)
        if self._sales.delete_sale(request.tenant, *key) is None:
            raise _no_sale(key)
        return Answer(status=204)

    def list_product_sales(self, request: Request) -> Answer:
        """A page of a product's sales."""
        product = request.parameters["productId"]
        return self._page(request, lambda sales, **page: sales.query_product_sales(request.tenant, product, **page))

    def list_trend(self, request: Request) -> Answer:
        """A page of a category's sales in a season."""
        where = (request.tenant, request.parameters["category"], request.parameters["season"])
        return self._page(request, lambda sales, **page: sales.query_category_season(*where, **page))

    def list_embeddings(self, request: Request) -> Answer:
        """A page of the sales that have an embedding."""
        product = request.parameters.get("productId")
        return self._page(
            request, lambda sales, **page: sales.query_product_embeddings(request.tenant, product, **page)
        )

    def get_brand_pricing(self, request: Request) -> Answer:
        """A page of a brand's sales; the first one has the statistics of all of them."""
        brand = request.parameters["brand"]
        page = self._page(request, lambda sales, **page: sales.query_brand_sales(request.tenant, brand, **page))
        if "cursor" in request.parameters:
            return page
        start, end = request.parameters.get("from"), request.parameters.get("to")
        statistics = self._sales.brand_statistics(request.tenant, brand, start=start, end=end)
        return Answer(body={**(page.body or {}), "statistics": [_statistics(one) for one in statistics]})

    def _page(self, request: Request, ask: Callable[..., SalePage]) -> Answer:
        """The page that `ask` gives, of fewer sales where as many as were asked for are too long for one answer."""
        limit = request.parameters["limit"]
        while True:
            page = self._asked(ask, request, limit)
            items = [_body(sale) for sale in page.items]
            if len(items) <= 1 or sum(len(write_json(item).encode()) for item in items) <= MOST_ANSWER_BYTES:
                return Answer(body={"items": items, **({"cursor": page.cursor} if page.cursor else {})})
            limit = max(1, len(items) // 2)

    def _asked(self, ask: Callable[..., SalePage], request: Request, limit: int) -> SalePage:
        given = request.parameters
        page = {
            "start": given.get("from"),
            "end": given.get("to"),
            "limit": limit,
            "cursor": given.get("cursor"),
        }
        keys = self._keys()
        try:
            return ask(self._sales_with(keys), **page)
        except BadCursor:
            # It may be signed with a key that is newer than those this process knows.
            newer = self._keys.again()
            if newer == keys:
                raise
            return ask(self._sales_with(newer), **page)

    def _check_lasts(self, sale_date: str) -> None:
        if time_to_live(sale_date) <= self._ambient.now().timestamp():
            raise BadItem(f"The sale date {sale_date} is over two years ago, and so old sales are not kept.")


def _key(request: Request) -> tuple[str, str, str]:
    given = request.parameters
    return given["productId"], given["saleDate"], given["saleId"]


def _no_sale(key: tuple[str, str, str]) -> NotFound:
    product, day, sale = key
    return NotFound(f"Product {shown(product)} has no sale {shown(sale)} on {day}.")


def _path(sale: Sale) -> str:
    return f"/products/{path_part(sale.product_id)}/sales/{path_part(sale.sale_date)}/{path_part(sale.sale_id)}"


def _body(sale: Sale) -> dict[str, Any]:
    return {attribute: value for attribute, value in to_item(sale).items() if attribute in SALE.fields}


def _statistics(found: PriceStatistics) -> Mapping[str, Any]:
    rounded = {
        "mean": _rounded(found.mean),
        "median": _rounded(found.median),
        "meanDiscount": None if found.mean_discount is None else _rounded(found.mean_discount),
    }
    given = {"currency": found.currency, "count": found.count, "min": found.min, "max": found.max, **rounded}
    return {name: value for name, value in given.items() if value is not None}


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_FRACTION, context=_WIDE)
