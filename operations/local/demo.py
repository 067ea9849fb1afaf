"""The demonstration: sales in, a trend, a brand's prices and a page through a cursor out, each with what it read."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from operations.local import deployment, emulator, guard, samples
from operations.local.console import Voice
from operations.local.emulator import Emulator
from operations.local.meter import metered
from operations.local.problem import Problem
from sales_intelligence.pricing import PriceStatistics
from sales_intelligence.records import Sale
from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.errors import ShardwellError
from shardwell.store import Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

FUNCTION = "NightlyPricesFunction"
TENANT, CATEGORY, SEASON, BRAND = "maison-nord", "dress", "Q3", "Aurelle"
PAGE = 25


@dataclass(frozen=True)
class Seeded:
    """Which emulator has the samples already, and up to which day: they are the same sales as long as it runs."""

    pid: int
    started: str
    last: str


def demonstrate_again(folder: Path, *, voice: Voice) -> None:
    """The demonstration on what runs."""
    local = emulator.running(folder)
    if local is None:
        raise Problem("Nothing runs, so there is nothing to show: `make up` starts it.")
    guard.enclose(port=local.port)
    guard.check(os.environ)
    demonstrate(folder, local=local, voice=voice)
    voice.say()


def demonstrate(folder: Path, *, local: Emulator, voice: Voice) -> None:
    """Writes the samples unless they are there, and asks the questions that the table is made for."""
    client: DynamoDBClient = guard.client("dynamodb", port=local.port)
    # The key signs cursors; this command is the only reader of those it makes.
    store = Store(SALES, name=SALES.physical_name("local"), client=client, cursor_keys=(secrets.token_bytes(32),))
    repository = Sales(store)
    try:
        with voice.step("sales") as step:
            step.detail = write_samples(folder, repository, local=local)
        show_trend(repository, client, voice=voice)
        show_brand(repository, client, voice=voice)
        show_pages(repository, client, voice=voice)
    except ShardwellError as error:
        raise Problem(str(error)) from error
    show_function(folder, local=local, voice=voice)


def write_samples(folder: Path, repository: Sales, *, local: Emulator) -> str:
    """Has the samples in the table, once: the same sales have the same keys. Says in words what it did."""
    known = read_seeded(folder, local)
    last = date.fromisoformat(known.last) if known else datetime.now(UTC).date()
    wanted = list(samples.sales(last=last))
    if known and all(is_there(repository, sale) for sale in (wanted[0], wanted[-1])):
        return f"{len(wanted):,} of {len(samples.TENANTS)} shops are there already"
    started = time.monotonic()
    repository.batch_write_sales(wanted)
    seconds = time.monotonic() - started
    seeded = Seeded(local.pid, local.started, last.isoformat())
    marker(folder).write_text(json.dumps(asdict(seeded)), encoding="utf-8")
    return f"{len(wanted):,} of {len(samples.TENANTS)} shops over two years, {len(wanted) / seconds:,.0f} a second"


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
        rows.append((str(number), str(len(page.items)), place(first), place(last), str(reading)))
    voice.grid(("page", "sales", "from", "to", "read"), rows)
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
    price = mean(sale.sale_price for sale in found)
    discount = mean(1 - sale.sale_price / sale.original_price for sale in found)
    return month, str(len(found)), f"{price:.2f}", f"{Decimal(discount):.0%}"


def price_row(found: PriceStatistics) -> tuple[str, ...]:
    amounts = (f"{amount:.2f}" for amount in (found.min, found.median, found.mean, found.max))
    discount = "" if found.mean_discount is None else f"{found.mean_discount:.0%}"
    return str(found.count), *amounts, discount, found.currency


def place(sale: Sale) -> str:
    return f"{sale.sale_date} {sale.sale_id}"


def is_there(repository: Sales, sale: Sale) -> bool:
    found = repository.get_sale(sale.tenant, sale.product_id, sale.sale_date, sale.sale_id)
    return found is not None


def read_seeded(folder: Path, local: Emulator) -> Seeded | None:
    """What this very emulator was given; nothing if the record is of an earlier one."""
    try:
        seeded = Seeded(**json.loads(marker(folder).read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return seeded if (seeded.pid, seeded.started) == (local.pid, local.started) else None


def marker(folder: Path) -> Path:
    return folder / "samples.json"
