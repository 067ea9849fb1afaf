"""The routes of Sales Intelligence: the stack makes them, the handler answers them, OpenAPI describes them."""

from __future__ import annotations

from sales_intelligence.api_models import (
    BRAND,
    CATEGORY,
    CURSOR,
    DEFAULT_LIMIT,
    MOST_LIMIT,
    NEW_SALE,
    PRICING_PAGE,
    PRODUCT_ID,
    SALE,
    SALE_CHANGES,
    SALE_DATE,
    SALE_ID,
    SALE_PAGE,
    SEASON,
)
from shardwell.http_routes import JSON, MERGE_PATCH, Body, Parameter, Route, Success
from shardwell.http_schema import Day, Whole

TITLE = "Sales Intelligence"
VERSION = "1.0.0"
ABOUT = (
    "A history of sales for trends, embeddings and brand prices. A caller sees the sales of its own tenant alone, "
    "which its token names. Lists take `limit` and `cursor`: a cursor belongs to the query that gave it, and a page "
    "without one is the last. Numbers are exact: an amount comes back as it was sent."
)

_PRODUCT = Parameter(name="productId", schema=PRODUCT_ID, required=True)
_SALE_PATH = "/products/{productId}/sales/{saleDate}/{saleId}"
_SALE_KEY = (
    _PRODUCT,
    Parameter(name="saleDate", schema=SALE_DATE, required=True),
    Parameter(name="saleId", schema=SALE_ID, required=True),
)
_PAGING = (
    Parameter(name="from", schema=Day(about="The first day, included.", example="2026-01-01")),
    Parameter(name="to", schema=Day(about="The last day, included.", example="2026-03-31")),
    Parameter(
        name="limit", schema=Whole(about="The most sales in a page.", least=1, most=MOST_LIMIT, default=DEFAULT_LIMIT)
    ),
    Parameter(name="cursor", schema=CURSOR),
)
_LOCATION = {"Location": "The path of the sale."}
_PAGE = {200: Success(about="A page of sales.", schema=SALE_PAGE)}

ROUTES = (
    Route(
        method="POST",
        path="/sales",
        name="createSale",
        summary="Record a sale",
        about="Sent again with the same content it changes nothing and answers 200, so it may be repeated when an "
        "answer is lost. A sale with the same key and other content is a 409. A day more than two years ago is "
        "refused: such a sale would be gone at once.",
        body=Body(schema=NEW_SALE),
        answers={
            201: Success(about="The sale was recorded.", schema=SALE, headers=_LOCATION),
            200: Success(about="The very same sale had been recorded before.", schema=SALE, headers=_LOCATION),
        },
        problems=(409,),
    ),
    Route(
        method="GET",
        path="/products/{productId}/sales",
        name="listProductSales",
        summary="A product's sales by date",
        parameters=(_PRODUCT, *_PAGING),
        answers=_PAGE,
    ),
    Route(
        method="GET",
        path=_SALE_PATH,
        name="getSale",
        summary="One sale",
        parameters=_SALE_KEY,
        answers={200: Success(about="The sale.", schema=SALE)},
    ),
    Route(
        method="PATCH",
        path=_SALE_PATH,
        name="changeSale",
        summary="Change a sale",
        about="A JSON merge patch (RFC 7396). A new saleDate moves the sale: its season and time to live follow, and "
        "Content-Location says where it is then; where the product has a sale of that id on that day, it is a 409. So "
        "is another embeddingS3Key for a sale that came from an event, which has its own.",
        parameters=_SALE_KEY,
        body=Body(schema=SALE_CHANGES, types=(JSON, MERGE_PATCH)),
        answers={
            200: Success(
                about="The sale as it is now.", schema=SALE, headers={"Content-Location": "The path of the sale."}
            )
        },
        problems=(409,),
    ),
    Route(
        method="DELETE",
        path=_SALE_PATH,
        name="deleteSale",
        summary="Delete a sale",
        parameters=_SALE_KEY,
        answers={204: Success(about="The sale was deleted.")},
    ),
    Route(
        method="GET",
        path="/trends",
        name="listTrend",
        summary="A category's sales in a season by date",
        about="The season is that of every year, unless `from` and `to` narrow it.",
        parameters=(
            Parameter(name="category", schema=CATEGORY, required=True),
            Parameter(name="season", schema=SEASON, required=True),
            *_PAGING,
        ),
        answers=_PAGE,
    ),
    Route(
        method="GET",
        path="/brands/{brand}/pricing",
        name="getBrandPricing",
        summary="A brand's sales by date, and the statistics of their prices",
        about="The first page has the statistics of all sales from `from` to `to`, one entry a currency. The pages "
        "after it have none, because all of the range is read for them. A range of more than 100,000 sales is "
        "refused: ask for fewer days.",
        parameters=(Parameter(name="brand", schema=BRAND, required=True), *_PAGING),
        answers={200: Success(about="A page of sales.", schema=PRICING_PAGE)},
    ),
    Route(
        method="GET",
        path="/embeddings",
        name="listEmbeddings",
        summary="Sales that have an embedding, by date",
        about="Those of one product, or of the whole tenant.",
        parameters=(Parameter(name="productId", schema=PRODUCT_ID), *_PAGING),
        answers=_PAGE,
    ),
)
