"""Guard rails of logs: each has an end."""

from __future__ import annotations

from collections.abc import Iterator

from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Template, properties


def _endless(template: Template) -> Iterator[str]:
    for logical_id, group in template.of("AWS::Logs::LogGroup"):
        if not properties(group).get("RetentionInDays"):
            yield logical_id


def _functions_without_group(template: Template) -> Iterator[str]:
    for logical_id, function in template.of("AWS::Lambda::Function"):
        if not (properties(function).get("LoggingConfig") or {}).get("LogGroup"):
            yield logical_id


RULES = (
    Rule(
        id="LogRetention",
        says="The log group keeps everything for ever, and is paid for every month.",
        fix="Give it a retention.",
        broken_by=_endless,
    ),
    Rule(
        id="FunctionLogGroup",
        says="Lambda makes this function's log group itself, one that keeps everything for ever.",
        fix="Give the function a log group with a retention (see PythonFunction).",
        broken_by=_functions_without_group,
    ),
)
