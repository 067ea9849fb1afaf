"""Everything that the API refuses, and how."""

from __future__ import annotations

import base64
import json
from io import StringIO
from typing import Any

import pytest

from tests.unit.http.gateway import Answered, Gateway
from tests.unit.sales_intelligence.api_calls import EVERY_ROUTE, PATH, a_body


def _is_problem(answered: Answered, status: int, kind: str) -> None:
    assert (answered.status, answered.json["type"]) == (status, f"urn:problem:{kind}"), answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.json["correlationId"] == answered.headers["x-correlation-id"]
    assert answered.json["status"] == status
    assert answered.json["detail"].endswith(".")
    assert answered.json.keys() <= {"type", "title", "status", "detail", "correlationId", "errors"}


@pytest.mark.parametrize(("method", "url", "body"), EVERY_ROUTE)
def test_a_token_without_tenant_is_forbidden(call: Gateway, method: str, url: str, body: Any) -> None:
    _is_problem(call(method, url, body, tenant=None), 403, "no-tenant")
    _is_problem(call(method, url, body, tenant=""), 403, "no-tenant")


@pytest.mark.parametrize("tenant", ["x" * 129, "Ame\u0301lie"])
def test_a_tenant_that_keys_could_not_tell_from_another_is_forbidden(call: Gateway, tenant: str) -> None:
    _is_problem(call("GET", "/embeddings", tenant=tenant), 403, "no-tenant")


@pytest.mark.parametrize("where", ["body", "query", "header"])
def test_a_tenant_in_the_request_is_not_heard(call: Gateway, where: str) -> None:
    call("POST", "/sales", a_body(), tenant="north")
    if where == "body":
        _is_problem(call("POST", "/sales", a_body(tenant="north"), tenant="south"), 400, "bad-request")
        _is_problem(call("PATCH", PATH, {"tenant": "south"}, tenant="north"), 400, "bad-request")
    elif where == "query":
        _is_problem(call("GET", f"{PATH}?tenant=north", tenant="south"), 400, "bad-request")
        _is_problem(call("GET", f"{PATH}?custom:tenant=north", tenant="south"), 400, "bad-request")
    else:
        answered = call("GET", PATH, tenant="south", headers={"custom:tenant": "north", "tenant": "north"})
        _is_problem(answered, 404, "not-found")


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        ({"salePrice": ...}, "/salePrice", "The body lacks salePrice"),
        ({"salePrice": None}, "/salePrice", "salePrice is null: give a number."),
        ({"salePrice": "80"}, "/salePrice", "salePrice is text: give a number."),
        ({"salePrice": True}, "/salePrice", "salePrice is true or false: give a number."),
        ({"salePrice": [80]}, "/salePrice", "salePrice is a list: give a number."),
        ({"salePrice": -1}, "/salePrice", "salePrice is -1: it may be from 0 to 99999999999.9999."),
        ({"salePrice": 0.00001}, "/salePrice", "at most 4 decimals"),
        ({"productId": ""}, "/productId", "productId is empty: give at least 1 character."),
        ({"productId": "x" * 81}, "/productId", "productId has 81 characters: it may have at most 80."),
        ({"productId": 7}, "/productId", "productId is a number: give text."),
        ({"productId": "\ud800"}, "/productId", "a lone surrogate"),
        ({"saleDate": "2025-02-29"}, "/saleDate", "is not a day of the calendar"),
        ({"saleDate": "2025-2-9"}, "/saleDate", "write it as YYYY-MM-DD"),
        ({"saleDate": "\uff12025-01-01"}, "/saleDate", "write it as YYYY-MM-DD"),
        ({"currency": "eur"}, "/currency", "give three capital letters, such as EUR"),
        ({"currency": "EURO"}, "/currency", "it may have at most 3"),
        ({"currency": "EU\n"}, "/currency", "give three capital letters"),
        ({"daysToSell": 1.5}, "/daysToSell", "give a whole number"),
        ({"daysToSell": -1}, "/daysToSell", "from 0 to 100000"),
        ({"brand": None}, "/brand", "brand is null: give text."),
        ({"season": "Q4"}, "/season", "'season' is no field of the body"),
        ({"ttl": 1}, "/ttl", "'ttl' is no field of the body"),
        ({"\ud800": 1}, "/\\ud800", "'\\ud800' is no field of the body"),
        ({"x" * 9_000: 1}, "/" + "x" * 100, "(9000 characters) is no field of the body"),
        ({"a/b~c": 1}, "/a~1b~0c", "'a/b~c' is no field of the body"),
        ({"description": "x" * 2_001}, "/description", "at most 2000"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(call: Gateway, change: dict[str, Any], where: str, says: str) -> None:
    refused = call("POST", "/sales", a_body(**change))
    _is_problem(refused, 400, "bad-request")
    (error,) = refused.json["errors"]
    assert error["at"] == where
    assert says in error["detail"]
    assert refused.json["detail"] == error["detail"]


def test_all_that_is_wrong_is_said_at_once_up_to_ten(call: Gateway) -> None:
    assert len(call("POST", "/sales", {}).json["errors"]) == 7
    assert len(call("POST", "/sales", {f"x{n}": n for n in range(50)}).json["errors"]) == 10


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "{",
        "nul",
        '{"salePrice": NaN}',
        '{"salePrice": Infinity}',
        '{"salePrice": -Infinity}',
        '{"salePrice": 1, "salePrice": 2}',
        '{"salePrice": 1e99999999999999999999}',
        '{"salePrice": ' + "9" * 5_000 + "}",
        "[" * 30_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        b"\xff\xfe",
        b'{"brand": "\xff"}',
        "\ufeff{}",
    ],
)
@pytest.mark.parametrize(("method", "url"), [("POST", "/sales"), ("PATCH", PATH)])
def test_a_body_that_is_no_json_is_refused(call: Gateway, method: str, url: str, body: str | bytes) -> None:
    kind = {"content-type": "application/json"}
    event = call.event(method, url, body if isinstance(body, str) else "", headers=kind)
    assert event is not None
    if isinstance(body, bytes):
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    answer = call._handler(event, None)
    answered = Answered(answer["statusCode"], {k.lower(): v for k, v in answer["headers"].items()}, answer["body"])
    _is_problem(answered, 400, "bad-json")
    assert "set_int_max" not in answered.text


