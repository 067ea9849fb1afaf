"""Carousel sync's stack: what each function may do, how often each is tried, and where what failed ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest

from carousel_sync.sweep import DAYS_BACK
from sales_intelligence.tables import SALES
from stacks.settings import KNOWN_TENANTS, STAGES
from tests.unit.constructs.made import found, resources
from tests.unit.stacks.deployed import stacks_of

WRITES = {
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLUpdate",
    "PartiQLDelete",
    "TransactWriteItems",
}
OWN = ("logs:", "xray:")
"""What every function may do: write its log and its traces."""


@cache
def carousel_sync(stage: str) -> cdk.Stack:
    return stacks_of(stage)["CarouselSync"]


def functions(stage: str) -> dict[str, Mapping[str, Any]]:
    """The functions of the stack by the last part of their handler."""
    made = resources(carousel_sync(stage), "AWS::Lambda::Function")
    ours = [one for one in made if str(one["Handler"]).startswith("carousel_sync.")]
    return {one["Handler"].split(".")[1]: one for one in ours}


def allowed(function: str, stage: str = "dev") -> dict[str, list[str]]:
    """What a function's role may do, by the service, without what every function may."""
    granted: dict[str, set[str]] = {}
    for name, policy in found(carousel_sync(stage), "AWS::IAM::Policy").items():
        if name.startswith(function.capitalize()):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                for action in _listed(statement["Action"]):
                    if not action.startswith(OWN):
                        service, _, what = action.partition(":")
                        granted.setdefault(service, set()).add(what)
    return {service: sorted(actions) for service, actions in granted.items()}


def statements(function: str, service: str, stage: str = "dev") -> list[Mapping[str, Any]]:
    """What a function may do with a service, statement by statement."""
    return [
        statement
        for name, policy in found(carousel_sync(stage), "AWS::IAM::Policy").items()
        if name.startswith(function.capitalize())
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if any(action.startswith(f"{service}:") for action in _listed(statement["Action"]))
    ]


def mapping(source: str, stage: str = "dev") -> Mapping[str, Any]:
    """The event source mapping whose id begins so."""
    [one] = [
        each["Properties"]
        for name, each in found(carousel_sync(stage), "AWS::Lambda::EventSourceMapping").items()
        if name.startswith(source)
    ]
    return one


def test_the_sync_function_inserts_and_reads_and_can_overwrite_nothing() -> None:
    granted = allowed("sync")
    assert granted["dynamodb"] == ["BatchGetItem", "GetItem", "PartiQLInsert", "Query"]
    assert not WRITES & set(granted["dynamodb"])


def test_the_sync_function_writes_vectors_and_does_with_its_queue_what_it_must() -> None:
    granted = allowed("sync")
    assert granted["s3"] == ["PutObject"]
    [vectors] = statements("sync", "s3")
    assert str(vectors["Resource"]).count("/vectors/*") == 1
    assert granted["sqs"] == [
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ReceiveMessage",
        "SendMessage",
    ]
    of_failures = [one for one in statements("sync", "sqs") if "sqs:SendMessage" in _listed(one["Action"])]
    assert ["SyncFailures" in str(one["Resource"]) for one in of_failures] == [True]
    assert granted.keys() == {"dynamodb", "s3", "sqs"}


def test_the_stager_reads_the_stream_and_vectors_and_writes_staged_rows() -> None:
    granted = allowed("stage")
    assert granted["dynamodb"] == ["DescribeStream", "GetRecords", "GetShardIterator"]
    assert set(granted["s3"]) == {"GetObject", "PutObject"}
    for statement in statements("stage", "s3"):
        place = {"s3:GetObject": "/vectors/*", "s3:PutObject": "/staged/*"}
        for action in _listed(statement["Action"]):
            assert place[action] in str(statement["Resource"])


def test_the_committer_reads_and_deletes_staged_rows_and_touches_no_sale() -> None:
    granted = allowed("commit")
    assert "dynamodb" not in granted
    assert {"s3", "s3tables", "sqs"} == granted.keys()
    assert "PutObject" not in granted["s3"]
    assert not [
        action for action in granted["s3tables"] if action.startswith(("Delete", "Put")) and "Data" not in action
    ]


def test_the_sweep_deletes_vectors_alone_and_only_reads_sales() -> None:
    granted = allowed("sweep")
    assert granted["dynamodb"] == ["BatchGetItem", "GetItem", "Query"]
    assert "DeleteObject" in granted["s3"]
    for statement in statements("sweep", "s3"):
        if "s3:DeleteObject" in _listed(statement["Action"]):
            assert "/vectors/*" in str(statement["Resource"])
    assert granted["lambda"] == ["InvokeFunction"]


