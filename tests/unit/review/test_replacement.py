"""Which change of which property replaces a resource."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from review.distil import REGION, TABLE, distilled, packed, schemas_folder
from review.model import Certainty, Kind, Verdict
from review.replacement import facts_of, table
from tests.unit.review.sides import changed, of, reviewed, rules
from tests.unit.review.sides import table as table_resource


def kind(type_: str, before: dict[str, Any], after: dict[str, Any]) -> Kind:
    sides = ({"Type": type_, "Properties": properties} for properties in (before, after))
    return changed(*sides).kind


def test_the_table_is_what_the_installed_schemas_give() -> None:
    made = distilled(schemas_folder(), REGION)
    assert json.loads(gzip.decompress(TABLE.read_bytes())) == made, "run python -m review.distil"
    assert packed(made) == packed(made)
    assert TABLE.stat().st_size < 40_000


def test_the_table_says_when_and_where_it_is_from() -> None:
    assert table().region == "us-east-1"
    assert table().dated.startswith("20")
    assert len(table().types) > 1_500


NETWORK = "KubernetesNetworkConfig"
BALANCING = "ElasticLoadBalancing"
GLUE = "AWS::Glue::SecurityConfiguration"


@pytest.mark.parametrize(
    ("type_", "before", "after", "expected"),
    [
        ("AWS::S3::Bucket", {"BucketName": "a"}, {"BucketName": "b"}, Kind.REPLACED),
        ("AWS::S3::Bucket", {}, {"BucketName": "b"}, Kind.REPLACED),
        ("AWS::S3::Bucket", {"AccessControl": "Private"}, {"AccessControl": "PublicRead"}, Kind.CHANGED),
        ("AWS::SQS::Queue", {"DelaySeconds": 1}, {"DelaySeconds": 2}, Kind.CHANGED),
        # Of the nested path, and not of the property above it.
        (
            "AWS::EKS::Cluster",
            {NETWORK: {"IpFamily": "ipv4", BALANCING: {"Enabled": True}}},
            {NETWORK: {"IpFamily": "ipv4", BALANCING: {"Enabled": False}}},
            Kind.CHANGED,
        ),
        (
            "AWS::EKS::Cluster",
            {NETWORK: {"IpFamily": "ipv4"}},
            {NETWORK: {"IpFamily": "ipv6"}},
            Kind.REPLACED,
        ),
        ("AWS::EKS::Cluster", {}, {NETWORK: {BALANCING: {"Enabled": True}}}, Kind.CHANGED),
        ("AWS::EKS::Cluster", {}, {NETWORK: {"IpFamily": "ipv6"}}, Kind.REPLACED),
        ("AWS::EKS::Cluster", {NETWORK: {"Ref": "P"}}, {NETWORK: {}}, Kind.MAYBE_REPLACED),
        # Conditional.
        ("AWS::RDS::DBInstance", {"Engine": "mysql"}, {"Engine": "postgres"}, Kind.MAYBE_REPLACED),
        # Unresolved: the value may be the same.
        ("AWS::S3::Bucket", {"BucketName": {"Ref": "Name"}}, {"BucketName": "b"}, Kind.MAYBE_REPLACED),
        ("AWS::S3::Bucket", {"BucketName": {"Fn::Sub": "a${P}"}}, {"BucketName": {"Fn::Sub": "b${P}"}}, Kind.REPLACED),
        # Somebody's own code decides.
        ("Custom::Thing", {"A": 1}, {"A": 2}, Kind.MAYBE_REPLACED),
        ("AWS::CloudFormation::CustomResource", {"A": 1}, {"A": 2}, Kind.MAYBE_REPLACED),
        # Another template of a nested stack updates it.
        ("AWS::CloudFormation::Stack", {"TemplateURL": "a"}, {"TemplateURL": "b"}, Kind.CHANGED),
        # No update at all.
        (GLUE, {"EncryptionConfiguration": {}}, {"EncryptionConfiguration": {"A": 1}}, Kind.MAYBE_REPLACED),
    ],
)
def test_kinds(type_: str, before: dict[str, Any], after: dict[str, Any], expected: Kind) -> None:
    assert kind(type_, before, after) is expected


def test_written_otherwise_is_no_change_and_is_counted() -> None:
    sides = (
        {"It": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}
        for name in ({"Fn::Sub": "a-${P}"}, {"Fn::Join": ["", ["a-", {"Ref": "P"}]]})
    )
    result = reviewed(*sides)
    assert (result.changes, result.verdict) == ((), Verdict.HARMLESS)
    assert [(each.sort, each.count) for each in result.hidden] == [("written otherwise", 1)]


def test_an_unknown_type_is_never_safe() -> None:
    sides = ({"Type": "AWS::Brand::New", "Properties": {"A": value}} for value in (1, 2))
    change = changed(*sides)
    assert "unknown-type" in rules(change)
    assert change.verdict is Verdict.DANGER
    assert change.loss is not None
    assert change.loss.certainty is Certainty.UNKNOWN
    for side in ((None, {"Type": "AWS::Brand::New"}), ({"Type": "AWS::Brand::New"}, None)):
        assert "unknown-type" in rules(changed(*side))


KEY = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]
LOCAL = {"IndexName": "L", "KeySchema": KEY, "Projection": {"ProjectionType": "ALL"}}


@pytest.mark.parametrize("type_", ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"])
@pytest.mark.parametrize(
    "after",
    [
        {"KeySchema": KEY},
        {"LocalSecondaryIndexes": [LOCAL]},
        {"AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "N"}]},
    ],
)
def test_the_keys_of_a_table_and_its_local_indexes_replace_it(type_: str, after: dict[str, Any]) -> None:
    before = {**table_resource(), "Type": type_}
    change = changed(before, {**table_resource(**after), "Type": type_})
    assert change.kind is Kind.REPLACED
    assert change.verdict is Verdict.DANGER


def test_an_attribute_of_no_key_may_come_and_go() -> None:
    definitions = [{"AttributeName": name, "AttributeType": "N" if name == "A" else "S"} for name in ("PK", "A")]
    assert changed(table_resource(), table_resource(AttributeDefinitions=definitions)).kind is Kind.CHANGED


def test_the_order_of_attributes_and_indexes_means_nothing() -> None:
    before = table_resource()
    after = table_resource(AttributeDefinitions=before["Properties"]["AttributeDefinitions"][::-1])
    result = reviewed({"It": before}, {"It": after})
    assert result.changes == ()
    assert [(each.sort, each.count) for each in result.hidden] == [("order", 1)]


def test_where_the_order_may_mean_something_it_is_shown() -> None:
    origins = [{"Path": "/a"}, {"Path": "/b"}]
    sides = ({"Type": "AWS::SNS::Topic", "Properties": {"Deliveries": order}} for order in (origins, origins[::-1]))
    assert {reason.rule for reason in changed(*sides).reasons} == {"order", "changed"}


def test_names_are_the_identifiers_of_the_schemas() -> None:
    for type_, names, secondary in (
        ("AWS::DynamoDB::Table", ("TableName",), False),
        ("AWS::EC2::SecurityGroup", ("GroupName",), True),
        ("AWS::SQS::Queue", ("QueueName",), True),
        ("AWS::IAM::Policy", (), False),
    ):
        facts = facts_of(type_)
        assert facts is not None
        assert (facts.names, facts.secondary) == (names, secondary), type_


def test_a_change_that_replaces_names_its_path_and_says_why() -> None:
    result = reviewed(
        {"It": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "a", "ShardCount": 1}}},
        {"It": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "b", "ShardCount": 1}}},
    )
    (one,) = of(result, "It").properties
    assert (one.path, one.before, one.after) == (("Name",), "a", "b")
    assert one.reason is not None
    assert "Name can be set only when the resource is created" in one.reason.text