@pytest.mark.parametrize("body", ["[]", "[{}]", "1", "null", '"text"', "true"])
@pytest.mark.parametrize(("method", "url"), [("POST", "/sales"), ("PATCH", PATH)])
def test_a_body_that_is_no_object_is_refused(call: Gateway, method: str, url: str, body: str) -> None:
    refused = call(method, url, body)
    _is_problem(refused, 400, "bad-request")
    assert "give a JSON object" in refused.json["detail"]


def test_a_change_of_nothing_is_refused(call: Gateway) -> None:
    call("POST", "/sales", a_body())
    refused = call("PATCH", PATH, {})
    _is_problem(refused, 400, "bad-request")
    assert refused.json["detail"].startswith("The body is empty: give at least one of saleDate,")


@pytest.mark.parametrize("field", ["productId", "saleId", "season", "createdAt", "ttl", "tenant"])
def test_what_a_change_may_not_change_is_refused(call: Gateway, field: str) -> None:
    call("POST", "/sales", a_body())
    _is_problem(call("PATCH", PATH, {field: "x"}), 400, "bad-request")


@pytest.mark.parametrize("field", ["saleDate", "salePrice", "originalPrice", "currency", "category"])
def test_a_required_field_is_not_taken_away(call: Gateway, field: str) -> None:
    call("POST", "/sales", a_body())
    _is_problem(call("PATCH", PATH, {field: None}), 400, "bad-request")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
def test_another_content_type_is_refused(call: Gateway, kind: str) -> None:
    _is_problem(call("POST", "/sales", a_body(), headers={"content-type": kind}), 415, "unsupported-media-type")
    _is_problem(call("PATCH", PATH, {"salePrice": 1}, headers={"content-type": kind}), 415, "unsupported-media-type")


def test_a_merge_patch_creates_nothing(call: Gateway) -> None:
    refused = call("POST", "/sales", a_body(), headers={"content-type": "application/merge-patch+json"})
    _is_problem(refused, 415, "unsupported-media-type")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken_in_any_spelling_of_its_type(call: Gateway, kind: str) -> None:
    assert call("POST", "/sales", a_body(), headers={"content-type": kind}).status == 201


