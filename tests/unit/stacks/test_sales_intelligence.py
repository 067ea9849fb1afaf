"""Sales Intelligence's stack: what each function may do, and what answers the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest

from sales_intelligence.routes import ROUTES
from shardwell.backfill_metric import left_alone_line
from stacks.settings import STAGES
from tests.unit.constructs.made import found, resources
from tests.unit.stacks.deployed import stacks_of


@cache
def sales_intelligence(stage: str) -> cdk.Stack:
    return stacks_of(stage)["SalesIntelligence"]


def allowed(function: str, service: str) -> dict[str, list[str]]:
    """Actions on a service that a function's role has, by the end of the resource's name."""
    granted: dict[str, list[str]] = {}
    for name, policy in found(sales_intelligence("dev"), "AWS::IAM::Policy").items():
        if name.startswith(function):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                for resource in _listed(statement["Resource"]):
                    actions = [each for each in _listed(statement["Action"]) if each.startswith(f"{service}:")]
                    granted.setdefault(_end(resource), []).extend(each.partition(":")[2] for each in actions)
    return {resource: sorted(actions) for resource, actions in granted.items() if actions}


def function(name: str) -> Mapping[str, Any]:
    functions = found(sales_intelligence("dev"), "AWS::Lambda::Function")
    [one] = [each["Properties"] for logical_id, each in functions.items() if logical_id.startswith(name)]
    return one


def test_the_api_s_function_reads_writes_and_queries_each_index_and_scans_nothing() -> None:
    write = ["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"]
    read = ["BatchGetItem", "GetItem", "Query"]
    assert allowed("ApiFunction", "dynamodb") == {
        "SalesTable": sorted(read + write),
        "/index/GSI1": ["Query"],
        "/index/GSI2": ["Query"],
        "/index/GSI3": ["Query"],
    }


def test_only_the_api_s_function_reads_the_key_of_cursors() -> None:
    assert allowed("ApiFunction", "secretsmanager") == {"CursorKeySecret": ["GetSecretValue"]}
    assert allowed("NightlyPrices", "secretsmanager") == allowed("TtlBackfill", "secretsmanager") == {}


def test_the_nightly_function_scans_its_index_and_nothing_else() -> None:
    assert allowed("NightlyPrices", "dynamodb") == {"/index/GSI3": ["Scan"]}


def test_the_backfill_scans_updates_deletes_and_calls_itself() -> None:
    assert allowed("TtlBackfill", "dynamodb") == {"SalesTable": ["DeleteItem", "Scan", "UpdateItem"]}
    assert allowed("TtlBackfill", "lambda") == {"TtlBackfillFunction": ["InvokeFunction"]}
    assert function("TtlBackfill")["RecursiveLoop"] == "Allow"
    assert function("TtlBackfill")["Timeout"] == 900


@pytest.mark.parametrize("stage", STAGES)
def test_the_backfill_has_room_for_its_next_call_and_takes_no_more(stage: str) -> None:
    functions = found(sales_intelligence(stage), "AWS::Lambda::Function")
    [backfill] = [one["Properties"] for name, one in functions.items() if name.startswith("TtlBackfill")]
    assert backfill.get("ReservedConcurrentExecutions") == (2 if STAGES[stage].retain else None)


@pytest.mark.parametrize("stage", STAGES)
def test_records_that_the_backfill_leaves_alone_ring_an_alarm(stage: str) -> None:
    alarms = resources(sales_intelligence(stage), "AWS::CloudWatch::Alarm")
    found_alarms = [one for one in alarms if one["AlarmName"].endswith("-TtlBackfill-Records-Left-Alone-Warning")]
    assert len(found_alarms) == int(STAGES[stage].alarms)
    written = json.loads(left_alone_line("sales", 1, at=datetime(2026, 11, 21, tzinfo=UTC)))
    [metric] = written["_aws"]["CloudWatchMetrics"]
    for alarm in found_alarms:
        assert (alarm["Namespace"], alarm["MetricName"]) == (metric["Namespace"], metric["Metrics"][0]["Name"])
        assert [one["Name"] for one in alarm["Dimensions"]] == metric["Dimensions"][0]
        assert _end(alarm["Dimensions"][0]["Value"]) == "SalesTable"
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert bool(alarm.get("AlarmActions")) == alarm["ActionsEnabled"] == STAGES[stage].alarm_topic
        assert alarm.get("OKActions") == alarm.get("AlarmActions")


def test_functions_find_the_table_and_the_key_in_their_environment() -> None:
    environment = function("ApiFunction")["Environment"]["Variables"]
    assert _end(environment["TABLE_NAME"]) == "SalesTable"
    assert _end(environment["CURSOR_SECRET_ARN"]) == "CursorKeySecret"
    assert _end(function("TtlBackfill")["Environment"]["Variables"]["TABLE_NAME"]) == "SalesTable"


def test_the_api_s_function_gives_up_before_api_gateway_does() -> None:
    assert function("ApiFunction")["Timeout"] < 30


@pytest.mark.parametrize("stage", STAGES)
def test_every_declared_route_is_there_and_asks_for_a_token(stage: str) -> None:
    routes = resources(sales_intelligence(stage), "AWS::ApiGatewayV2::Route")
    assert sorted(each["RouteKey"] for each in routes) == sorted(each.key for each in ROUTES)
    assert {each["AuthorizationType"] for each in routes} == {"JWT"}


def test_users_are_those_of_the_stage_s_identity() -> None:
    [authorizer] = resources(sales_intelligence("prod"), "AWS::ApiGatewayV2::Authorizer")
    assert "'StackName': 'shardwell-prod-identity'" in str(authorizer["JwtConfiguration"]["Issuer"])
    assert "'StackName': 'shardwell-prod-identity'" in str(authorizer["JwtConfiguration"]["Audience"])


@pytest.mark.parametrize("stage", STAGES)
def test_only_stages_with_alarms_watch_the_api(stage: str) -> None:
    alarms = resources(sales_intelligence(stage), "AWS::CloudWatch::Alarm")
    watched = {each["AlarmName"].rsplit("-Api-", 1)[1] for each in alarms if "-Api-" in each["AlarmName"]}
    assert bool(watched) == STAGES[stage].alarms
    assert not watched or {"Fault-Count-Warning", "Latency-P99-Warning"} <= watched


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _end(resource: Any) -> str:
    """The part of a resource that tells which it is: an index's path, or a logical id without its hash."""
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        return str(resource["Fn::Join"][1][-1])
    name = resource["Ref"] if "Ref" in resource else resource["Fn::GetAtt"][0]
    return str(name)[:-8]