@pytest.mark.parametrize("function", ["sync", "stage", "commit", "sweep"])
def test_no_function_may_do_anything_to_everything(function: str) -> None:
    for statement in [one for service in allowed(function) for one in statements(function, service)]:
        assert statement["Resource"] != "*"
        assert not [action for action in _listed(statement["Action"]) if action.endswith("*")]


@pytest.mark.parametrize("stage", STAGES)
def test_one_committer_runs_at_a_time_and_none_after_a_failure_before_its_next_minute(stage: str) -> None:
    assert functions(stage)["commit"]["ReservedConcurrentExecutions"] == 1
    assert {name for name, one in functions(stage).items() if "ReservedConcurrentExecutions" in one} == {"commit"}
    configs = resources(carousel_sync(stage), "AWS::Lambda::EventInvokeConfig")
    [commit] = [one for one in configs if "Commit" in str(one["FunctionName"])]
    assert commit["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize("stage", STAGES)
def test_no_attempt_is_without_end(stage: str) -> None:
    queues = found(carousel_sync(stage), "AWS::SQS::Queue")
    [(_, sold)] = [(name, one["Properties"]) for name, one in queues.items() if "RedrivePolicy" in one["Properties"]]
    assert sold["RedrivePolicy"]["maxReceiveCount"] == 3
    changes = mapping("Changes", stage)
    assert changes["MaximumRetryAttempts"] == 30
    assert changes["MaximumRecordAgeInSeconds"] == 6 * 3600
    assert changes["BisectBatchOnFunctionError"] is True
    assert changes["DestinationConfig"]["OnFailure"]["Destination"]
    for config in resources(carousel_sync(stage), "AWS::Lambda::EventInvokeConfig"):
        assert config["MaximumRetryAttempts"] <= 2
        assert config["MaximumEventAgeInSeconds"] <= 3600


@pytest.mark.parametrize("stage", STAGES)
def test_dead_letters_are_where_the_contract_says(stage: str) -> None:
    names = {one.get("QueueName") for one in resources(carousel_sync(stage), "AWS::SQS::Queue")}
    assert f"carousel-sync-dlq-{stage}" in names


def test_events_come_in_batches_and_each_message_answers_for_itself() -> None:
    sold = mapping("Sold")
    assert (sold["BatchSize"], sold["MaximumBatchingWindowInSeconds"]) == (500, 10)
    assert sold["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    [rule] = [one for one in resources(carousel_sync("dev"), "AWS::Events::Rule") if "EventPattern" in one]
    assert rule["EventPattern"] == {"source": ["carousel.products"], "detail-type": ["carousel.product.sold"]}


def test_a_shard_is_read_in_order_and_says_which_it_is() -> None:
    changes = mapping("Changes")
    # The ledger relies on both: rows of a shard are staged in their order, and under the shard's name.
    assert changes["ParallelizationFactor"] == 1
    assert changes["TumblingWindowInSeconds"] == 900
    assert changes["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_emulator_s_shard_is_named(stage: str) -> None:
    variables = functions(stage)["stage"]["Environment"]["Variables"]
    assert variables.get("STREAM_SHARD") == ("emulator" if stage == "local" else None)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_takes_the_tenants_that_it_knows(stage: str) -> None:
    variables = functions(stage)["sync"]["Environment"]["Variables"]
    assert variables["TENANTS"] == ",".join(KNOWN_TENANTS[stage])


@pytest.mark.parametrize("stage", STAGES)
def test_a_commit_waits_where_each_of_them_costs_money(stage: str) -> None:
    variables = functions(stage)["commit"]["Environment"]["Variables"]
    assert variables["COMMIT_AFTER_SECONDS"] == ("300" if STAGES[stage].retain else "0")


@pytest.mark.parametrize("stage", STAGES)
def test_vectors_outlive_the_sales_that_point_at_them(stage: str) -> None:
    rules = [
        rule
        for bucket in resources(carousel_sync(stage), "AWS::S3::Bucket")
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if str(rule.get("Prefix", "")).startswith("vectors")
    ]
    assert SALES.ttl is not None
    assert [rule["ExpirationInDays"] > SALES.ttl.days > DAYS_BACK for rule in rules] == [True]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
