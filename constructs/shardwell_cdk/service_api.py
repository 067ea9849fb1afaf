"""An HTTP API in front of a function. Importing this takes a fifth of a second: only stacks with an API do."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from shardwell.http_routes import Route, by_key
from shardwell_cdk.api_alarms import ApiAlarms
from shardwell_cdk.log_group import log_group
from shardwell_cdk.settings import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring

# Nothing here is the caller's own text: API Gateway writes values as they are, and a quote in one would forge a line.
ACCESS_LOG = MappingProxyType(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "route": "$context.routeKey",
        "status": "$context.status",
        "user": "$context.authorizer.claims.sub",
        "address": "$context.identity.sourceIp",
        "bytes": "$context.responseLength",
        "ms": "$context.responseLatency",
        "functionMs": "$context.integrationLatency",
        "functionStatus": "$context.integration.integrationStatus",
        "functionRequestId": "$context.integration.requestId",
        "refused": "$context.error.responseType",
    }
)

_REQUEST_HEADERS = ("authorization", "content-type")
_ANSWER_HEADERS = ("content-location", "location", "retry-after", "x-correlation-id")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


class ServiceApi(Construct):
    """An HTTP API whose every route is declared, calls one function, and answers users of a pool only.

    Callers send the pool's **id token** as `Authorization: Bearer …`. The authorizer would also let this client's
    access tokens through, since it takes a token's `client_id` where it has no `aud`; but attributes such as
    `custom:tenant` are in the id token alone, so a function that needs them answers an access token with a 403.

    A path that no route declares is a 404 that calls nothing. Each route may call the function by a
    permission of its own. The stage's throttle holds for every route; the access log is kept as long as its logs.
    Pages of other origins may call it where `allowed_origins` names them: none do by default.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        routes: Sequence[Route],
        function: lambda_.IFunction,
        user_pool: cognito.IUserPool,
        client: cognito.IUserPoolClient,
        settings: Settings,
        description: str,
        allowed_origins: Sequence[str] = (),
        monitoring: Monitoring | None = None,
        alarms: ApiAlarms = ApiAlarms(),
    ) -> None:
        super().__init__(scope, id)
        if not routes:
            raise ValueError(f"{self.node.path} has no routes: nobody could call it. Declare one at least.")
        self.access_log = log_group(self, "AccessLog", settings=settings)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"{Stack.of(self).stack_name}-{id}",
            description=description,
            cors_preflight=_cors(routes, allowed_origins),
            # The stage below instead: this one would have neither log nor throttle.
            create_default_stage=False,
        )
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=settings.throttle.rate, burst_limit=settings.throttle.burst
            ),
        )
        _write_access_log(self)
        self.authorizer = _authorizer(self, user_pool, client)
        self.integration = apigateway.HttpIntegration(
            self,
            "Function",
            http_api=self.api,
            integration_type=apigateway.HttpIntegrationType.AWS_PROXY,
            integration_uri=function.function_arn,
            payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        )
        for route in by_key(routes).values():
            _add_route(self, route)
            _permit(self, route, function)
        if monitoring:
            monitoring.watch_api(self.api, name=id, throttle=settings.throttle, alarms=alarms)

    @property
    def url(self) -> str:
        """Where callers find it, with a slash at the end."""
        return self.stage.url


def _authorizer(
    self: ServiceApi, user_pool: cognito.IUserPool, client: cognito.IUserPoolClient
) -> apigateway.HttpAuthorizer:
    return apigateway.HttpAuthorizer(
        self,
        "Users",
        http_api=self.api,
        type=apigateway.HttpAuthorizerType.JWT,
        identity_source=["$request.header.Authorization"],
        jwt_issuer=f"https://cognito-idp.{user_pool.env.region}.amazonaws.com/{user_pool.user_pool_id}",
        jwt_audience=[client.user_pool_client_id],
    )


def _add_route(self: ServiceApi, route: Route) -> None:
    """The route, under its operation's name: a new path is a change of it, not another route.

    `HttpApi.add_routes` names it after its path, and the integration after whichever route comes first.
    """
    apigateway.CfnRoute(
        self,
        route.name,
        api_id=self.api.api_id,
        route_key=route.key,
        operation_name=route.name,
        authorization_type="JWT",
        authorizer_id=self.authorizer.authorizer_id,
        target=f"integrations/{self.integration.integration_id}",
    )


def _permit(self: ServiceApi, route: Route, function: lambda_.IFunction) -> None:
    """Lets this route, its method included, call the function."""
    lambda_.CfnPermission(
        self,
        f"{route.name}Permission",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="apigateway.amazonaws.com",
        source_arn=Stack.of(self).format_arn(
            service="execute-api", resource=self.api.api_id, resource_name=f"*/{route.method}{route.path}"
        ),
    )


def _write_access_log(self: ServiceApi) -> None:
    """Lets the stage write it. HttpStage could, but by a class of `aws_apigateway`, another fifth of a second."""
    stage = cast(apigateway.CfnStage, self.stage.node.default_child)
    stage.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
        destination_arn=self.access_log.log_group_arn, format=json.dumps(dict(ACCESS_LOG))
    )


def _cors(routes: Sequence[Route], origins: Sequence[str]) -> apigateway.CorsPreflightOptions | None:
    if not origins:
        return None
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"The origin {origin!r} is none that a browser sends: write it as https://shop.example.com, in lower "
                "case, without a path or a slash at the end; a star is not taken."
            )
    methods = sorted({route.method for route in routes})
    return apigateway.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[apigateway.CorsHttpMethod(method) for method in methods],
        allow_headers=list(_REQUEST_HEADERS),
        expose_headers=list(_ANSWER_HEADERS),
        max_age=Duration.hours(1),
    )
