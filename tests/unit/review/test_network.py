"""What opens a resource to the public, takes its encryption away, or lets more through a security group."""

from __future__ import annotations

import json
from typing import Any

import pytest

from review.exposure import EXPOSURES, exposures
from review.model import Certainty, Reason, Verdict
from review.parts import every_part
from review.replacement import facts_of
from tests.unit.review.sides import reviewed

OURS = (
    "public-access",
    "encryption-weakened",
    "tls-not-enforced",
    "security-group",
    "guard",
    "firewall",
    "sign-",
    "authorizer",
)


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def reasons(before: dict[str, Any] | None, after: dict[str, Any] | None, **rest: Any) -> list[Reason]:
    other = {"Other": resource("AWS::SNS::Topic"), **rest}
    sides = [other if side is None else {**other, "It": side} for side in (before, after)]
    result = reviewed(*sides, parts=every_part())
    return [reason for change in result.changes for reason in change.reasons if reason.rule.startswith(OURS)]


BLOCKED = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
KMS = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
AES = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@pytest.mark.parametrize(
    ("kind", "before", "after", "rule"),
    [
        ("AWS::S3::Bucket", {"PublicAccessBlockConfiguration": BLOCKED}, {}, "public-access"),
        (
            "AWS::S3::Bucket",
            {"PublicAccessBlockConfiguration": BLOCKED},
            {"PublicAccessBlockConfiguration": {**BLOCKED, "BlockPublicPolicy": False}},
            "public-access",
        ),
        ("AWS::S3::Bucket", {}, {"AccessControl": "PublicRead"}, "public-access"),
        ("AWS::S3::Bucket", {"BucketEncryption": KMS}, {"BucketEncryption": AES}, "encryption-weakened"),
        ("AWS::S3::Bucket", {"BucketEncryption": KMS}, {}, "encryption-weakened"),
        ("AWS::RDS::DBInstance", {}, {"PubliclyAccessible": True}, "public-access"),
        ("AWS::RDS::DBInstance", {"PubliclyAccessible": False}, {"PubliclyAccessible": "true"}, "public-access"),
        ("AWS::RDS::DBInstance", {"StorageEncrypted": True}, {}, "encryption-weakened"),
        ("AWS::Redshift::Cluster", {}, {"PubliclyAccessible": True}, "public-access"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"}, {}, "public-access"),
        ("AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}, "public-access"),
        ("AWS::SQS::Queue", {"KmsMasterKeyId": "k"}, {}, "encryption-weakened"),
        ("AWS::SQS::Queue", {}, {"SqsManagedSseEnabled": False}, "encryption-weakened"),
        ("AWS::SNS::Topic", {"KmsMasterKeyId": {"Ref": "K"}}, {}, "encryption-weakened"),
        ("AWS::DynamoDB::Table", {"SSESpecification": {"SSEEnabled": True}}, {}, "encryption-weakened"),
        ("AWS::RDS::DBParameterGroup", {"Parameters": {"rds.force_ssl": "1"}}, {"Parameters": {}}, "tls-not-enforced"),
        ("AWS::ElasticLoadBalancingV2::Listener", {"Protocol": "HTTPS"}, {"Protocol": "HTTP"}, "tls-not-enforced"),
        (
            "AWS::Cognito::UserPool",
            {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}},
            {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}},
            "sign-up-open",
        ),
        ("AWS::Cognito::UserPool", {"MfaConfiguration": "ON"}, {"MfaConfiguration": "OPTIONAL"}, "sign-in-weakened"),
        (
            "AWS::ApiGatewayV2::Route",
            {"RouteKey": "GET /a", "AuthorizationType": "JWT"},
            {"RouteKey": "GET /a"},
            "public-access",
        ),
        (
            "AWS::ApiGateway::Method",
            {"HttpMethod": "GET", "AuthorizationType": "AWS_IAM"},
            {"HttpMethod": "GET", "AuthorizationType": "NONE"},
            "public-access",
        ),
    ],
)
def test_what_was_closed_and_opens_is_a_danger_and_the_way_back_is_not(
    kind: str, before: dict[str, Any], after: dict[str, Any], rule: str
) -> None:
    found = reasons(resource(kind, **before), resource(kind, **after))
    assert {reason.rule for reason in found} == {rule}
    assert {reason.verdict for reason in found} == {Verdict.DANGER}
    assert {reason.certainty for reason in found} == {Certainty.SURE}
    assert reasons(resource(kind, **after), resource(kind, **before)) == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("AWS::Lambda::Url", {"AuthType": "NONE"}),
        ("AWS::S3::Bucket", {"AccessControl": "PublicReadWrite"}),
        ("AWS::ApiGatewayV2::Route", {"RouteKey": "POST /a", "AuthorizationType": "NONE"}),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {}),
    ],
)
def test_what_is_new_and_open_is_a_danger(kind: str, given: dict[str, Any]) -> None:
    assert [reason.verdict for reason in reasons(None, resource(kind, **given))] == [Verdict.DANGER]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("AWS::S3::Bucket", {}),
        ("AWS::SQS::Queue", {"SqsManagedSseEnabled": False, "KmsMasterKeyId": "k"}),
        ("AWS::ApiGatewayV2::Route", {"RouteKey": "OPTIONS /a"}),
        ("AWS::ApiGatewayV2::Route", {"RouteKey": "sendMessage"}),
        ("AWS::ApiGateway::Method", {"HttpMethod": "OPTIONS", "AuthorizationType": "NONE"}),
        ("AWS::RDS::DBInstance", {"PubliclyAccessible": False}),
    ],
)
def test_what_is_new_and_closed_is_none(kind: str, given: dict[str, Any]) -> None:
    assert reasons(None, resource(kind, **given)) == []


