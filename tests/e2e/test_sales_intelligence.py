"""Sales Intelligence as deployed: the table, the function on it, and what each may do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.store import Store
from tests.e2e.conftest import Cloud
from tests.unit.sales_intelligence.sample import a_sale

pytestmark = pytest.mark.heavy

STACK = "shardwell-local-sales-intelligence"


@pytest.fixture
def sales(cloud: Cloud) -> Sales:
    store = Store(SALES, name=cloud.output(STACK, "TableName"), client=cloud.client("dynamodb"))
    return Sales(store)


def nightly(cloud: Cloud) -> str:
    return cloud.output(STACK, "NightlyPricesFunction")


def test_the_deployed_table_is_the_described_one(cloud: Cloud) -> None:
    table = cloud.client("dynamodb").describe_table(TableName=SALES.physical_name("local"))["Table"]
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == SALES.attributes
    indexes = table["GlobalSecondaryIndexes"]
    keys = {index["IndexName"]: [k["AttributeName"] for k in index["KeySchema"]] for index in indexes}
    assert keys == {name: [a.name for a in key.attributes] for name, key in SALES.indexes.items()}
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.xfail(reason="MiniStack 1.5.33 ignores TimeToLiveSpecification of AWS::DynamoDB::GlobalTable", strict=True)
def test_the_deployed_table_has_its_time_to_live(cloud: Cloud) -> None:
    ttl = cloud.client("dynamodb").describe_time_to_live(TableName=SALES.physical_name("local"))
    assert ttl["TimeToLiveDescription"].get("AttributeName") == "ttl"


def test_sales_go_in_and_a_trend_comes_out(sales: Sales) -> None:
    written = [a_sale(n, tenant="trend", sale_date=f"2025-11-{n:02d}") for n in range(1, 29)]
    sales.batch_write_sales(written)
    found = sales.query_category_season("trend", "dress", "Q4", start="2025-11-05", end="2025-11-10")
    assert found.items == written[4:10]


def test_the_nightly_function_runs_from_its_bundle_with_its_grants(cloud: Cloud, sales: Sales) -> None:
    sales.batch_write_sales(a_sale(n, tenant="night", sale_date="2025-06-15") for n in range(30))
    succeeded, answer = cloud.invoke(nightly(cloud), {"until": "2025-06-20"})
    assert (succeeded, answer) == (True, {"tenants": 1, "brands": 1, "sales": 30})
    assert any('"brand prices"' in line and '"night"' in line for line in logged(cloud))


def test_a_forgotten_grant_fails_as_it_would_on_aws(cloud: Cloud) -> None:
    app = Path(__file__).parent / "app_without_grants.py"
    cloud.deploy("--app", f"{sys.executable} {app}")
    try:
        succeeded, answer = cloud.invoke(nightly(cloud), {"until": "2025-06-20"})
    finally:
        cloud.deploy()
    assert not succeeded
    assert "AccessDenied" in answer["errorType"] + answer["errorMessage"]
    assert "dynamodb:Scan" in answer["errorMessage"]
    assert cloud.invoke(nightly(cloud), {"until": "2025-06-20"})[0]


def logged(cloud: Cloud) -> list[str]:
    """Every line that the nightly function has logged."""
    logs = cloud.client("logs")
    function: dict[str, Any] = cloud.client("lambda").get_function_configuration(FunctionName=nightly(cloud))
    group = function["LoggingConfig"]["LogGroup"]
    return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
