"""The API as Lambda loads it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from sales_intelligence.routes import ROUTES
from tests.unit.http.gateway import Gateway
from tests.unit.sales_intelligence.api_calls import EVERY_ROUTE
from tests.unit.sales_intelligence.conftest import NAME

NEEDED = {
    "TABLE_NAME": NAME,
    "CURSOR_SECRET_ARN": "arn",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "sales_intelligence",
}


def test_it_answers_every_route_over_the_stage_s_own_table_and_secret(
    client: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = boto3.client("secretsmanager", region_name="eu-west-1")
    arn = secrets.create_secret(Name="cursors", SecretString="k" * 48)["ARN"]
    for name, value in {**NEEDED, "CURSOR_SECRET_ARN": arn}.items():
        monkeypatch.setenv(name, value)
    api = importlib.import_module("sales_intelligence.api")
    call = Gateway(ROUTES, api.handler)
    statuses = [call(method, url, _recent(body)).status for method, url, body in EVERY_ROUTE]
    assert statuses == [201, 200, 404, 404, 404, 200, 200, 200]


def test_loading_it_imports_nothing_that_it_does_not_need() -> None:
    heavy = ("pydantic", "aws_xray_sdk", "jmespath.functions_", "shardwell.http_openapi", "pyarrow", "moto")
    program = (
        "import sys, sales_intelligence.api\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
        "print([name for name in sys.modules if name.startswith('aws_cdk')])\n"
    )
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **NEEDED, **keys},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split("\n")[:2] == ["[]", "[]"]


@pytest.mark.parametrize("name", ["TABLE_NAME", "CURSOR_SECRET_ARN"])
def test_it_does_not_load_without_what_its_stack_gives_it(name: str) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    given = {key: value for key, value in {**os.environ, **NEEDED, **keys}.items() if key != name}
    ran = subprocess.run(
        [sys.executable, "-c", "import sales_intelligence.api"], env=given, capture_output=True, text=True
    )
    assert ran.returncode != 0
    assert f"KeyError: '{name}'" in ran.stderr


def _recent(body: Any) -> Any:
    """The body on a day that is not over two years ago whenever the test runs."""
    return {**body, "saleDate": datetime.now(UTC).date().isoformat()} if body and "productId" in body else body