def test_what_only_the_deployment_can_tell_may_be_open() -> None:
    computed = {"Fn::If": ["Public", True, False]}
    (reason,) = reasons(
        resource("AWS::RDS::DBInstance", PubliclyAccessible=False),
        resource("AWS::RDS::DBInstance", PubliclyAccessible=computed),
    )
    assert (reason.certainty, reason.verdict) == (Certainty.MAYBE, Verdict.DANGER)


def test_another_authorizer_is_to_be_looked_at() -> None:
    sides = [
        resource("AWS::ApiGatewayV2::Route", RouteKey="GET /", AuthorizationType=kind) for kind in ("JWT", "CUSTOM")
    ]
    assert [(each.rule, each.verdict) for each in reasons(*sides)] == [("authorizer-changed", Verdict.LOOK)]


def test_a_firewall_that_goes_is_a_danger() -> None:
    gone = reasons(resource("AWS::WAFv2::WebACLAssociation"), None)
    assert [(each.rule, each.verdict) for each in gone] == [("guard-removed", Verdict.DANGER)]


def test_each_exposure_is_of_a_type_and_a_property_that_exist() -> None:
    for kind, entries in exposures().items():
        assert facts_of(kind) is not None, kind
        assert all(entry.good or entry.bad or entry.kept for entry in entries), kind
    assert len(exposures()) == len(json.loads(EXPOSURES.read_text(encoding="utf-8"))) - 1


# --- Security groups


def rule(port: int | None, peer: str = "10.0.0.0/8", protocol: str = "tcp", **more: Any) -> dict[str, Any]:
    ports = {} if port is None else {"FromPort": port, "ToPort": port}
    return {"IpProtocol": protocol, "CidrIp": peer, **ports, **more}


def group(*rules: Any, **more: Any) -> dict[str, Any]:
    return resource("AWS::EC2::SecurityGroup", GroupDescription="x", SecurityGroupIngress=list(rules), **more)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [rule(22, "0.0.0.0/0")], [("security-group-public", Verdict.DANGER)]),
        ([], [rule(443, "0.0.0.0/0")], [("security-group-public", Verdict.LOOK)]),
        ([], [{"IpProtocol": "-1", "CidrIpv6": "::/0"}], [("security-group-public", Verdict.DANGER)]),
        ([], [rule(22)], [("security-group-opened", Verdict.LOOK)]),
        ([rule(22)], [], [("security-group-closed", Verdict.LOOK)]),
        ([rule(22)], [rule(22, "10.1.0.0/16")], [("security-group-closed", Verdict.LOOK)]),
        ([rule(22, "10.1.0.0/16")], [rule(22)], [("security-group-opened", Verdict.LOOK)]),
        ([rule(None, protocol="-1")], [rule(None, protocol="-1"), rule(22, "10.2.0.0/16")], []),
        ([rule(22), rule(80)], [rule(80, Description="web"), rule(22)], []),
        ([rule(22)], [{"IpProtocol": "6", "FromPort": "22", "ToPort": "22", "CidrIp": "10.0.0.0/8"}], []),
    ],
)
def test_what_a_group_lets_through(before: list[Any], after: list[Any], expected: list[tuple[str, Verdict]]) -> None:
    assert [(each.rule, each.verdict) for each in reasons(group(*before), group(*after))] == expected


def test_a_rule_that_becomes_a_resource_of_its_own_gives_nothing() -> None:
    own = {**rule(22, "0.0.0.0/0"), "GroupId": {"Fn::GetAtt": ["It", "GroupId"]}}
    before, after = group(rule(22, "0.0.0.0/0")), group()
    rest = {"Rule": resource("AWS::EC2::SecurityGroupIngress", **own)}
    sides = [{"It": before}, {"It": after, **rest}]
    result = reviewed(*sides, parts=every_part())
    found = [each for change in result.changes for each in change.reasons if each.rule.startswith("security-group")]
    assert found == []


def test_a_rule_that_only_the_deployment_can_tell_is_maybe() -> None:
    computed = {"IpProtocol": "tcp", "FromPort": {"Ref": "Port"}, "ToPort": 22, "CidrIp": "10.0.0.0/8"}
    (reason,) = reasons(group(), group(computed))
    assert (reason.rule, reason.certainty) == ("security-group-opened", Certainty.MAYBE)
    assert reasons(group(computed), group(computed, SecurityGroupEgress=[rule(None, "0.0.0.0/0", "-1")])) == []


def test_a_group_that_limits_what_goes_out_opens_again() -> None:
    shut = group(SecurityGroupEgress=[rule(443)])
    assert {each.rule for each in reasons(shut, group())} == {"security-group-opened"}
