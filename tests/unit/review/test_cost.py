"""What a change costs: the fixed part, the part by assumptions, and what is unknown and never nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from review.assumptions import FIGURES, Assumptions, AssumptionsError, assumptions_in
from review.build import review
from review.cost_fixed import is_free
from review.model import Cost, CostLine, CostPart
from review.parts import every_part
from review.prices import price_list
from review.replacement import facts_of
from review.sources import of_folder
from tests.unit.review.sides import index, reviewed, table

ROOT = Path(__file__).parents[3]
SECONDS = 730 * 3600

USES = b"""
[[use]]
stages = ["prod"]
resource = "T*"
writes_a_second = 10
reads_a_second = 4
item_kb = 1.5
storage_gb = 100
indexes = { Sparse = { share = 0.1 }, Small = { item_kb = 0.2 } }

[[use]]
resource = "F"
calls_a_second = 2
milliseconds = 500

[[use]]
resource = "*/Queue/*"
messages_a_second = 1
"""


def uses(content: bytes = USES) -> Assumptions:
    return assumptions_in(content, "file.toml")


def cost(before: dict[str, Any], after: dict[str, Any], assumptions: Assumptions | None = None) -> Cost:
    found = reviewed(before, after, parts=every_part(assumptions=assumptions)).cost
    assert found is not None
    return found


def lines(before: dict[str, Any], after: dict[str, Any], **more: Any) -> dict[str, CostLine]:
    return {line.item: line for line in cost(before, after, **more).lines}


def on_demand(*indexes: Any, **more: Any) -> dict[str, Any]:
    return {"T": table(BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=list(indexes), **more)}


def price(name: str, units: float | Decimal) -> Decimal:
    return price_list().cost(name, Decimal(str(units)))


def test_an_index_multiplies_what_a_write_costs() -> None:
    found = lines(on_demand(), on_demand(index("A", "A")), assumptions=uses())
    one = price("dynamodb.write_unit", 10 * SECONDS * 2)
    assert (found["write units"].before.value, found["write units"].after.value) == (one, 2 * one)
    assert found["write units"].part is CostPart.USAGE
    stored = price("dynamodb.storage", 100)
    assert (found["storage"].before.value, found["storage"].after.value) == (stored, 2 * stored)
    assert set(found) == {"write units", "storage"}


def test_an_index_of_few_or_small_items_costs_less() -> None:
    base = price("dynamodb.write_unit", 10 * SECONDS)
    for name, units in (("Sparse", Decimal("2.2")), ("Small", Decimal(3))):
        assert lines(on_demand(), on_demand(index(name, "A")), assumptions=uses())["write units"].after.value == (
            base * units
        )
    keys_only = lines(on_demand(), on_demand(index("B", "B", "KEYS_ONLY")), assumptions=uses())
    assert keys_only["write units"].after.value == base * 3


def test_recovery_costs_as_much_as_is_stored() -> None:
    given = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    found = lines(on_demand(), on_demand(**given), assumptions=uses())
    amount = found["point-in-time recovery"]
    assert (amount.before.value, amount.after.value) == (Decimal(0), price("dynamodb.recovery", 100))


def test_each_region_of_a_global_table_is_paid_for() -> None:
    def side(*regions: str) -> dict[str, Any]:
        made = on_demand(Replicas=[{"Region": region} for region in regions])["T"]
        return {"T": {**made, "Type": "AWS::DynamoDB::GlobalTable"}}

    amounts = lines(side("eu-west-1"), side("eu-west-1", "us-east-1"), assumptions=uses())["write units"]
    assert amounts.after.value == (amounts.before.value or 0) * 2


def test_provisioned_capacity_is_fixed() -> None:
    def side(units: Any) -> dict[str, Any]:
        return {"T": table(ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": units})}

    found = lines(side(1), side(3))
    assert found["write capacity"].after.value == price("dynamodb.write_hour", 730 * 3)
    assert found["write capacity"].part is CostPart.FIXED
    assert "read capacity" not in found
    assert lines(side(1), side({"Ref": "P"}))["write capacity"].after.value is None


def test_without_an_assumption_a_use_is_unknown_and_never_nothing() -> None:
    found = cost(on_demand(), on_demand(index("A", "A")))
    assert {line.item for line in found.lines} >= {"write units", "read units", "storage"}
    assert {(line.before.value, line.after.value) for line in found.lines} == {(None, None)}
    assert found.assumptions == ""
    (fixed, usage) = found.stages
    assert (usage.unknown_before, usage.unknown_after, usage.after) == (3, 3, Decimal(0))
    assert (fixed.unknown_after, fixed.after) == (0, Decimal(0))


def test_a_type_without_a_price_is_unknown() -> None:
    thing = {"X": {"Type": "AWS::SageMaker::Endpoint"}}
    (line,) = cost({"Q": {"Type": "AWS::SQS::QueuePolicy"}}, {"Q": {"Type": "AWS::SQS::QueuePolicy"}, **thing}).lines
    assert (line.after.value, line.after.basis) == (None, "there is no price for AWS::SageMaker::Endpoint")
    assert line.before.value == 0


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("AWS::CloudWatch::Alarm", {"MetricName": "x"}, "0.10"),
        ("AWS::CloudWatch::Alarm", {"MetricName": "x", "Period": 10}, "0.30"),
        ("AWS::CloudWatch::Alarm", {"Metrics": [{"MetricStat": {"Period": 60}}, {"MetricStat": {}}]}, "0.20"),
        ("AWS::CloudWatch::Alarm", {"Metrics": [{"Expression": "SELECT COUNT(x)"}]}, None),
        ("AWS::CloudWatch::Dashboard", {}, "3.00"),
        ("AWS::KMS::Key", {}, "1.00"),
        ("AWS::SecretsManager::Secret", {}, "0.40"),
        ("AWS::EC2::NatGateway", {}, "32.850"),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, "14.60"),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": {"Ref": "S"}}, None),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {}, "16.4250"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Type": "gateway"}, None),
        ("AWS::Kinesis::Stream", {"ShardCount": 2}, "21.900"),
    ],
)
def test_what_is_due_whatever_happens(kind: str, given: dict[str, Any], expected: str | None) -> None:
    rest = {"P": {"Type": "AWS::IAM::Role"}}
    (line,) = cost(rest, {**rest, "X": {"Type": kind, "Properties": given}}).lines
    assert line.after.value == (None if expected is None else Decimal(expected))
    assert line.part is CostPart.FIXED


def test_what_is_there_under_a_condition_may_not_be_paid() -> None:
    rest = {"P": {"Type": "AWS::IAM::Role"}}
    (line,) = cost(rest, {**rest, "K": {"Type": "AWS::KMS::Key", "Condition": "C"}}).lines
    assert (line.after.value, line.after.basis) == (None, "it is there only under C; then 1.00 USD")


def test_the_time_of_a_function_depends_on_its_memory_and_processor() -> None:
    def side(**given: Any) -> dict[str, Any]:
        return {"F": {"Type": "AWS::Lambda::Function", "Properties": given}}

    found = lines(side(MemorySize=1024), side(MemorySize=512, Architectures=["arm64"]), assumptions=uses())
    assert found["time"].before.value == price("lambda.gb_second_x86", SECONDS)
    assert found["time"].after.value == price("lambda.gb_second", SECONDS / 2)
    assert lines(side(), side(MemorySize={"Ref": "M"}), assumptions=uses())["time"].after.value is None


def test_a_renamed_resource_costs_the_same() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "same"}}
    content = b'[[use]]\nresource = "*"\nmessages_a_second = 1'
    assert cost({"A": queue}, {"B": queue}, uses(content)).lines == ()


def test_a_resource_is_found_by_its_path_behind_the_stage() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": "prod/Shop/Queue/Resource"}}
    found = lines({"P": {"Type": "AWS::IAM::Role"}}, {"P": {"Type": "AWS::IAM::Role"}, "Q": queue}, assumptions=uses())
    assert found["requests"].after.value == price("sqs.request", 3 * SECONDS)
    assert uses().use_of(stage="dev", stack="s", logical_id="T", path="") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[", "is not TOML"),
        (b"a = 1", "has 'a'"),
        (b"use = 1", "is no table"),
        (b"[[use]]\nwrites_a_second = 1", "has no resource"),
        (b'[[use]]\nresource = "T"\nwrites = 1', "has 'writes', which is no figure"),
        (b'[[use]]\nresource = "T"\nitem_kb = -1', "give a number from 0"),
        (b'[[use]]\nresource = "T"\nitem_kb = true', "give a number from 0"),
        (b'[[use]]\nresource = "T"\nitem_kb = nan', "give a number from 0"),
        (b'[[use]]\nresource = "T"\nindexes = { A = { share = 2 } }', "give a number from 0"),
        (b'[[use]]\nresource = "T"\nstages = "prod"', "give a list of names"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_way_out(content: bytes, says: str) -> None:
    with pytest.raises(AssumptionsError, match=says):
        uses(content)


def test_the_assumptions_of_this_repository_fit_its_templates() -> None:
    content = (ROOT / "review" / "assumptions.toml").read_bytes()
    side = of_folder("base", ROOT / "tests" / "snapshots")
    found = review(side, side, every_part(assumptions=assumptions_in(content, "review/assumptions.toml"))).cost
    assert found is not None
    usage = {each.stage: each for each in found.stages if each.part is CostPart.USAGE}
    assert list(usage) == ["local", "dev", "staging", "prod"]
    assert usage["local"].after == 0 < usage["dev"].after < usage["staging"].after < usage["prod"].after
    assert found.lines == ()
    for use in assumptions_in(content, "x").uses:
        names = {
            (stage, name)
            for (stage, stack), template in side.stacks.items()
            for name, resource in template.resources.items()
            if Assumptions(origin="", uses=(use,)).use_of(
                stage=stage, stack=stack, logical_id=name, path=resource["Metadata"]["aws:cdk:path"]
            )
        }
        assert {stage for stage, _ in names} == set(use.stages), use.resource


def test_every_figure_is_explained_and_every_free_type_exists() -> None:
    assert all(FIGURES.values())
    assert not is_free("AWS::DynamoDB::Table")
    assert is_free("AWS::IAM::Role")
    assert facts_of("AWS::SQS::QueuePolicy") is not None
