"""What protects data, and becomes weaker in place."""

from __future__ import annotations

from typing import Any

import pytest

from review.model import Certainty, Reason, Verdict
from review.protection import protections
from review.replacement import table as known_types
from tests.unit.review.sides import changed

DANGER, LOOK = Verdict.DANGER, Verdict.LOOK


def pitr(**specification: Any) -> dict[str, Any]:
    return {"PointInTimeRecoverySpecification": specification}


def replicas(**settings: Any) -> dict[str, Any]:
    return {"Replicas": [{"Region": "eu-west-1", **settings}]}


def rule(identity: str, **expiration: Any) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Id": identity, "Status": "Enabled", **expiration}]}}


def backup_rule(name: str, days: int) -> dict[str, Any]:
    return {"RuleName": name, "TargetBackupVault": "v", "Lifecycle": {"DeleteAfterDays": days}}


def plan(*rules: Any) -> dict[str, Any]:
    return {"BackupPlan": {"BackupPlanName": "p", "BackupPlanRule": list(rules)}}


TABLE = "AWS::DynamoDB::Table"
GLOBAL = "AWS::DynamoDB::GlobalTable"
BUCKET = "AWS::S3::Bucket"
PLAN = "AWS::Backup::BackupPlan"
SELECTION = "AWS::Backup::BackupSelection"
TTL = "TimeToLiveSpecification"


def reasons(type_: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Reason]:
    change = changed(*({"Type": type_, "Properties": side} for side in (before, after)))
    return {reason.rule: reason for reason in change.reasons}


@pytest.mark.parametrize(
    ("type_", "before", "after", "name", "verdict"),
    [
        (TABLE, pitr(PointInTimeRecoveryEnabled=True), pitr(PointInTimeRecoveryEnabled=False), "pitr-weakened", DANGER),
        (TABLE, pitr(PointInTimeRecoveryEnabled=True), {"BillingMode": "x"}, "pitr-weakened", DANGER),
        (TABLE, pitr(PointInTimeRecoveryEnabled="true"), pitr(), "pitr-weakened", DANGER),
        (TABLE, pitr(RecoveryPeriodInDays=35), pitr(RecoveryPeriodInDays=7), "pitr-shortened", LOOK),
        (TABLE, pitr(), pitr(RecoveryPeriodInDays=7), "pitr-shortened", LOOK),
        (GLOBAL, replicas(**pitr(PointInTimeRecoveryEnabled=True)), replicas(), "pitr-weakened", DANGER),
        (GLOBAL, replicas(DeletionProtectionEnabled=True), replicas(), "deletion-protection-weakened", DANGER),
        (GLOBAL, replicas(), {"Replicas": [{"Region": "eu-west-2"}]}, "replica-removed", DANGER),
        (TABLE, {"DeletionProtectionEnabled": True}, {}, "deletion-protection-weakened", DANGER),
        ("AWS::Cognito::UserPool", {"DeletionProtection": "ACTIVE"}, {}, "deletion-protection-weakened", DANGER),
        (TABLE, {TTL: {"AttributeName": "a"}}, {TTL: {"AttributeName": "b"}}, "ttl-changed", DANGER),
        (TABLE, {}, {TTL: {"AttributeName": "a", "Enabled": True}}, "ttl-enabled", DANGER),
        (TABLE, {TTL: {"AttributeName": "a", "Enabled": True}}, {}, "ttl-disabled", LOOK),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 30}, {"RetentionInDays": 7}, "retention-shortened", LOOK),
        ("AWS::Logs::LogGroup", {}, {"RetentionInDays": 3653}, "retention-shortened", LOOK),
        ("AWS::Kinesis::Stream", {"RetentionPeriodHours": 48}, {}, "retention-shortened", DANGER),
        ("AWS::SQS::Queue", {}, {"MessageRetentionPeriod": 60}, "retention-shortened", LOOK),
        ("AWS::RDS::DBInstance", {"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 1}, "backup-shortened", LOOK),
        ("AWS::RDS::DBInstance", {}, {"BackupRetentionPeriod": 0}, "backup-shortened", DANGER),
        (BUCKET, {"VersioningConfiguration": {"Status": "Enabled"}}, {}, "versioning-weakened", DANGER),
        (BUCKET, {}, rule("a", ExpirationInDays=1), "retention-shortened", DANGER),
        (BUCKET, rule("a", ExpirationInDays=9), rule("a", ExpirationInDays=1), "retention-shortened", DANGER),
        ("AWS::ECR::Repository", {}, {"EmptyOnDelete": True}, "deletion-protection-weakened", DANGER),
        ("AWS::KMS::Key", {}, {"Enabled": False}, "key-disabled", DANGER),
        (PLAN, plan(backup_rule("d", 35)), plan(backup_rule("d", 7)), "retention-shortened", LOOK),
        (PLAN, plan(backup_rule("d", 35), backup_rule("m", 365)), plan(backup_rule("d", 35)), "backup-removed", DANGER),
        (
            SELECTION,
            {"BackupSelection": {"Resources": ["a", "b"]}},
            {"BackupSelection": {"Resources": ["a"]}},
            "backup-removed",
            DANGER,
        ),
    ],
)
def test_weaker(type_: str, before: dict[str, Any], after: dict[str, Any], name: str, verdict: Verdict) -> None:
    reason = reasons(type_, before, after)[name]
    assert (reason.verdict, reason.certainty) == (verdict, Certainty.SURE)


