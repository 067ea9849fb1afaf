"""An HTTP API of any system: errors, headers, logs, metrics."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from shardwell.errors import (
    BadCursor,
    BadItem,
    BadKeyPart,
    BadQuery,
    ConditionFailed,
    NotFound,
    SchemaError,
    Throttled,
    TooLarge,
    TransactionFailed,
    Unavailable,
    VersionConflict,
)
from shardwell.http_api import Answer, http_api
from shardwell.http_request import Request
from shardwell.http_routes import Body, Parameter, Route, Success
from shardwell.http_schema import Record, Text, Whole
from tests.unit.http.gateway import Answered, Gateway

THING = Record(name="Thing", about="A thing.", fields={"size": Whole(about="Its size.")}, required=frozenset({"size"}))
ID = Parameter(name="id", schema=Text(about="Its id."), required=True)
ROUTES = (
    Route(
        method="GET",
        path="/things/{id}",
        name="getThing",
        summary="A thing",
        parameters=(ID,),
        answers={200: Success(about="It.", schema=THING), 204: Success(about="Nothing.")},
    ),
    Route(
        method="POST",
        path="/things/{id}",
        name="makeThing",
        summary="A new thing",
        parameters=(ID,),
        body=Body(schema=THING),
        answers={201: Success(about="It.", schema=THING)},
    ),
)


class Bench:
    """The API, and what its functions do."""

    def __init__(self) -> None:
        self.answer: Any = Answer(body={"size": 1})
        self.requests: list[Request] = []
        self.log = StringIO()
        log = Logger(service=f"things-{uuid4().hex}", stream=self.log)
        functions = {"getThing": self._do, "makeThing": self._do}
        self.call = Gateway(ROUTES, http_api(ROUTES, functions, namespace="Things", log=log))

    def _do(self, request: Request) -> Answer:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: Answer = self.answer
        return answer

    def refused_with(self, error: Exception) -> Answered:
        self.answer = error
        return self.call("GET", "/things/1")


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadItem("Size is 3: give 4."), 400, "bad-item"),
        (BadKeyPart("Size is 3: give 4."), 400, "bad-key-part"),
        (BadQuery("Size is 3: give 4."), 400, "bad-query"),
        (BadCursor("Size is 3: give 4."), 400, "bad-cursor"),
        (TooLarge("Size is 3: give 4."), 413, "too-large"),
        (NotFound("Size is 3: give 4."), 404, "not-found"),
        (VersionConflict("Size is 3: give 4."), 409, "version-conflict"),
        (ConditionFailed("Size is 3: give 4."), 409, "condition-failed"),
        (TransactionFailed("x", [None, VersionConflict("Size is 3: give 4.")]), 409, "version-conflict"),
    ],
)
def test_an_error_that_a_caller_can_act_on_is_told(bench: Bench, error: Exception, status: int, kind: str) -> None:
    refused = bench.refused_with(error)
    assert refused.status == status
    assert refused.json == {
        "type": f"urn:problem:{kind}",
        "title": refused.json["title"],
        "status": status,
        "detail": "Size is 3: give 4.",
        "correlationId": "request-1",
    }
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"), [(Throttled("table secret-name"), 429), (Unavailable("secret-name"), 503)]
)
def test_a_database_that_is_too_busy_is_told_without_its_words(bench: Bench, error: Exception, status: int) -> None:
    refused = bench.refused_with(error)
    assert (refused.status, refused.headers["retry-after"]) == (status, "1")
    assert "secret-name" not in refused.text


@pytest.mark.parametrize(
    "error", [RuntimeError("secret-name"), SchemaError("secret-name"), KeyError("x"), RecursionError(), ValueError("v")]
)
def test_anything_else_is_a_500_that_says_nothing_and_a_log_that_says_all(bench: Bench, error: Exception) -> None:
    refused = bench.refused_with(error)
    assert refused.status == 500
    assert refused.json["type"] == "urn:problem:unexpected"
    assert "secret-name" not in refused.text
    (line,) = [json.loads(line) for line in bench.log.getvalue().splitlines() if '"unexpected error"' in line]
    assert type(error).__name__ in line["exception"]
    assert "in _do" in line["exception"]
    assert line["correlation_id"] == refused.json["correlationId"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=202, body={"size": 1}),
        Answer(body={"size": "1"}),
        Answer(body={}),
        Answer(body=None),
        Answer(body={"size": 1, "more": 1}),
        Answer(status=204, body={"size": 1}),
    ],
)
def test_an_answer_that_its_route_does_not_describe_is_our_fault(bench: Bench, answer: Answer) -> None:
    bench.answer = answer
    assert bench.call("GET", "/things/1").status == 500
    assert "SchemaError" in bench.log.getvalue()


def test_an_answer_is_kept_by_nobody_and_has_its_request_s_id(bench: Bench) -> None:
    answered = bench.call("GET", "/things/1")
    assert answered.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-correlation-id": "request-1",
    }


@pytest.mark.parametrize(
    "identifier", ["a/b", "a%2Fb", "50%", "#", "?", " ", "..", ".", "é", "\x00", "{id}", "%", "日本", "a+b"]
)
@pytest.mark.parametrize("stage", ["$default", "v1"])
def test_any_id_arrives_from_the_path_in_any_stage(bench: Bench, identifier: str, stage: str) -> None:
    from shardwell.http_path import path_part

    assert bench.call("GET", f"/things/{path_part(identifier)}", stage=stage).status == 200
    assert bench.requests[0].parameters == {"id": identifier}


def test_the_tenant_is_that_of_the_token(bench: Bench) -> None:
    bench.call("GET", "/things/1", tenant="acme", headers={"custom:tenant": "other"})
    assert bench.requests[0].tenant == "acme"


def test_a_body_arrives_as_exact_as_it_was_sent(bench: Bench) -> None:
    bench.answer = Answer(status=201, body={"size": 1})
    assert bench.call("POST", "/things/1", '{"size": 12345678901234567890}').status == 201
    assert bench.requests[0].body == {"size": 12345678901234567890}


def test_each_request_is_measured_by_its_route(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.call("GET", "/things/1")
    bench.refused_with(NotFound("No."))
    bench.refused_with(RuntimeError())
    measured = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [(one["Requests"], one["Refusals"], one["Errors"]) for one in measured] == [
        ([1.0], [0.0], [0.0]),
        ([1.0], [1.0], [0.0]),
        ([1.0], [0.0], [1.0]),
    ]
    for one in measured:
        assert one["route"] == "getThing"
        assert one["Latency"][0] > 0
        (described,) = one["_aws"]["CloudWatchMetrics"]
        assert described["Namespace"] == "Things"
        assert sorted(described["Dimensions"][0]) == ["route", "service"]


def test_a_route_without_function_or_the_other_way_round_is_refused() -> None:
    with pytest.raises(SchemaError, match="differ in makeThing"):
        http_api(ROUTES, {"getThing": lambda _: Answer()}, namespace="Things", log=Logger(service="things"))


def test_the_resolver_has_the_declared_routes_and_no_others() -> None:
    from shardwell.http_api import resolver_of

    functions = {route.name: lambda _: Answer() for route in ROUTES}
    resolver = resolver_of(ROUTES, functions, tenant_claim="custom:tenant", log=Logger(service="things"))
    found = [*resolver._static_routes, *resolver._dynamic_routes]
    assert {f"{route.method} {route.openapi_path}" for route in found} == {route.key for route in ROUTES}
