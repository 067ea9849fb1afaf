"""The nightly summary: what each brand's sales of the last 30 days brought, one log line a tenant, brand and currency.

It scans the index of brands, which holds those sales alone that have one, from four segments side by side, and keeps
the prices of 30 days in memory. That is for tables of up to some ten million sales, 100,000 a day for three months;
beyond that the summary belongs on the table's stream, kept up sale by sale.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from sales_intelligence.pricing import Price, statistics_of
from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.store import Store

DAYS = 30
SEGMENTS = 4
_FIELDS = ("tenant", "brand", "currency", "salePrice", "originalPrice")

logger = Logger()
store = Store(SALES, name=os.environ["TABLE_NAME"])


def handler(event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001 (the signature is Lambda's)
    """How many tenants, brands and sales the summary covers. `event` may give the day it ends on as `until`."""
    until = event.get("until") or datetime.now(UTC).date().isoformat()
    return summarise(store, until)


def summarise(sales: Store, until: str) -> dict[str, int]:
    """Log the prices of every brand of every tenant over the 30 days that end on `until`."""
    start = (datetime.fromisoformat(until) - timedelta(days=DAYS - 1)).date().isoformat()
    prices: dict[tuple[str, str], list[tuple[str, Price]]] = defaultdict(list)
    for page in sales.scan("GSI3", segments=SEGMENTS, where=F("saleDate").between(start, until), only=_FIELDS):
        for item in page.items:
            price = Price(item["salePrice"], item["originalPrice"])
            prices[item["tenant"], item["brand"]].append((item["currency"], price))
    for (tenant, brand), found in sorted(prices.items()):
        for statistics in statistics_of(found):
            found_of = {"tenant": tenant, "brand": brand, "start": start, "until": until, **asdict(statistics)}
            logger.info("brand prices", extra=found_of)
    summary = {
        "tenants": len({tenant for tenant, _ in prices}),
        "brands": len(prices),
        "sales": sum(map(len, prices.values())),
    }
    logger.info("nightly summary", extra={"start": start, "until": until, **summary})
    return summary
