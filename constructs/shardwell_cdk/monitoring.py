"""Alarms and a dashboard for what a system is made of. Importing this takes a second: only stages with alarms do."""

from __future__ import annotations

import cdk_monitoring_constructs as monitor
from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shardwell import Table
from shardwell_cdk.alarm_topic import AlarmTopic
from shardwell_cdk.api_alarms import ApiAlarms
from shardwell_cdk.api_metrics import client_errors
from shardwell_cdk.settings import Settings, Throttle
from shardwell_cdk.table_alarms import TableAlarms
from shardwell_cdk.table_metrics import consumed, latency, system_errors

_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_SILENCE_IS_HEALTH = cloudwatch.TreatMissingData.NOT_BREACHING


class Monitoring(Construct):
    """Watches tables, functions, queues and APIs: alarms, told to a topic where the stage has one, and one dashboard.

    Pass it to the constructs of a system; each adds itself.
    """

    def __init__(self, scope: Construct, id: str, *, name: str, settings: Settings) -> None:
        super().__init__(scope, id)
        topic = AlarmTopic(self, "Topic").topic if settings.alarm_topic else None
        self.topic = topic
        self._facade = monitor.MonitoringFacade(
            self,
            "Alarms",
            alarm_factory_defaults=monitor.AlarmFactoryDefaults(
                alarm_name_prefix=name,
                actions_enabled=topic is not None,
                action=monitor.SnsAlarmActionStrategy(on_alarm_topic=topic, on_ok_topic=topic) if topic else None,
                evaluation_periods=1,
                datapoints_to_alarm=1,
            ),
            metric_factory_defaults=monitor.MetricFactoryDefaults(period=Duration.minutes(1)),
            dashboard_factory=monitor.DefaultDashboardFactory(self, "Dashboard", dashboard_name_prefix=name),
        )

    def watch_table(self, table: dynamodb.ITableV2, *, name: str, schema: Table, alarms: TableAlarms) -> None:
        """Throttles and consumption of the table and each index, the service's errors, and latency."""
        throttles = _throttles(alarms)
        self._facade.monitor_dynamo_table(
            table=table,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            alarm_friendly_name=name,
            human_readable_name=name,
            add_read_throttled_events_count_alarm=throttles,
            add_write_throttled_events_count_alarm=throttles,
        )
        for index in schema.indexes:
            self._facade.monitor_dynamo_table_global_secondary_index(
                table=table,
                global_secondary_index_name=index,
                alarm_friendly_name=f"{name}-{index}",
                human_readable_name=f"{name} {index}",
                add_read_throttled_events_count_alarm=throttles,
                add_write_throttled_events_count_alarm=throttles,
            )
        groups = {
            "Units a second": _consumption(table, schema, alarms),
            "Errors of DynamoDB": _system_errors(table, alarms),
            "Latency, p99 in ms": _latency(table, alarms),
        }
        self._facade.monitor_custom(
            alarm_friendly_name=name,
            human_readable_name=f"{name}, against its limits",
            metric_groups=[
                monitor.CustomMetricGroup(title=title, metrics=metrics) for title, metrics in groups.items() if metrics
            ],
        )

    def watch_function(self, function: lambda_.IFunction, *, name: str) -> None:
        """Errors and throttles, from the first."""
        self._facade.monitor_lambda_function(
            lambda_function=function,
            alarm_friendly_name=name,
            human_readable_name=name,
            add_fault_count_alarm={
                "Warning": monitor.ErrorCountThreshold(
                    max_error_count=0,
                    alarm_description_override="A call failed: its log group has the error, and its failure queue "
                    "the event once retries are over.",
                )
            },
            add_throttles_count_alarm={
                "Warning": monitor.ErrorCountThreshold(
                    max_error_count=0,
                    alarm_description_override="Calls were refused for want of concurrency: the account's limit or "
                    "the function's own.",
                )
            },
        )

    def watch_api(self, api: apigateway.HttpApi, *, name: str, throttle: Throttle, alarms: ApiAlarms) -> None:
        """Errors of the API and of its callers, latency, and how near its throttle is."""
        self._facade.monitor_api_gateway_v2_http_api(
            api=api,
            alarm_friendly_name=name,
            human_readable_name=name,
            add5xx_count_alarm=_first_server_error(alarms),
            add5xx_rate_alarm=_server_errors(alarms),
            add_latency_p99_alarm=_slow_answers(alarms),
            add_high_tps_alarm=_near_throttle(alarms, throttle),
        )
        refused = _client_errors(api, alarms)
        if refused:
            self._facade.monitor_custom(
                alarm_friendly_name=name,
                human_readable_name=f"{name}, its callers",
                metric_groups=[monitor.CustomMetricGroup(title="Share of calls refused", metrics=refused)],
            )

    def watch_failures(self, queue: sqs.IQueue, *, name: str) -> None:
        """The first message in a queue that should be empty."""
        self._facade.monitor_sqs_queue(
            queue=queue,
            alarm_friendly_name=name,
            human_readable_name=name,
            add_queue_max_size_alarm={
                "Warning": monitor.MaxMessageCountThreshold(
                    max_message_count=0,
                    alarm_description_override="Failed events wait here: read one, mend the cause, then send them "
                    "again within 14 days.",
                )
            },
        )


