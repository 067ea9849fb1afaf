"""The metric of an API that cdk-monitoring-constructs lacks: a share of errors that few calls say nothing about."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch

_MINUTE = Duration.minutes(1)


def client_errors(api: apigateway.IHttpApi, *, calls: int) -> cloudwatch.MathExpression:
    """The share of a minute's calls that were answered with a 4xx; 0 in a minute of fewer calls than `calls`."""
    return cloudwatch.MathExpression(
        expression=f"IF(calls >= {calls}, refused / calls, 0)",
        using_metrics={
            "calls": api.metric_count(period=_MINUTE, statistic="Sum"),
            "refused": api.metric_client_error(period=_MINUTE, statistic="Sum"),
        },
        label="share of 4xx",
        period=_MINUTE,
    )
