"""One request of an HTTP API: read from API Gateway's event, checked against its route."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from shardwell.http_json import read_json
from shardwell.http_path import path_value
from shardwell.http_problem import Refused
from shardwell.http_routes import MOST_BODY_BYTES, Parameter, Route
from shardwell.http_schema import Fault, Whole, faults, pointed
from shardwell.keypart import shown

MOST_TENANT = 128
MOST_PARAMETERS = 20

_DIGITS = re.compile(r"-?[0-9]{1,38}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that its route allows: who asks, the parameters of path and query by name, and the body."""

    tenant: str
    parameters: Mapping[str, Any]
    body: Mapping[str, Any]


def read_request(route: Route, event: Mapping[str, Any], tenant_claim: str) -> Request:
    """The request of an event, or Refused with all that is wrong with it."""
    tenant = tenant_of(event, tenant_claim)
    path, wrong_in_path = _path(route, event.get("pathParameters") or {})
    query, wrong_in_query = _query(route, event.get("rawQueryString") or "")
    body, wrong_in_body = _body(route, event)
    wrong = [*wrong_in_path, *wrong_in_query, *wrong_in_body]
    if wrong:
        raise Refused(400, "bad-request", wrong[0].detail, tuple(wrong))
    return Request(tenant=tenant, parameters={**path, **query}, body=body)


def tenant_of(event: Mapping[str, Any], claim: str) -> str:
    """The tenant that the caller's token belongs to: from the claims that the gateway checked, nowhere else."""
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    tenant = claims.get(claim)
    if not isinstance(tenant, str) or not tenant:
        raise Refused(
            403, "no-tenant", f"The token has no claim {claim}: send the ID token of a user who belongs to a tenant."
        )
    # Keys hold text in NFC: of two spellings of one tenant, the other must not be taken for it.
    if len(tenant) > MOST_TENANT or not unicodedata.is_normalized("NFC", tenant):
        raise Refused(
            403,
            "no-tenant",
            f"The token's claim {claim} names no tenant: it has {len(tenant)} characters, and needs 1 to "
            f"{MOST_TENANT} in Unicode's composed form (NFC).",
        )
    return tenant


def _path(route: Route, received: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    given = {name: path_value(received[name]) for name in route.path_names if name in received}
    return _read_parameters(route.path_parameters, given, "path")


def _query(route: Route, raw: str) -> tuple[dict[str, Any], list[Fault]]:
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return {}, [Fault("query", f"The query has over {MOST_PARAMETERS} parameters or is not UTF-8: correct it.")]
    given = dict(pairs)
    known = {parameter.name for parameter in route.query_parameters}
    wrong = [
        Fault(pointed(name), f"The query has the parameter {shown(name)}: {_allowed(known)}.")
        for name in sorted(given.keys() - known)
    ]
    names = [name for name, _ in pairs]
    wrong += [
        Fault(name, f"The query has {name} {names.count(name)} times: give it once.")
        for name in sorted(known)
        if names.count(name) > 1
    ]
    values, more = _read_parameters(route.query_parameters, given, "query")
    return values, wrong + more


def _allowed(known: set[str]) -> str:
    return f"it may have {', '.join(sorted(known))}" if known else "this route takes none"


def _read_parameters(
    parameters: tuple[Parameter, ...], given: Mapping[str, str], place: str
) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    wrong: list[Fault] = []
    for parameter in parameters:
        schema = parameter.schema
        text = given.get(parameter.name)
        if text is None:
            if parameter.required:
                wrong.append(Fault(parameter.name, f"The {place} lacks {parameter.name}: give it."))
            elif isinstance(schema, Whole) and schema.default is not None:
                values[parameter.name] = schema.default
            continue
        value: Any = int(text) if isinstance(schema, Whole) and _DIGITS.fullmatch(text) else text
        wrong.extend(faults(schema, value, parameter.name, parameter.name))
        values[parameter.name] = value
    return values, wrong


def _body(route: Route, event: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    if route.body is None:
        return {}, []
    given = (event.get("headers") or {}).get("content-type", "")
    if given.partition(";")[0].strip().lower() not in route.body.types:
        raise Refused(
            415,
            "unsupported-media-type",
            f"The content type of the body is {shown(given)}: send {' or '.join(route.body.types)}.",
        )
    try:
        value = read_json(_text(event))
    except (ValueError, binascii.Error) as error:
        raise Refused(400, "bad-json", f"The body is no JSON: {error}.") from None
    wrong = faults(route.body.schema, value)
    return ({} if wrong else value), wrong


def _text(event: Mapping[str, Any]) -> str:
    body: str = event.get("body") or ""
    raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    if len(raw) > MOST_BODY_BYTES:
        raise Refused(413, "too-large", f"The body has {len(raw):,} bytes: it may have at most {MOST_BODY_BYTES:,}.")
    return raw.decode()
