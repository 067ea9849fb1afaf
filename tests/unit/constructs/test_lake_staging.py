"""The bucket of a lake: what is kept, and that each grant is for its own part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from shardwell import staging
from shardwell_cdk import Settings
from shardwell_cdk.lake_staging import RETURNED, STAGED, LakeStaging
from tests.unit.constructs.made import CAREFUL, STAGES, findings, found, resources, stack

Grant = Callable[[LakeStaging, iam.Role], object]

GRANTS: dict[str, tuple[Grant, dict[str, set[str]]]] = {
    "stage": (LakeStaging.grant_stage, {"/staged/*": {"s3:PutObject"}}),
    "return": (LakeStaging.grant_return, {"/staged/.returned/*": {"s3:PutObject"}}),
    "commit": (LakeStaging.grant_commit, {"": {"s3:ListBucket"}, "/staged/*": {"s3:GetObject", "s3:DeleteObject"}}),
    "vectors_write": (LakeStaging.grant_vectors_write, {"/vectors/*": {"s3:PutObject"}}),
    "vectors_read": (LakeStaging.grant_vectors_read, {"/vectors/*": {"s3:GetObject"}}),
    "vectors_sweep": (
        LakeStaging.grant_vectors_sweep,
        {"": {"s3:ListBucket"}, "/vectors/*": {"s3:GetObject", "s3:DeleteObject"}},
    ),
}


def made_with(days: int | None = None, settings: Settings = CAREFUL) -> cdk.Stack:
    made = stack(settings)
    LakeStaging(made, "Staging", settings=settings, vectors_days=days)
    return made


def role(scope: Any) -> iam.Role:
    return iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def path(resource: Any) -> str:
    """What a grant's resource is within the bucket; empty for the bucket itself."""
    return str(resource["Fn::Join"][1][-1]) if "Fn::Join" in resource else ""


def test_what_waits_never_expires_and_vectors_do_when_they_should() -> None:
    [bucket] = resources(made_with(760), "AWS::S3::Bucket")
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [(rule.get("Prefix"), rule.get("ExpirationInDays")) for rule in rules] == [(None, None), ("vectors/", 760)]
    assert rules[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_vectors_are_kept_for_ever_unless_told_otherwise() -> None:
    assert "ExpirationInDays" not in str(resources(made_with(), "AWS::S3::Bucket"))


def test_nobody_sees_it_from_outside_and_nothing_is_versioned() -> None:
    made = made_with()
    [bucket] = resources(made, "AWS::S3::Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "VersioningConfiguration" not in bucket
    [policy] = resources(made, "AWS::S3::BucketPolicy")
    [denied] = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_parts_have_the_names_that_the_functions_use() -> None:
    assert staging.PREFIX == STAGED
    key = staging.replayed_key(b"")
    assert key.startswith(RETURNED)
    assert staging.staged_key(b"", shard="s", first="0" * 40, last="0" * 40, kind="redriven").startswith(RETURNED)


@pytest.mark.parametrize("name", GRANTS)
def test_a_grant_is_for_its_own_part(name: str) -> None:
    made = stack()
    grant, expected = GRANTS[name]
    grant(LakeStaging(made, "Staging", settings=CAREFUL), role(made))
    [policy] = found(made, "AWS::IAM::Policy").values()
    given = {}
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        given[path(statement["Resource"])] = {actions} if isinstance(actions, str) else set(actions)
        if "s3:ListBucket" in actions:
            [prefix] = [part.strip("/") for part in expected if part]
            assert statement["Condition"] == {"StringLike": {"s3:prefix": prefix}}
    assert given == expected


def test_every_grant_is_tested() -> None:
    assert {f"grant_{name}" for name in GRANTS} == {name for name in vars(LakeStaging) if name.startswith("grant_")}


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(settings: Settings) -> None:
    def granted(scope: Any, settings: Settings) -> None:
        made, reader = LakeStaging(scope, "Staging", settings=settings), role(scope)
        for grant, _ in GRANTS.values():
            grant(made, reader)

    assert findings(granted, settings=settings) == []


def test_a_bucket_made_by_hand_is_found() -> None:
    rules = [rule for rule, _ in findings(lambda scope, _: s3.Bucket(scope, "Bare"))]
    assert rules == ["AwsSolutions-S1", "AwsSolutions-S10"]
