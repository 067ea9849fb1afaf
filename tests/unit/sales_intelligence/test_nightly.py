"""The nightly summary of brand prices."""

from __future__ import annotations

import importlib
import json
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from sales_intelligence.repository import Sales
from shardwell.store import Store
from tests.unit.sales_intelligence.conftest import NAME
from tests.unit.sales_intelligence.sample import a_sale


def test_it_logs_the_prices_of_each_brand_of_the_last_30_days(
    sales: Sales, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE_NAME", NAME)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    nightly = importlib.import_module("sales_intelligence.nightly")
    # A logger of its own: Powertools gives all default ones of a process the stream of the first.
    said = StringIO()
    monkeypatch.setattr(nightly, "logger", Logger(service=f"nightly-{uuid4().hex}", stream=said))
    sales.batch_write_sales(
        [
            a_sale(1, sale_date="2026-01-01", sale_price=Decimal(80)),
            a_sale(2, sale_date="2025-12-17", sale_price=Decimal(40)),
            a_sale(3, sale_date="2025-12-16"),
            a_sale(4, sale_date="2026-01-16"),
            a_sale(5, sale_date="2026-01-01", brand=None),
            a_sale(6, sale_date="2026-01-01", tenant="south", brand="Fjordholm"),
        ]
    )
    assert nightly.summarise(store, "2026-01-15") == {"tenants": 2, "brands": 2, "sales": 3}
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    (north,) = [line for line in lines if line.get("brand") == "Aurelle"]
    assert (north["tenant"], north["count"], north["start"], north["until"]) == ("north", 2, "2025-12-17", "2026-01-15")
    assert Decimal(north["mean"]) == 60
