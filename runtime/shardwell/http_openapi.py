"""The OpenAPI document of an API, written from its routes. Commands and tests import this; no Lambda function does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from shardwell.http_problem import CONTENT_TYPE
from shardwell.http_routes import JSON, Parameter, Route, Success
from shardwell.http_schema import Choice, Day, Instant, Listing, Number, Record, Schema, Text, Whole

_PATH_NOTE = (
    "Percent-encoded, as in every path. A slash, a question mark or a percent sign in it is encoded twice (`/` is "
    "`%252F`), because API Gateway decodes a path before it looks for slashes."
)
_ABOUT_JWT = (
    "The ID token of a Cognito user. Its claim `custom:tenant` decides whose data is seen; access tokens lack it, and "
    "are refused with 403."
)
_REFUSALS = {
    400: "The request is not what this route takes: `errors` lists what is wrong with it.",
    401: "No valid token: API Gateway's own answer.",
    403: "The token belongs to no tenant.",
    404: "What the path names is not there, or no route has this path.",
    409: "It would overwrite, or it met a change by somebody else: nothing was written.",
    413: "The body or a key is too long.",
    415: "The body is of another content type.",
    429: "Too much traffic just now: try again after `Retry-After`.",
    431: "The request line and the headers are over 10 KB together: API Gateway's own answer.",
    500: "A fault on our side: report the correlation id.",
    503: "The database did not answer: try again after `Retry-After`. A write may have been carried out.",
}
_RETRIED = (429, 503)
_BY_HANDLER_ALONE = (409, 415)
_CORRELATION = {"$ref": "#/components/headers/CorrelationId"}


def openapi(routes: Iterable[Route], *, title: str, version: str, about: str) -> dict[str, Any]:
    """The document, as plain data."""
    given = tuple(routes)
    records: dict[str, Record] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in given:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, records)
    statuses = sorted({status for route in given for status in route.statuses})
    schemas = {name: _record(record, {}) for name, record in records.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": about},
        "security": [{"JWT": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "JWT": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _ABOUT_JWT}
            },
            "headers": {
                "CorrelationId": {
                    "description": "The id of the request, also in every line logged meanwhile.",
                    "schema": {"type": "string"},
                },
                "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "string"}},
            },
            "responses": {_response_name(status): _refusal(status) for status in statuses},
            "schemas": {**schemas, "Problem": _PROBLEM, "GatewayMessage": _GATEWAY_MESSAGE},
        },
    }


def _operation(route: Route, records: dict[str, Record]) -> dict[str, Any]:
    refusals = {str(status): {"$ref": f"#/components/responses/{_response_name(status)}"} for status in route.statuses}
    successes = {str(status): _success(answer, records) for status, answer in route.answers.items()}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": {**successes, **refusals},
    }
    if route.about:
        operation["description"] = route.about
    if route.parameters:
        operation["parameters"] = [_parameter(one, route) for one in route.parameters]
    if route.body is not None:
        reference = _schema(route.body.schema, records)
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": reference} for kind in route.body.types},
        }
    return operation


def _parameter(parameter: Parameter, route: Route) -> dict[str, Any]:
    in_path = parameter.name in route.path_names
    schema = _schema(parameter.schema, {})
    about = schema.pop("description", "")
    takes_any_text = in_path and isinstance(parameter.schema, Text)
    return {
        "name": parameter.name,
        "in": "path" if in_path else "query",
        "required": parameter.required,
        "description": f"{about} {_PATH_NOTE}" if takes_any_text else about,
        "schema": schema,
    }


def _success(answer: Success, records: dict[str, Record]) -> dict[str, Any]:
    headers = {name: {"description": about, "schema": {"type": "string"}} for name, about in answer.headers.items()}
    response: dict[str, Any] = {"description": answer.about, "headers": {"x-correlation-id": _CORRELATION, **headers}}
    if answer.schema is not None:
        response["content"] = {JSON: {"schema": _schema(answer.schema, records)}}
    return response


def _refusal(status: int) -> dict[str, Any]:
    by_gateway = {JSON: {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}
    by_handler = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"description": _REFUSALS[status], "content": by_gateway}
    if status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:  # whoever refuses it has not read what was asked for
        return {"description": _REFUSALS[status]}
    content = by_handler if status in _BY_HANDLER_ALONE else {**by_handler, **by_gateway}
    retry = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}} if status in _RETRIED else {}
    return {
        "description": _REFUSALS[status],
        "headers": {"x-correlation-id": _CORRELATION, **retry},
        "content": content,
    }


def _response_name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def _schema(schema: Schema, records: dict[str, Record]) -> dict[str, Any]:
    """The JSON schema of a value; records are referred to, and noted in `records`."""
    match schema:
        case Record():
            _note(schema, records)
            return {"$ref": f"#/components/schemas/{schema.name}"}
        case Listing():
            return {"type": "array", "description": schema.about, "items": _schema(schema.of, records)}
        case Choice():
            return {"type": "string", "description": schema.about, "enum": list(schema.values)}
        case Day():
            return {"type": "string", "format": "date", "description": schema.about, **_example(schema.example)}
        case Instant():
            return {"type": "string", "format": "date-time", "description": schema.about}
        case Text():
            limits = {"minLength": schema.least or None, "maxLength": schema.most, "pattern": schema.pattern}
            return {"type": "string", "description": schema.about, **_known(limits), **_example(schema.example)}
        case Whole():
            bounds = {"minimum": schema.least, "maximum": schema.most, "default": schema.default}
            return {"type": "integer", "description": schema.about, **_known(bounds)}
        case Number():
            limits = {
                "minimum": _plain(schema.least),
                "maximum": _plain(schema.most),
                "multipleOf": None if schema.decimals is None else 10**-schema.decimals,
            }
            return {"type": "number", "description": schema.about, **_known(limits), **_example(_plain(schema.example))}


def _note(record: Record, records: dict[str, Record]) -> None:
    if record.name not in records:
        records[record.name] = record
        _record(record, records)


def _record(record: Record, records: dict[str, Record]) -> dict[str, Any]:
    properties = {name: _schema(field, records) for name, field in record.fields.items()}
    for name in record.nullable:
        properties[name]["type"] = [properties[name]["type"], "null"]
    least = {"minProperties": record.least} if record.least else {}
    required = {"required": sorted(record.required)} if record.required else {}
    return {
        "type": "object",
        "description": record.about,
        "additionalProperties": False,
        "properties": properties,
        **required,
        **least,
    }


def _known(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _example(value: Any) -> dict[str, Any]:
    return {} if value is None else {"examples": [value]}


def _plain(value: Any) -> Any:
    """A Decimal as the number that JSON tools write in the same digits."""
    return None if value is None else int(value) if value == int(value) else float(value)


_TEXT = {"type": "string"}

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail", "correlationId"],
    "properties": {
        "type": {**_TEXT, "description": "The kind of problem, for programs: `urn:problem:bad-cursor`."},
        "title": {**_TEXT, "description": "The status in words."},
        "status": {"type": "integer", "description": "The status."},
        "detail": {**_TEXT, "description": "What is wrong, and the way out, in one sentence."},
        "correlationId": {**_TEXT, "description": "The id of the request."},
        "errors": {
            "type": "array",
            "description": "All that is wrong with the request, where there may be more than one thing.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["at", "detail"],
                "properties": {
                    "at": {**_TEXT, "description": "A parameter's name, or a JSON pointer into the body."},
                    "detail": {**_TEXT, "description": "What is wrong there."},
                },
            },
        },
    },
}

_GATEWAY_MESSAGE: dict[str, Any] = {
    "type": "object",
    "description": "What API Gateway says itself, before or instead of the function.",
    "required": ["message"],
    "properties": {"message": {"type": ["string", "null"]}},
}