QUIET = {"changed", "replaced", "create-only-property", "conditional-create-only-property", "custom-name"}


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        (TABLE, pitr(PointInTimeRecoveryEnabled=False), pitr(PointInTimeRecoveryEnabled=True)),
        (TABLE, pitr(RecoveryPeriodInDays=7), pitr(RecoveryPeriodInDays=35)),
        (TABLE, pitr(RecoveryPeriodInDays=35), {}),
        (TABLE, {"DeletionProtectionEnabled": False}, {"DeletionProtectionEnabled": True}),
        (TABLE, {"DeletionProtectionEnabled": False}, {}),
        (TABLE, {TTL: {"AttributeName": "a"}}, {TTL: {"AttributeName": "a", "Enabled": True}}),
        (GLOBAL, replicas(), replicas(DeletionProtectionEnabled=True)),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": 30}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 7}, {}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": "7"}, {"RetentionInDays": "30"}),
        ("AWS::Events::Archive", {"RetentionDays": 7}, {"RetentionDays": 0}),
        (BUCKET, rule("a", ExpirationInDays=9), rule("a", ExpirationInDays=90)),
        (BUCKET, rule("a", ExpirationInDays=9), {}),
        (PLAN, plan(backup_rule("d", 7)), plan(backup_rule("d", 7), backup_rule("m", 30))),
        (SELECTION, {"BackupSelection": {"Resources": ["a"]}}, {"BackupSelection": {"Resources": ["a", "b"]}}),
    ],
)
def test_not_weaker(type_: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert {name for name in reasons(type_, before, after) if not name.startswith("data-")} <= QUIET


@pytest.mark.parametrize(
    ("type_", "before", "after", "name"),
    [
        (
            TABLE,
            {"DeletionProtectionEnabled": True},
            {"DeletionProtectionEnabled": {"Ref": "P"}},
            "deletion-protection-weakened",
        ),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": {"Ref": "P"}}, "retention-shortened"),
        (
            TABLE,
            pitr(PointInTimeRecoveryEnabled=True),
            {"PointInTimeRecoverySpecification": {"Ref": "P"}},
            "pitr-weakened",
        ),
    ],
)
def test_what_only_the_deployment_knows_may_be_weaker(type_: str, before: Any, after: Any, name: str) -> None:
    assert reasons(type_, before, after)[name].certainty is Certainty.MAYBE


def test_every_protection_is_of_a_type_that_is_known() -> None:
    assert set(protections()) - set(known_types().types) <= {"AWS::QLDB::Ledger"}


def test_the_only_replica_is_not_called_by_its_number() -> None:
    """CDK writes its region as a reference, so that it has no name to be called by."""
    here = {"Region": {"Ref": "AWS::Region"}}
    before, after = ({"Replicas": [{**here, **side}]} for side in (pitr(PointInTimeRecoveryEnabled=True), {}))
    assert reasons(GLOBAL, before, after)["pitr-weakened"].text.startswith("point-in-time recovery is turned off")


def test_one_of_several_replicas_is_named() -> None:
    recovered = pitr(PointInTimeRecoveryEnabled=True)
    before = {"Replicas": [{"Region": "eu-west-1", **recovered}, {"Region": "eu-west-2", **recovered}]}
    after = {"Replicas": [{"Region": "eu-west-1", **recovered}, {"Region": "eu-west-2"}]}
    assert "recovery of eu-west-2 is" in reasons(GLOBAL, before, after)["pitr-weakened"].text