def test_a_body_as_bytes_is_read(call: Gateway) -> None:
    kind = {"content-type": "application/json;x"}
    event = call.event("POST", "/sales", json.dumps(a_body(brand="Ångström")).encode(), headers=kind)
    assert event is not None
    assert event["isBase64Encoded"]
    assert call._handler(event, None)["statusCode"] == 201


def test_a_huge_body_is_refused(call: Gateway) -> None:
    refused = call("POST", "/sales", a_body(description="x" * 70_000))
    _is_problem(refused, 413, "too-large")


def test_a_key_over_the_table_s_limit_is_refused(call: Gateway) -> None:
    long = "\U0001d160"  # in a key it is three characters of four bytes
    assert call("POST", "/sales", a_body(saleId=long * 80)).status == 201
    refused = call("POST", "/sales", a_body(category=long * 128), tenant="\x80" * 128)
    _is_problem(refused, 413, "too-large")
    asked = call("GET", "/trends?season=Q1&category=" + "%F0%9D%85%A0" * 128, tenant="\x80" * 128)
    _is_problem(asked, 413, "too-large")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("/trends?season=Q1", "category"),
        ("/trends?category=dress", "season"),
        ("/trends?category=dress&season=Q5", "season"),
        ("/trends?category=&season=Q1", "category"),
        ("/trends?category=dress&season=Q1&season=Q2", "season"),
        ("/embeddings?limit=0", "limit"),
        ("/embeddings?limit=201", "limit"),
        ("/embeddings?limit=-1", "limit"),
        ("/embeddings?limit=1.0", "limit"),
        ("/embeddings?limit=1e1", "limit"),
        ("/embeddings?limit=", "limit"),
        ("/embeddings?limit=x", "limit"),
        ("/embeddings?limit=" + "9" * 5_000, "limit"),
        ("/embeddings?limit=%D9%A1", "limit"),
        ("/embeddings?from=2025-13-01", "from"),
        ("/embeddings?to=yesterday", "to"),
        ("/embeddings?from=", "from"),
        ("/embeddings?cursor=", "cursor"),
        ("/embeddings?cursor=" + "x" * 6_145, "cursor"),
        ("/embeddings?productId=" + "x" * 81, "productId"),
        ("/embeddings?form=2025-01-01", "form"),
        ("/embeddings?%FF=1", "query"),
        ("/embeddings?" + "&".join(f"a{n}=1" for n in range(30)), "query"),
        ("/products/" + "x" * 81 + "/sales", "productId"),
        ("/products/P1/sales/2025-02-29/S1", "saleDate"),
        ("/products/P1/sales/x/S1", "saleDate"),
        ("/products/P1/sales/2025-01-01/" + "x" * 81, "saleId"),
        ("/brands/" + "x" * 129 + "/pricing", "brand"),
        (PATH + "?limit=1", "limit"),
    ],
)
def test_a_parameter_out_of_its_limits_is_refused(call: Gateway, url: str, where: str) -> None:
    refused = call("GET", url)
    _is_problem(refused, 400, "bad-request")
    assert where in [error["at"] for error in refused.json["errors"]]


@pytest.mark.parametrize(("method", "url", "_body"), EVERY_ROUTE)
def test_another_method_or_path_is_not_routed(call: Gateway, method: str, url: str, _body: Any) -> None:
    assert call("PUT", url).status == 404
    assert call(method, url.partition("?")[0] + "/more").status == 404


def test_an_event_of_no_route_is_a_problem_too(call: Gateway) -> None:
    event = call.event("GET", "/embeddings")
    assert event is not None
    event |= {"routeKey": "$default", "rawPath": "/nowhere"}
    answer = call._handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "urn:problem:no-route")


def test_nothing_that_was_sent_is_logged(call: Gateway, logged: StringIO) -> None:
    call("POST", "/sales", a_body(description="A private note"))
    call("POST", "/sales", a_body(description="A private note", brand="Secret", saleId=7))
    call("GET", "/brands/Secret/pricing")
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("createSale", 201),
        ("createSale", 400),
        ("getBrandPricing", 200),
    ]
    assert [line["correlation_id"] for line in lines] == ["request-1", "request-2", "request-3"]
    assert "private" not in logged.getvalue()
    assert "Secret" not in logged.getvalue()
