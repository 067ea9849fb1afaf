"""Alarms and the dashboard: what they watch, when they speak, to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shardwell_cdk import FailureQueue, SchemaTable, Settings, TableAlarms
from shardwell_cdk.monitoring import Monitoring
from tests.unit.constructs.made import CAREFUL, CARELESS, ORDERS, Build, findings, found, resources, stack


def watched(alarms: TableAlarms = TableAlarms(), settings: Settings = CAREFUL) -> Build:
    def build(scope: Any, _: Settings) -> None:
        monitoring = Monitoring(scope, "Monitoring", name="shop", settings=settings)
        SchemaTable(scope, "Orders", schema=ORDERS, settings=settings, monitoring=monitoring, alarms=alarms)

    return build


def alarms_of(build: Build, settings: Settings = CAREFUL) -> dict[str, Mapping[str, Any]]:
    made = stack(settings)
    build(made, settings)
    return {each["AlarmName"]: each for each in resources(made, "AWS::CloudWatch::Alarm")}


def test_throttles_consumption_errors_and_latency_have_alarms() -> None:
    parts = ["Orders", "Orders-ByState", "Orders-ByTotal", "Orders-ByParcel"]
    throttles = [f"{part}-{kind}-Throttled-Events" for part in parts for kind in ("Read", "Write")]
    units = [f"Orders-{part}-{kind}-Units" for part in ("Table", *ORDERS.indexes) for kind in ("Read", "Write")]
    others = [f"Orders-{name}" for name in ("System-Errors", "GetItem-Latency", "PutItem-Latency", "Query-Latency")]
    assert set(alarms_of(watched())) == {f"shop-{name}-Warning" for name in (*throttles, *units, *others)}


def test_an_index_is_watched_by_its_own_dimension() -> None:
    [alarm] = [each for name, each in alarms_of(watched()).items() if "ByState-Write-Throttled" in name]
    [metric] = [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]
    assert metric["MetricName"] == "WriteThrottleEvents"
    assert {"Name": "GlobalSecondaryIndexName", "Value": "ByState"} in metric["Dimensions"]


def test_consumption_is_measured_against_the_partitions_of_one_key() -> None:
    most = {name: each["Threshold"] for name, each in alarms_of(watched()).items() if "Units" in name}
    assert most["shop-Orders-Table-Write-Units-Warning"] == 800
    assert most["shop-Orders-Table-Read-Units-Warning"] == 2_400
    assert most["shop-Orders-ByState-Write-Units-Warning"] == 3_200, "four shards take four times as much"
    assert most["shop-Orders-ByTotal-Read-Units-Warning"] == 2_400


def test_errors_are_summed_so_that_one_silent_operation_hides_no_other() -> None:
    alarm = alarms_of(watched())["shop-Orders-System-Errors-Warning"]
    [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    assert expression == "SUM(METRICS())"
    assert len([each for each in alarm["Metrics"] if "MetricStat" in each]) == 10


def test_thresholds_are_the_caller_s() -> None:
    alarms = TableAlarms(
        minutes=2,
        of_minutes=2,
        throttles_a_minute=9,
        system_errors_a_minute=None,
        p99_ms={"Scan": 700},
        partition_share=0.5,
        busy_keys={"table": 10, "ByState": 2},
    )
    made = alarms_of(watched(alarms))
    assert made["shop-Orders-Read-Throttled-Events-Warning"]["Threshold"] == 9
    assert "shop-Orders-System-Errors-Warning" not in made
    assert [name for name in made if "Latency" in name] == ["shop-Orders-Scan-Latency-Warning"]
    assert made["shop-Orders-Table-Write-Units-Warning"]["Threshold"] == 5_000
    assert made["shop-Orders-ByState-Write-Units-Warning"]["Threshold"] == 4_000
    assert {(each["DatapointsToAlarm"], each["EvaluationPeriods"]) for each in made.values()} == {(2, 2)}


def test_an_alarm_can_be_left_out() -> None:
    none = TableAlarms(throttles_a_minute=None, system_errors_a_minute=None, p99_ms={}, partition_share=None)
    assert alarms_of(watched(none)) == {}


def test_busy_keys_of_an_index_that_is_none_are_refused() -> None:
    sentence = r"busy_keys names 'GSI9', which orders-\{stage\} lacks; it has: table, ByState, ByTotal, ByParcel"
    with pytest.raises(ValueError, match=sentence):
        alarms_of(watched(TableAlarms(busy_keys={"GSI9": 2})))


def test_alarms_speak_to_the_topic_when_they_ring_and_when_they_stop() -> None:
    made = stack(CAREFUL)
    watched()(made, CAREFUL)
    [topic] = found(made, "AWS::SNS::Topic")
    for alarm in resources(made, "AWS::CloudWatch::Alarm"):
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert alarm["OKActions"] == [{"Ref": topic}]
        assert alarm["ActionsEnabled"] is True


def test_a_stage_without_a_topic_has_silent_alarms() -> None:
    settings = replace(CAREFUL, alarm_topic=False)
    made = stack(settings)
    watched(settings=settings)(made, settings)
    assert resources(made, "AWS::SNS::Topic") == []
    assert {each.get("AlarmActions", ()) == () for each in resources(made, "AWS::CloudWatch::Alarm")} == {True}


def test_every_alarm_says_what_to_make_of_it() -> None:
    for name, alarm in alarms_of(watched()).items():
        assert len(alarm["AlarmDescription"]) > 40, name
        assert alarm["AlarmDescription"].endswith("."), name


def test_cloudwatch_may_use_the_topic_s_key() -> None:
    made = stack()
    watched()(made, CAREFUL)
    [key] = resources(made, "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    allowed = [each for each in key["KeyPolicy"]["Statement"] if each["Principal"] != {"AWS": "*"}]
    assert {"Service": "cloudwatch.amazonaws.com"} in [each["Principal"] for each in allowed]


def test_a_watched_table_names_its_throttled_keys_and_one_in_the_dark_does_not() -> None:
    made = stack()
    watched()(made, CAREFUL)
    dark = stack(CARELESS)
    SchemaTable(dark, "Orders", schema=ORDERS, settings=CARELESS)
    insights = {"ContributorInsightsSpecification": {"Enabled": True, "Mode": "THROTTLED_KEYS"}}
    [replica] = resources(made, "AWS::DynamoDB::GlobalTable")[0]["Replicas"]
    assert insights.items() <= replica.items()
    assert all(insights.items() <= index.items() for index in replica["GlobalSecondaryIndexes"])
    assert "ContributorInsights" not in str(resources(dark, "AWS::DynamoDB::GlobalTable"))


def test_a_failure_queue_rings_with_its_first_message() -> None:
    def build(scope: Any, settings: Settings) -> None:
        monitoring = Monitoring(scope, "Monitoring", name="shop", settings=settings)
        FailureQueue(scope, "Failures", settings=settings, monitoring=monitoring)

    [alarm] = alarms_of(build).values()
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_there_is_one_dashboard() -> None:
    made = stack()
    watched()(made, CAREFUL)
    [dashboard] = resources(made, "AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "shop"


def test_no_finding() -> None:
    assert findings(watched()) == []