def _throttles(alarms: TableAlarms) -> dict[str, monitor.ThrottledEventsThreshold] | None:
    if alarms.throttles_a_minute is None:
        return None
    return {
        "Warning": monitor.ThrottledEventsThreshold(
            max_throttled_events_threshold=alarms.throttles_a_minute,
            evaluation_periods=alarms.of_minutes,
            datapoints_to_alarm=alarms.minutes,
            alarm_description_override="Requests are throttled: Contributor Insights names the keys. A throttled "
            "index holds back writes to its table too.",
        )
    }


def _consumption(table: dynamodb.ITableV2, schema: Table, alarms: TableAlarms) -> list[monitor.CustomMetricWithAlarm]:
    made = []
    for index in (None, *schema.indexes):
        for kind in ("Read", "Write"):
            most = alarms.units_a_second(schema, index, kind)
            if most is not None:
                says = (
                    f"{index or 'The table'} consumes {alarms.partition_share:.0%} of what one key's partitions "
                    f"can {kind.lower()}: if all of it falls on one key, throttling is near."
                )
                metric = consumed(table, index=index, kind=kind)
                made.append(_with_alarm(f"{index or 'Table'}-{kind}-Units", metric, most, says, alarms))
    return made


def _system_errors(table: dynamodb.ITableV2, alarms: TableAlarms) -> list[monitor.CustomMetricWithAlarm]:
    if alarms.system_errors_a_minute is None:
        return []
    says = "DynamoDB answers with errors of its own: callers retry; see the AWS health dashboard."
    return [_with_alarm("System-Errors", system_errors(table), alarms.system_errors_a_minute, says, alarms)]


def _latency(table: dynamodb.ITableV2, alarms: TableAlarms) -> list[monitor.CustomMetricWithAlarm]:
    return [
        _with_alarm(
            f"{operation}-Latency",
            latency(table, operation=operation),
            milliseconds,
            f"One {operation} in a hundred takes over {milliseconds} ms inside DynamoDB.",
            alarms,
        )
        for operation, milliseconds in alarms.p99_ms.items()
    ]


def _first_server_error(alarms: ApiAlarms) -> dict[str, monitor.ErrorCountThreshold] | None:
    if alarms.server_errors_a_minute is None:
        return None
    return {
        "Warning": monitor.ErrorCountThreshold(
            max_error_count=alarms.server_errors_a_minute,
            treat_missing_data_override=_SILENCE_IS_HEALTH,
            alarm_description_override="A call was answered with a 5xx: the access log has its route and request id, "
            "the function's log the error.",
        )
    }


def _server_errors(alarms: ApiAlarms) -> dict[str, monitor.ErrorRateThreshold] | None:
    if alarms.server_error_share is None:
        return None
    return {
        "Critical": monitor.ErrorRateThreshold(
            max_error_rate=alarms.server_error_share,
            evaluation_periods=alarms.of_minutes,
            datapoints_to_alarm=alarms.minutes,
            treat_missing_data_override=_SILENCE_IS_HEALTH,
            alarm_description_override=f"Over {alarms.server_error_share:.1%} of calls are answered with a 5xx: the "
            "API is failing its callers.",
        )
    }


def _slow_answers(alarms: ApiAlarms) -> dict[str, monitor.LatencyThreshold] | None:
    if alarms.p99_ms is None:
        return None
    return {
        "Warning": monitor.LatencyThreshold(
            max_latency=Duration.millis(alarms.p99_ms),
            evaluation_periods=alarms.of_minutes,
            datapoints_to_alarm=alarms.minutes,
            treat_missing_data_override=_SILENCE_IS_HEALTH,
            alarm_description_override=f"One call in a hundred takes over {alarms.p99_ms} ms: the access log has the "
            "part of it that was the function's.",
        )
    }


def _near_throttle(alarms: ApiAlarms, throttle: Throttle) -> dict[str, monitor.HighTpsThreshold] | None:
    if alarms.throttle_share is None:
        return None
    return {
        "Warning": monitor.HighTpsThreshold(
            max_tps=alarms.throttle_share * throttle.rate,
            evaluation_periods=alarms.of_minutes,
            datapoints_to_alarm=alarms.minutes,
            treat_missing_data_override=_SILENCE_IS_HEALTH,
            alarm_description_override=f"Callers use {alarms.throttle_share:.0%} of the {throttle.rate} calls a second "
            "that the stage lets in: above them they get a 429. Raise its throttle, or find out who calls.",
        )
    }


def _client_errors(api: apigateway.HttpApi, alarms: ApiAlarms) -> list[monitor.CustomMetricWithAlarm]:
    if alarms.client_error_share is None:
        return []
    says = (
        f"Over {alarms.client_error_share:.0%} of calls are answered with a 4xx: a client is broken, or somebody is "
        "trying doors. The access log has the routes and addresses."
    )
    metric = client_errors(api, calls=alarms.client_error_calls)
    return [_with_alarm("Client-Errors", metric, alarms.client_error_share, says, alarms)]


def _with_alarm(
    name: str,
    metric: cloudwatch.Metric | cloudwatch.MathExpression,
    most: float,
    says: str,
    alarms: TableAlarms | ApiAlarms,
) -> monitor.CustomMetricWithAlarm:
    threshold = monitor.CustomThreshold(
        threshold=most,
        comparison_operator=_ABOVE,
        evaluation_periods=alarms.of_minutes,
        datapoints_to_alarm=alarms.minutes,
        treat_missing_data_override=_SILENCE_IS_HEALTH,
        alarm_description_override=says,
    )
    return monitor.CustomMetricWithAlarm(metric=metric, alarm_friendly_name=name, add_alarm={"Warning": threshold})
