"""HTTP APIs: who may call what, how often, and what is left of it in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from shardwell.errors import SchemaError
from shardwell.http_routes import Method, Parameter, Route, Success
from shardwell.http_schema import Text
from shardwell_cdk import PythonFunction, Settings, Throttle
from shardwell_cdk.service_api import ACCESS_LOG, ServiceApi
from tests.unit.constructs.made import CAREFUL, CARELESS, STAGES, Build, code, findings, found, resources, stack


def route(method: Method, path: str, name: str) -> Route:
    parameters = tuple(
        Parameter(name=part[1:-1], schema=Text(about="Its id."), required=True)
        for part in path.split("/")
        if part.startswith("{")
    )
    return Route(
        method=method, path=path, name=name, summary=name, parameters=parameters, answers={200: Success(about="It.")}
    )


ROUTES = (
    route("GET", "/parcels", "listParcels"),
    route("POST", "/parcels", "sendParcel"),
    route("GET", "/parcels/{parcelId}", "readParcel"),
)


def service(folder: Path, **more: Any) -> Build:
    def build(scope: Any, settings: Settings) -> ServiceApi:
        pool = users(scope)
        return ServiceApi(
            scope,
            "Api",
            **{
                "routes": ROUTES,
                "function": function(scope, folder, settings).function,
                "user_pool": pool,
                "client": cognito.UserPoolClient.from_user_pool_client_id(scope, "Client", "client-7"),
                "settings": settings,
                "description": "Parcels.",
                **more,
            },
        )

    return build


def users(scope: Construct) -> cognito.IUserPool:
    return cognito.UserPool.from_user_pool_id(scope, "Users", "eu-west-1_Pool")


def function(scope: Construct, folder: Path, settings: Settings) -> PythonFunction:
    return PythonFunction(
        scope, "Post", code=code(folder), handler="parcels.handler", description="Answers.", settings=settings
    )


def made_of(build: Build, settings: Settings = CAREFUL) -> cdk.Stack:
    made = stack(settings)
    build(made, settings)
    return made


def test_each_declared_route_is_one_and_nothing_else_is(tmp_path: Path) -> None:
    routes = resources(made_of(service(tmp_path)), "AWS::ApiGatewayV2::Route")
    assert sorted(each["RouteKey"] for each in routes) == sorted(each.key for each in ROUTES)


def test_every_route_asks_for_a_token_of_the_pool_s_client(tmp_path: Path) -> None:
    made = made_of(service(tmp_path))
    [logical_id] = found(made, "AWS::ApiGatewayV2::Authorizer")
    [authorizer] = resources(made, "AWS::ApiGatewayV2::Authorizer")
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"] == {
        "Audience": ["client-7"],
        "Issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool",
    }
    for each in resources(made, "AWS::ApiGatewayV2::Route"):
        assert (each["AuthorizationType"], each["AuthorizerId"]) == ("JWT", {"Ref": logical_id})


def test_a_route_may_call_the_function_and_the_api_as_a_whole_may_not(tmp_path: Path) -> None:
    made = made_of(service(tmp_path))
    permissions = resources(made, "AWS::Lambda::Permission")
    called = sorted(str(each["SourceArn"]["Fn::Join"][1][-1]) for each in permissions)
    assert called == ["/*/GET/parcels", "/*/GET/parcels/{parcelId}", "/*/POST/parcels"]
    assert {each["Principal"] for each in permissions} == {"apigateway.amazonaws.com"}


def test_a_route_keeps_its_name_in_the_template_whatever_its_path_and_place(tmp_path: Path) -> None:
    before = made_of(service(tmp_path / "before"))
    moved = (replace(ROUTES[1], path="/v2/parcels"), ROUTES[0], ROUTES[2])
    after = made_of(service(tmp_path / "after", routes=moved))
    for kind in ("Route", "Integration", "Authorizer"):
        assert set(found(before, f"AWS::ApiGatewayV2::{kind}")) == set(found(after, f"AWS::ApiGatewayV2::{kind}"))


def test_all_routes_share_one_integration(tmp_path: Path) -> None:
    [integration] = resources(made_of(service(tmp_path)), "AWS::ApiGatewayV2::Integration")
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_the_stage_s_throttle_holds_for_every_route(tmp_path: Path) -> None:
    settings = replace(CAREFUL, throttle=Throttle(rate=7, burst=9))
    [made] = resources(made_of(service(tmp_path), settings), "AWS::ApiGatewayV2::Stage")
    assert made["DefaultRouteSettings"] == {"ThrottlingRateLimit": 7, "ThrottlingBurstLimit": 9}
    assert made["StageName"] == "$default"
    assert "RouteSettings" not in made


@pytest.mark.parametrize(("settings", "days", "policy"), [(CAREFUL, 365, "Retain"), (CARELESS, 7, "Delete")])
def test_the_access_log_is_kept_as_long_as_the_stage_s_logs(
    tmp_path: Path, settings: Settings, days: int, policy: str
) -> None:
    made = made_of(service(tmp_path), settings)
    [(name, group)] = [each for each in found(made, "AWS::Logs::LogGroup").items() if "AccessLog" in each[0]]
    [stage] = resources(made, "AWS::ApiGatewayV2::Stage")
    assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (days, policy)
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": [name, "Arn"]}


def test_a_line_of_the_access_log_is_json_and_has_nothing_that_a_caller_wrote(tmp_path: Path) -> None:
    [stage] = resources(made_of(service(tmp_path)), "AWS::ApiGatewayV2::Stage")
    assert json.loads(stage["AccessLogSettings"]["Format"]) == dict(ACCESS_LOG)
    callers_own = ("path", "userAgent", "protocol", "httpMethod", "header", "querystring", "message")
    assert [value for value in ACCESS_LOG.values() if any(name in value for name in callers_own)] == []


def test_no_other_origin_s_pages_may_call_it_by_default(tmp_path: Path) -> None:
    [api] = resources(made_of(service(tmp_path)), "AWS::ApiGatewayV2::Api")
    assert "CorsConfiguration" not in api


def test_pages_of_the_origins_named_may_call_it(tmp_path: Path) -> None:
    origins = ["https://shop.example.com", "http://localhost:3000"]
    [api] = resources(made_of(service(tmp_path, allowed_origins=origins)), "AWS::ApiGatewayV2::Api")
    cors = api["CorsConfiguration"]
    assert cors["AllowOrigins"] == origins
    assert cors["AllowMethods"] == ["GET", "POST"]
    assert "authorization" in cors["AllowHeaders"]
    assert "AllowCredentials" not in cors


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "https://a.example/", "a.example", "https://A.example", "https://a/b", ""]
)
def test_an_origin_that_no_browser_sends_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ValueError, match="is none that a browser sends: write it as"):
        made_of(service(tmp_path, allowed_origins=[origin]))


def test_an_api_that_nobody_could_call_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Stack/Api has no routes"):
        made_of(service(tmp_path, routes=()))


def test_a_route_declared_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the same path and method"):
        made_of(service(tmp_path, routes=(ROUTES[0], replace(ROUTES[0], name="again"))))


def test_its_url_is_the_stage_s(tmp_path: Path) -> None:
    made = stack()
    api = service(tmp_path)(made, CAREFUL)
    assert isinstance(api, ServiceApi)
    [name] = found(made, "AWS::ApiGatewayV2::Api")
    joined = made.resolve(api.url)["Fn::Join"][1]
    assert joined[:3] == ["https://", {"Ref": name}, ".execute-api.eu-west-1."]
    assert joined[-1] == "/"


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(service(tmp_path), settings=settings) == []


def test_an_api_made_by_hand_is_found(tmp_path: Path) -> None:
    def by_hand(scope: Any, settings: Settings) -> None:
        integration = integrations.HttpLambdaIntegration("It", function(scope, tmp_path, settings).function)
        apigateway.HttpApi(scope, "Bare", default_integration=integration)

    assert findings(by_hand) == [
        ("ApiAccessLog", "Stack/Bare/DefaultStage/Resource"),
        ("ApiAuthorizer", "Stack/Bare/DefaultRoute/Resource"),
        ("ApiCatchAll", "Stack/Bare/DefaultRoute/Resource"),
        ("ApiThrottling", "Stack/Bare/DefaultStage/Resource"),
        ("AwsSolutions-APIG1", "Stack/Bare/DefaultStage/Resource"),
        ("AwsSolutions-APIG4", "Stack/Bare/DefaultRoute/Resource"),
    ]
