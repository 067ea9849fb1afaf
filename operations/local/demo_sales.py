"""The demonstration's first half: a trend, a brand's prices and a page through a cursor, each with what it read."""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from operations.local import deployment, guard
from operations.local.console import Voice
from operations.local.emulator import Emulator
from operations.local.meter import metered
from operations.local.problem import Problem
from sales_intelligence.pricing import PriceStatistics
from sales_intelligence.records import Sale
from sales_intelligence.repository import Sales

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

FUNCTION = "NightlyPricesFunction"
TENANT, CATEGORY, SEASON, BRAND = "maison-nord", "dress", "Q3", "Aurelle"
PAGE = 25


def show_sales(folder: Path, repository: Sales, client: DynamoDBClient, *, local: Emulator, voice: Voice) -> None:
    """Asks the questions that the table is made for, and runs the nightly summary."""
    show_trend(repository, client, voice=voice)
    show_brand(repository, client, voice=voice)
    show_pages(repository, client, voice=voice)
    show_function(folder, local=local, voice=voice)


def show_trend(repository: Sales, client: DynamoDBClient, *, voice: Voice) -> None:
    """A category's sales of a season, month by month: one query over the ten shards of an index."""
    voice.heading(f"Trend: {CATEGORY} in {SEASON} at {TENANT}")
    with metered(client) as reading:
        found = every_page(repository)
    voice.grid(("month", "sales", "mean price", "mean discount"), [month_row(*group) for group in by_month(found)])
    voice.say(f"    read {reading}")


def show_brand(repository: Sales, client: DynamoDBClient, *, voice: Voice) -> None:
    """A brand's prices and their statistics: one query of one partition."""
    voice.heading(f"Prices: {BRAND} at {TENANT}")
    with metered(client) as reading:
        prices = repository.query_brand_pricing(TENANT, BRAND)
    header = ("sales", "lowest", "median", "mean", "highest", "mean discount", "currency")
    voice.grid(header, [price_row(statistics) for statistics in prices.statistics])
    voice.say(f"    read {reading}")


def show_pages(repository: Sales, client: DynamoDBClient, *, voice: Voice) -> None:
    """Two pages of the same trend, the second through the cursor of the first."""
    voice.heading(f"Two pages of {PAGE}, the second through a cursor")
    rows: list[tuple[str, ...]] = []
    cursor = None
    for number in (1, 2):
        with metered(client) as reading:
            page = repository.query_category_season(TENANT, CATEGORY, SEASON, limit=PAGE, cursor=cursor)
        cursor = page.cursor
        first, last = page.items[0], page.items[-1]
        rows.append((str(number), place(first), place(last), str(reading)))
    voice.grid(("page", "from", "to", "read"), rows)
    voice.say(f"    cursor of {len(cursor or '')} characters, signed, good for this tenant and query only")


def show_function(folder: Path, *, local: Emulator, voice: Voice) -> None:
    """The nightly summary, run now: the deployed bundle, under its own role."""
    named = {name: value for values in deployment.outputs(folder).values() for name, value in values.items()}
    function = named[FUNCTION]
    functions: LambdaClient = guard.client("lambda", port=local.port)
    voice.heading("Nightly summary of brand prices: a Lambda function under its own role")
    started = time.monotonic()
    answer = functions.invoke(FunctionName=function, Payload=b"{}")
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Problem(f"The function {function} failed; its log is in {folder / 'emulator.log'}.", detail=said)
    voice.say(f"    answered {said} in {(time.monotonic() - started) * 1000:.0f} ms")


def every_page(repository: Sales) -> list[Sale]:
    """All sales of the trend, page by page."""
    found: list[Sale] = []
    cursor = None
    while True:
        page = repository.query_category_season(TENANT, CATEGORY, SEASON, limit=1000, cursor=cursor)
        found.extend(page.items)
        cursor = page.cursor
        if cursor is None:
            return found


def by_month(found: Iterable[Sale]) -> list[tuple[str, list[Sale]]]:
    """Sales in the order of their dates, by month."""
    return [(month, list(group)) for month, group in groupby(found, key=lambda sale: sale.sale_date[:7])]


def month_row(month: str, found: list[Sale]) -> tuple[str, ...]:
    """A month's sales as a line of the table."""
    price = mean(sale.sale_price for sale in found)
    discount = mean(1 - sale.sale_price / sale.original_price for sale in found)
    return month, str(len(found)), f"{price:.2f}", f"{Decimal(discount):.0%}"


def price_row(found: PriceStatistics) -> tuple[str, ...]:
    """A brand's statistics as a line of the table."""
    amounts = (f"{amount:.2f}" for amount in (found.min, found.median, found.mean, found.max))
    discount = "" if found.mean_discount is None else f"{found.mean_discount:.0%}"
    return str(found.count), *amounts, discount, found.currency


def place(sale: Sale) -> str:
    """Where in the order of a page a sale is."""
    return f"{sale.sale_date} {sale.sale_id}"
