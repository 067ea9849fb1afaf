"""Where failures wait."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_sqs as sqs

from shardwell_cdk import FailureQueue, Settings
from tests.unit.constructs.made import CAREFUL, CARELESS, STAGES, findings, found, resources, stack


def test_it_keeps_what_failed_encrypted_for_as_long_as_sqs_does() -> None:
    made = stack()
    FailureQueue(made, "Failures", settings=CAREFUL)
    [queue] = resources(made, "AWS::SQS::Queue")
    assert queue == {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}


@pytest.mark.parametrize(("settings", "policy"), [(CAREFUL, "Retain"), (CARELESS, "Delete")])
def test_it_goes_with_its_stack_only_where_it_may(settings: Settings, policy: str) -> None:
    made = stack(settings)
    FailureQueue(made, "Failures", settings=settings)
    [queue] = found(made, "AWS::SQS::Queue").values()
    assert queue["DeletionPolicy"] == policy


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(settings: Settings) -> None:
    assert findings(_failures, settings=settings) == []


def test_a_queue_made_by_hand_is_found() -> None:
    rules = [rule for rule, _ in findings(lambda scope, _: sqs.Queue(scope, "Bare"))]
    assert rules == ["AwsSolutions-SQS3", "AwsSolutions-SQS4"]


def _failures(scope: Any, settings: Settings) -> None:
    FailureQueue(scope, "Failures", settings=settings)
