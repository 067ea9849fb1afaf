"""Alarms of an API: what they watch, and when they speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shardwell_cdk import ApiAlarms, Settings, Throttle
from shardwell_cdk.monitoring import Monitoring
from tests.unit.constructs.made import CAREFUL, findings, resources, stack
from tests.unit.constructs.test_service_api import service

SETTINGS = replace(CAREFUL, throttle=Throttle(rate=500, burst=900))


def alarms_of(folder: Path, alarms: ApiAlarms = ApiAlarms()) -> dict[str, Mapping[str, Any]]:
    made = stack(SETTINGS)
    monitoring = Monitoring(made, "Monitoring", name="post", settings=SETTINGS)
    service(folder, monitoring=monitoring, alarms=alarms)(made, SETTINGS)
    names = {each["AlarmName"].removeprefix("post-Api-"): each for each in resources(made, "AWS::CloudWatch::Alarm")}
    return {name: each for name, each in names.items() if not name.startswith("post-")}


def test_errors_latency_and_the_throttle_have_alarms(tmp_path: Path) -> None:
    assert {name: each["Threshold"] for name, each in alarms_of(tmp_path).items()} == {
        "Fault-Count-Warning": 0,
        "Fault-Rate-Critical": 0.01,
        "Client-Errors-Warning": 0.5,
        "Latency-P99-Warning": 3_000,
        "MaxTPS-Warning": 400,
    }


def test_only_the_first_server_error_rings_at_once(tmp_path: Path) -> None:
    at_once = {name for name, each in alarms_of(tmp_path).items() if each["EvaluationPeriods"] == 1}
    assert at_once == {"Fault-Count-Warning"}


def test_an_api_that_nobody_calls_is_healthy(tmp_path: Path) -> None:
    assert {each["TreatMissingData"] for each in alarms_of(tmp_path).values()} == {"notBreaching"}


def test_refusals_are_counted_in_minutes_of_enough_calls(tmp_path: Path) -> None:
    alarm = alarms_of(tmp_path, ApiAlarms(client_error_calls=7))["Client-Errors-Warning"]
    [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    assert expression == "IF(calls >= 7, refused / calls, 0)"
    counted = [each["MetricStat"]["Metric"]["MetricName"] for each in alarm["Metrics"] if "MetricStat" in each]
    assert counted == ["Count", "4xx"]


def test_an_alarm_can_be_left_out(tmp_path: Path) -> None:
    none = ApiAlarms(
        server_errors_a_minute=None, server_error_share=None, client_error_share=None, p99_ms=None, throttle_share=None
    )
    assert alarms_of(tmp_path, none) == {}


def test_thresholds_are_the_caller_s(tmp_path: Path) -> None:
    alarms = ApiAlarms(minutes=2, of_minutes=4, server_error_share=0.2, p99_ms=250, throttle_share=0.5)
    made = alarms_of(tmp_path, alarms)
    assert (made["Fault-Rate-Critical"]["Threshold"], made["MaxTPS-Warning"]["Threshold"]) == (0.2, 250)
    assert made["Latency-P99-Warning"]["Threshold"] == 250
    made.pop("Fault-Count-Warning")
    assert {(each["DatapointsToAlarm"], each["EvaluationPeriods"]) for each in made.values()} == {(2, 4)}


def test_every_alarm_says_what_to_make_of_it(tmp_path: Path) -> None:
    for name, alarm in alarms_of(tmp_path).items():
        assert len(alarm["AlarmDescription"]) > 40, name
        assert alarm["AlarmDescription"].endswith("."), name


def test_no_finding_with_alarms_and_dashboard(tmp_path: Path) -> None:
    def build(scope: Any, settings: Settings) -> None:
        monitoring = Monitoring(scope, "Monitoring", name="post", settings=settings)
        service(tmp_path, monitoring=monitoring)(scope, settings)

    assert findings(build) == []
