"""Guard rails of HTTP APIs: a caller is known, recorded and slowed down.

cdk-nag reads a route's kind of authorization only, not whether it names an authorizer, and no throttle at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Resource, Template, properties

_OPEN = (None, "NONE")


def _open_routes(template: Template) -> Iterator[str]:
    for logical_id, route in template.of("AWS::ApiGatewayV2::Route"):
        if _is_http(template, route):
            found = properties(route)
            kind = found.get("AuthorizationType")
            if kind in _OPEN or (kind != "AWS_IAM" and not found.get("AuthorizerId")):
                yield logical_id


def _catch_all_routes(template: Template) -> Iterator[str]:
    for logical_id, route in template.of("AWS::ApiGatewayV2::Route"):
        if _is_http(template, route) and properties(route).get("RouteKey") == "$default":
            yield logical_id


def _without_access_log(template: Template) -> Iterator[str]:
    for logical_id, stage in template.of("AWS::ApiGatewayV2::Stage"):
        log = properties(stage).get("AccessLogSettings") or {}
        if not (log.get("DestinationArn") and log.get("Format")):
            yield logical_id


def _without_throttle(template: Template) -> Iterator[str]:
    for logical_id, stage in template.of("AWS::ApiGatewayV2::Stage"):
        found = properties(stage).get("DefaultRouteSettings") or {}
        if not (found.get("ThrottlingRateLimit") and found.get("ThrottlingBurstLimit")):
            yield logical_id


def _is_http(template: Template, route: Resource) -> bool:
    """False for a WebSocket API's: there callers are known from `$connect` on, and `$default` is usual."""
    api = template.referred(properties(route).get("ApiId"))
    return api is None or properties(template.resources[api]).get("ProtocolType") != "WEBSOCKET"


RULES = (
    Rule(
        id="ApiAuthorizer",
        says="Anybody may call this route.",
        fix="Give the route an authorizer (see ServiceApi), or acknowledge how its callers are known.",
        broken_by=_open_routes,
    ),
    Rule(
        id="ApiCatchAll",
        says="Every path that nobody declared calls the function too.",
        fix="Declare each route by its method and path (see ServiceApi).",
        broken_by=_catch_all_routes,
    ),
    Rule(
        id="ApiAccessLog",
        says="Nobody can see afterwards who called this API, and what it answered.",
        fix="Give its stage an access log with a format (see ServiceApi).",
        broken_by=_without_access_log,
    ),
    Rule(
        id="ApiThrottling",
        says="One caller can use up what all APIs of the account have together in a region: 10,000 requests a second.",
        fix="Give its stage a default rate and burst (see ServiceApi).",
        broken_by=_without_throttle,
    ),
)
