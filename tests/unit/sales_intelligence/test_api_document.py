"""The OpenAPI document, the routes and the handler are one thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.openapi import FOLDER, documents, main, text
from sales_intelligence.api_models import NEW_SALE, SALE, SALE_CHANGES
from sales_intelligence.records import Sale
from sales_intelligence.routes import ROUTES
from shardwell.fields import fields_of

CONTRACT = {
    "POST /sales",
    "GET /products/{productId}/sales",
    "GET /products/{productId}/sales/{saleDate}/{saleId}",
    "PATCH /products/{productId}/sales/{saleDate}/{saleId}",
    "DELETE /products/{productId}/sales/{saleDate}/{saleId}",
    "GET /trends",
    "GET /brands/{brand}/pricing",
    "GET /embeddings",
}
DOCUMENT = documents()["sales-intelligence.json"]
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_the_routes_are_those_of_the_contract() -> None:
    assert {route.key for route in ROUTES} == CONTRACT
    assert {key for key, _ in OPERATIONS} == CONTRACT


@pytest.mark.parametrize("name", documents())
def test_the_file_is_what_the_routes_say(name: str) -> None:
    stored = (FOLDER / name).read_text(encoding="utf-8")
    assert stored == text(documents()[name]), "run `python -m operations.openapi`"


def test_the_command_writes_every_document(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path / "new") == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(documents())
    assert "sales-intelligence.json" in capsys.readouterr().out


def test_there_is_a_file_for_each_document_and_no_other() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(documents())


@pytest.mark.parametrize(("key", "operation"), OPERATIONS)
def test_every_route_says_how_it_refuses(key: str, operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    assert {"400", "401", "403", "404", "413", "429", "500", "503"} <= statuses
    assert ("409" in statuses) == (key.split()[0] in ("POST", "PATCH"))
    assert ("415" in statuses) == ("requestBody" in operation)
    assert operation["summary"]


def test_a_token_is_asked_for() -> None:
    assert DOCUMENT["security"] == [{"JWT": []}]
    assert DOCUMENT["components"]["securitySchemes"]["JWT"]["scheme"] == "bearer"


def test_every_reference_leads_somewhere() -> None:
    for reference in _references(DOCUMENT):
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_object_of_ours_is_closed() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name, one in schemas.items() if one.get("additionalProperties") is not False] == ["GatewayMessage"]


def test_a_sale_has_the_fields_of_its_record_but_the_tenant_and_the_fingerprint() -> None:
    assert set(SALE.fields) == set(fields_of(Sale)) - {"tenant", "fingerprint"}
    assert set(NEW_SALE.fields) == set(SALE.fields) - {"season", "createdAt", "updatedAt", "ttl"}
    assert set(SALE_CHANGES.fields) == set(NEW_SALE.fields) - {"productId", "saleId"}
    required = {field.attribute for field in fields_of(Sale).values() if field.required}
    assert NEW_SALE.required == required & set(NEW_SALE.fields)
    assert SALE.required == required - {"tenant"}
    assert SALE_CHANGES.nullable == set(SALE_CHANGES.fields) - required


def test_numbers_are_written_as_they_are_meant() -> None:
    money = DOCUMENT["components"]["schemas"]["NewSale"]["properties"]["salePrice"]
    assert (money["minimum"], money["maximum"], money["multipleOf"]) == (0, 99999999999.9999, 0.0001)
    assert '"multipleOf": 0.0001' in json.dumps(money)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for one in value.values() for found in _references(one)]
    return [found for one in value for found in _references(one)] if isinstance(value, list) else []
