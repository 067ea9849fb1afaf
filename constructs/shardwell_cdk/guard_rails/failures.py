"""Guard rails of events: whatever calls a function has bounded retries, and a place for what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Resource, Template, properties

# What Lambda and SQS take where a template says nothing, in seconds.
_TIMEOUT = 3
_VISIBILITY = 30


def _unbounded_rule_targets(template: Template) -> Iterator[str]:
    for logical_id, rule in template.of("AWS::Events::Rule"):
        if not all(map(_target_is_bounded, properties(rule).get("Targets") or [])):
            yield logical_id
    for logical_id, schedule in template.of("AWS::Scheduler::Schedule"):
        if not _target_is_bounded(properties(schedule).get("Target") or {}):
            yield logical_id


def _unbounded_streams(template: Template) -> Iterator[str]:
    for logical_id, mapping in template.of("AWS::Lambda::EventSourceMapping"):
        found = properties(mapping)
        # Only streams have a place to start reading at.
        if "StartingPosition" in found and not (
            _is_bounded(found.get("MaximumRetryAttempts"))
            and _is_bounded(found.get("MaximumRecordAgeInSeconds"))
            and found.get("BisectBatchOnFunctionError") is True
            and _failure_destination(found)
        ):
            yield logical_id


def _unbounded_queues(template: Template) -> Iterator[str]:
    for logical_id, mapping in template.of("AWS::Lambda::EventSourceMapping"):
        found = properties(mapping)
        if "StartingPosition" in found:
            continue
        queue = template.referred(found.get("EventSourceArn"))
        redrive = properties(template.resources[queue]).get("RedrivePolicy") if queue else None
        partial = "ReportBatchItemFailures" in (found.get("FunctionResponseTypes") or [])
        if not partial or (queue and not redrive):
            yield logical_id


def _impatient_queues(template: Template) -> Iterator[str]:
    for logical_id, mapping in template.of("AWS::Lambda::EventSourceMapping"):
        found = properties(mapping)
        queue = template.referred(found.get("EventSourceArn"))
        function = template.referred(found.get("FunctionName"))
        if queue is None or function is None or "StartingPosition" in found:
            continue
        timeout = properties(template.resources[function]).get("Timeout", _TIMEOUT)
        hidden = properties(template.resources[queue]).get("VisibilityTimeout", _VISIBILITY)
        if hidden < 6 * timeout + found.get("MaximumBatchingWindowInSeconds", 0):
            yield logical_id


def _greedy_queues(template: Template) -> Iterator[str]:
    for logical_id, mapping in template.of("AWS::Lambda::EventSourceMapping"):
        found = properties(mapping)
        queue = template.type_of(found.get("EventSourceArn")) == "AWS::SQS::Queue"
        if queue and not (found.get("ScalingConfig") or {}).get("MaximumConcurrency"):
            yield logical_id


def _unbounded_calls(template: Template) -> Iterator[str]:
    bounded = set()
    for logical_id, config in template.of("AWS::Lambda::EventInvokeConfig"):
        found = properties(config)
        if (
            _failure_destination(found)
            and found.get("MaximumRetryAttempts") is not None
            and found.get("MaximumEventAgeInSeconds") is not None
        ):
            bounded.add(template.referred(found.get("FunctionName")))
        else:
            yield logical_id
    yield from sorted({logical_id for logical_id in _called_without_waiting(template) if logical_id not in bounded})


def _called_without_waiting(template: Template) -> Iterator[str]:
    """Functions whose caller does not wait for an answer: rules, schedules, topics."""
    targets = [target for _, rule in template.of("AWS::Events::Rule") for target in properties(rule).get("Targets", [])]
    targets += [properties(schedule).get("Target", {}) for _, schedule in template.of("AWS::Scheduler::Schedule")]
    arns = [target.get("Arn") for target in targets]
    arns += [properties(each).get("Endpoint") for _, each in template.of("AWS::SNS::Subscription")]
    for arn in arns:
        logical_id = template.referred(arn)
        if logical_id is not None and template.type_of(arn) == "AWS::Lambda::Function":
            yield logical_id


def _target_is_bounded(target: Mapping[str, Any]) -> bool:
    policy = target.get("RetryPolicy") or {}
    bounded = policy.get("MaximumRetryAttempts") is not None and policy.get("MaximumEventAgeInSeconds") is not None
    return bounded and bool((target.get("DeadLetterConfig") or {}).get("Arn"))


def _failure_destination(found: Resource) -> bool:
    return bool(((found.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination"))


def _is_bounded(limit: Any) -> bool:
    """Whether a stream's limit is one: left out or -1 means for ever."""
    return limit is not None and limit != -1


RULES = (
    Rule(
        id="RuleTargetFailures",
        says="A target's failed deliveries are retried for a day and then dropped.",
        fix="Give the target a dead-letter queue, retry attempts and an oldest age (see Schedule).",
        broken_by=_unbounded_rule_targets,
    ),
    Rule(
        id="StreamFailures",
        says="One bad record can hold up its shard until it expires, and then vanishes.",
        fix="Bisect, bound retries and record age (both are endless by default), and name a failure destination.",
        broken_by=_unbounded_streams,
    ),
    Rule(
        id="QueueFailures",
        says="One bad message fails its whole batch, or comes back until it expires.",
        fix="Report batch item failures, and give the queue a redrive policy to a dead-letter queue.",
        broken_by=_unbounded_queues,
    ),
    Rule(
        id="QueueVisibility",
        says="A message comes back while it is still worked on, and is worked on twice.",
        fix="Hide messages for 6 times the function's timeout and the batching window (see EventPipeline).",
        broken_by=_impatient_queues,
    ),
    Rule(
        id="QueueConcurrency",
        says="A full queue takes all the concurrency that the account has, and other functions stand still.",
        fix="Give the mapping a maximum concurrency (see EventPipeline).",
        broken_by=_greedy_queues,
    ),
    Rule(
        id="AsyncFailures",
        says="An event that this function fails on is dropped after its retries.",
        fix="Give the function a failure destination, retry attempts and an oldest event age (see PythonFunction).",
        broken_by=_unbounded_calls,
    ),
)
