"""An HTTP API behind API Gateway: each route answered by a function, each request checked, logged and measured.

Powertools finds the route, calls its function and turns errors into answers. Its own validation is left off. It would
describe a second time what the routes describe; it takes a list for the first thing in it, and a form for JSON; and
the pydantic it needs takes a cold start from 1.5 to 1.8 times that of boto3 with a client. Traces are those of
Lambda's active tracing: the X-Ray SDK costs a cold start too, and would add segments for DynamoDB only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, Response
from aws_lambda_powertools.logging.logger import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from shardwell.errors import SchemaError
from shardwell.http_json import write_json
from shardwell.http_problem import CONTENT_TYPE, UNEXPECTED, Problem, Refused, problem_of
from shardwell.http_request import Request, read_request
from shardwell.http_routes import JSON, Route, by_key
from shardwell.http_schema import faults

CORRELATION_HEADER = "x-correlation-id"
TENANT_CLAIM = "custom:tenant"

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]

# What is said to one tenant is kept by nobody in between, and is what it says it is.
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a function answers: a status that its route describes, the body as plain data, further headers."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def http_api(
    routes: Sequence[Route],
    functions: Mapping[str, Callable[[Request], Answer]],
    *,
    namespace: str,
    tenant_claim: str = TENANT_CLAIM,
    log: Logger | None = None,
) -> Handler:
    """The Lambda handler of an API: `functions` has one for each route, by the route's name.

    `namespace` is that of its metrics. Every answer has the gateway's request id as `x-correlation-id`, as has every
    line that is logged meanwhile.
    """
    logger = log or Logger()
    known = by_key(routes)
    resolver = resolver_of(routes, functions, tenant_claim=tenant_claim, log=logger)

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        started = time.perf_counter()
        route = known.get(event.get("routeKey", ""))
        correlation_id = event["requestContext"]["requestId"]
        logger.set_correlation_id(correlation_id)
        answer = resolver.resolve(_routable(event, route), context)
        answer["headers"] = {**answer.get("headers", {}), **_HEADERS, CORRELATION_HEADER: correlation_id}
        milliseconds = (time.perf_counter() - started) * 1_000
        name = route.name if route else "unknown"
        status = answer["statusCode"]
        logger.info("request", extra={"route": name, "status": status, "milliseconds": round(milliseconds, 1)})
        _measure(namespace, logger.service, name, status, milliseconds)
        return answer

    return handler


def resolver_of(
    routes: Sequence[Route],
    functions: Mapping[str, Callable[[Request], Answer]],
    *,
    tenant_claim: str,
    log: Logger,
) -> APIGatewayHttpResolver:
    """Powertools' resolver with each route answered by its function."""
    names = {route.name for route in routes}
    if names != functions.keys():
        differing = ", ".join(sorted(names ^ functions.keys()))
        raise SchemaError(f"Routes and functions differ in {differing}: give each route one function of its name.")
    resolver = APIGatewayHttpResolver()
    for route in routes:
        answering = _answering(resolver, route, functions[route.name], tenant_claim)
        resolver.route(route.path.replace("{", "<").replace("}", ">"), method=route.method)(answering)

    def refuse(error: Exception) -> Response[Any]:
        problem = problem_of(error)
        if problem is None:
            log.exception("unexpected error")
            problem = UNEXPECTED
        return _refusal(problem, resolver.current_event.request_context.request_id)

    def unknown(_error: Exception) -> Response[Any]:
        return refuse(Refused(404, "no-route", "No route has this path and method: see the API's OpenAPI document."))

    resolver.exception_handler(Exception)(refuse)
    resolver.not_found(unknown)
    return resolver


def _answering(
    resolver: APIGatewayHttpResolver, route: Route, function: Callable[[Request], Answer], tenant_claim: str
) -> Callable[..., Response[Any]]:
    def answer(**_path: str) -> Response[Any]:
        given = function(read_request(route, resolver.current_event.raw_event, tenant_claim))
        _check_answer(route, given)
        # No body is the empty text: a null would make the gateway answer for itself.
        body = "" if given.body is None else write_json(given.body)
        return Response(given.status, None if given.body is None else JSON, body, headers=dict(given.headers))

    return answer


def _check_answer(route: Route, given: Answer) -> None:
    described = route.answers.get(given.status)
    if described is None:
        raise SchemaError(f"{route.key} answered {given.status}, which it does not describe.")
    if described.schema is None:
        wrong = [] if given.body is None else [f"{route.key} answered a body, and describes none."]
    else:
        wrong = [fault.detail for fault in faults(described.schema, given.body, name=f"The answer of {route.key}")]
    if wrong:
        raise SchemaError(wrong[0])


def _refusal(problem: Problem, correlation_id: str) -> Response[Any]:
    return Response(problem.status, CONTENT_TYPE, write_json(problem.body(correlation_id)), headers=problem.headers)


def _routable(event: Mapping[str, Any], route: Route | None) -> Mapping[str, Any]:
    """The event with a path that Powertools routes as the gateway did.

    The gateway's own path is decoded, so an id in it may look like another route, or like none.
    """
    if route is None:
        return event
    path = route.path
    for name, value in (event.get("pathParameters") or {}).items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    stage = event["requestContext"].get("stage", "$default")
    return {**event, "rawPath": path if stage == "$default" else f"/{stage}{path}"}


def _measure(namespace: str, service: str, route: str, status: int, milliseconds: float) -> None:
    metrics = EphemeralMetrics(namespace=namespace, service=service)
    metrics.add_dimension(name="route", value=route)
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="Refusals", unit=MetricUnit.Count, value=int(400 <= status < 500))
    metrics.add_metric(name="Errors", unit=MetricUnit.Count, value=int(status >= 500))
    metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=milliseconds)
    metrics.flush_metrics()
