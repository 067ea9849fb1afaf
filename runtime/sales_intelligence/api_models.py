"""What the API of Sales Intelligence takes and answers.

Requests are held to limits, so that whatever is let in fits the table's keys. Answers are not: the table may hold
sales that Python programs wrote, and those are given out as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sales_intelligence.records import SEASONS
from shardwell.http_schema import Choice, Day, Instant, Listing, Number, Record, Schema, Text, Whole

MOST_ID = 80
"""Characters of an id: 80 of the longest kind (12 bytes each in a key) are within a sort key's 1,024 bytes."""

MOST_NAME = 128
MOST_DESCRIPTION = 2_000
MOST_LIMIT = 200
DEFAULT_LIMIT = 50
MOST_CURSOR = 6_144
"""Characters of a cursor. API Gateway takes 10,240 bytes of request line and headers, the token among them."""

MOST_MONEY = Decimal("99999999999.9999")
MONEY_DECIMALS = 4
"""15 digits in all: so many survive every JSON library that reads numbers as doubles."""

PRODUCT_ID = Text(about="The product.", most=MOST_ID, example="P-1041")
SALE_ID = Text(about="The sale; unique among the product's sales of its day.", most=MOST_ID, example="S-20260110-0007")
SALE_DATE = Day(about="The day of the sale.", example="2026-01-10")
CATEGORY = Text(about="The product's category.", most=MOST_NAME, example="dress")
BRAND = Text(about="The product's brand.", most=MOST_NAME, example="Aurelle")
SEASON = Choice(about="The quarter of the sale's day.", values=SEASONS)
CURSOR = Text(about="Where to go on: the cursor of the page before.", most=MOST_CURSOR)
CURRENCY = Text(
    about="The currency, as ISO 4217 names it.",
    least=3,
    most=3,
    pattern="^[A-Z]{3}$",
    form="three capital letters, such as EUR",
    example="EUR",
)


def _money(about: str) -> Number:
    return Number(about=about, least=Decimal(0), most=MOST_MONEY, decimals=MONEY_DECIMALS, example=Decimal("129.90"))


_OPTIONAL: Mapping[str, Schema] = {
    "brand": BRAND,
    "condition": Text(about="The product's condition.", most=MOST_NAME, example="new"),
    "embeddingId": Text(about="The embedding of the product's picture.", most=MOST_NAME, example="emb-77"),
    "embeddingS3Key": Text(about="Where in S3 that embedding is.", most=1_024, example="embeddings/emb-77.bin"),
    "vendorId": Text(about="Who sold it.", most=MOST_NAME, example="V-12"),
    "description": Text(about="A description.", most=MOST_DESCRIPTION),
    "daysToSell": Whole(about="Days from listing to sale.", least=0, most=100_000),
    "imageS3Key": Text(about="Where in S3 the product's picture is.", most=1_024, example="products/P-1041.jpg"),
}

_REQUIRED: Mapping[str, Schema] = {
    "saleDate": SALE_DATE,
    "salePrice": _money("What it was sold for, with at most 4 decimals."),
    "originalPrice": _money("What it was first priced at, with at most 4 decimals."),
    "currency": CURRENCY,
    "category": CATEGORY,
}

NEW_SALE = Record(
    name="NewSale",
    about="A sale to record. Its season, time to live and timestamps follow from it.",
    fields={"productId": PRODUCT_ID, "saleId": SALE_ID, **_REQUIRED, **_OPTIONAL},
    required=frozenset({"productId", "saleId", *_REQUIRED}),
)

SALE_CHANGES = Record(
    name="SaleChanges",
    about="Fields to change, by name; null takes an optional field away. A new saleDate moves the sale.",
    fields={**_REQUIRED, **_OPTIONAL},
    nullable=frozenset(_OPTIONAL),
    least=1,
)

SALE = Record(
    name="Sale",
    about="A recorded sale. Fields that it has no value for are left out.",
    fields={
        "productId": Text(about="The product.", least=0),
        "saleId": Text(about="The sale.", least=0),
        "saleDate": Text(about="The day of the sale.", example="2026-01-10"),
        "salePrice": Number(about="What it was sold for."),
        "originalPrice": Number(about="What it was first priced at."),
        "currency": Text(about="The currency.", least=0, example="EUR"),
        "category": Text(about="The product's category.", least=0),
        "season": SEASON,
        "brand": Text(about="The product's brand.", least=0),
        "condition": Text(about="The product's condition.", least=0),
        "embeddingId": Text(about="The embedding of the product's picture.", least=0),
        "embeddingS3Key": Text(about="Where in S3 that embedding is.", least=0),
        "vendorId": Text(about="Who sold it.", least=0),
        "description": Text(about="A description.", least=0),
        "daysToSell": Whole(about="Days from listing to sale."),
        "imageS3Key": Text(about="Where in S3 the product's picture is.", least=0),
        "createdAt": Instant(about="When it was recorded."),
        "updatedAt": Instant(about="When it was last changed."),
        "ttl": Whole(about="Epoch second from which on it is gone: two years after its day."),
    },
    required=frozenset(
        {"productId", "saleId", *_REQUIRED, "season", "createdAt", "updatedAt"},
    ),
)

_ITEMS = Listing(about="Sales by date, the oldest first.", of=SALE)
_NEXT = Text(about="The cursor of the next page. Where there is none, there are no more sales.")

SALE_PAGE = Record(
    name="SalePage",
    about="Some sales. A page may have fewer than were asked for, even none, and still have a cursor.",
    fields={"items": _ITEMS, "cursor": _NEXT},
    required=frozenset({"items"}),
)

PRICE_STATISTICS = Record(
    name="PriceStatistics",
    about="What sales in one currency were sold for. Mean, median and discount are rounded to 4 decimals.",
    fields={
        "currency": Text(about="The currency.", least=0, example="EUR"),
        "count": Whole(about="How many sales.", least=1),
        "min": Number(about="The lowest price."),
        "max": Number(about="The highest price."),
        "mean": Number(about="The mean price."),
        "median": Number(about="The median price."),
        "meanDiscount": Number(
            about="The part of the original price that was let off, on average: 0.25 is a quarter. Left out where no "
            "sale had an original price."
        ),
    },
    required=frozenset({"currency", "count", "min", "max", "mean", "median"}),
)

PRICING_PAGE = Record(
    name="PricingPage",
    about="Some sales of a brand, and on the first page the statistics of all of them.",
    fields={
        "items": _ITEMS,
        "cursor": _NEXT,
        "statistics": Listing(
            about="One entry a currency, the commonest first, over all sales of the range. Only on the first page: "
            "all of the range is read for it.",
            of=PRICE_STATISTICS,
        ),
    },
    required=frozenset({"items"}),
)
