"""Changes made by hand, one of each kind and verdict, with hostile markup and secrets in some of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from review.model import (
    ABSENT,
    Acknowledgement,
    Certainty,
    Change,
    DataLoss,
    Kind,
    Member,
    Outcome,
    Policies,
    PropertyChange,
    Reason,
    Replaces,
    Staged,
    Verdict,
)

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
    "`|@team*\u202e\x1b[31m"
)
SECRETS = {
    "password": "hunter2hunter2",
    "access key": "AKIAIOSFODNN7EXAMPLE",
    "address": "postgres://admin:s3cr3t-pa55@db.internal:5432/shop",
    "private key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----",
    "random": "wJalrXUtnFEMI9K7MDENGbPxRfiCY2Zz8Qw1",
}
LEAKS = ("hunter2", "IOSFODNN7", "s3cr3t-pa55", "MIIEvQIBADANBgkqhkiG9w0", "wJalrXUtnFEMI")
"""What must not be in any rendering."""

ALL = ("dev", "staging", "prod")
TABLE = "AWS::DynamoDB::GlobalTable"


def change(logical_id: str, kind: Kind, verdict: Verdict, stage: str = "prod", **more: Any) -> Change:
    """A change of a resource, with whatever else it has."""
    given: dict[str, Any] = {
        "stack": "sales",
        "section": "Resources",
        "type": TABLE,
        "path": f"{stage}/sales/{logical_id}/Resource",
        "name": "",
        "properties": (),
        "reasons": (),
        "loss": None,
        "digest": f"{abs(hash_of(logical_id + kind)):016x}"[:16],
    }
    return Change(stage=stage, logical_id=logical_id, kind=kind, verdict=verdict, **{**given, **more})


def hash_of(text: str) -> int:
    """A number for a text that is the same on each run."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(text)) % 2**64


def staged(item: Any, stages: tuple[str, ...] = ("prod",), elsewhere: tuple[str, ...] = ()) -> Staged[Any]:
    """The item in these stages."""
    same = tuple(replace(item, stage=stage) for stage in stages)
    return Staged(item=same[0], stages=stages, elsewhere=elsewhere, production_only=set(stages) == {"prod"}, same=same)


def reason(rule: str, text: str, verdict: Verdict, certainty: Certainty = Certainty.SURE) -> Reason:
    """A reason."""
    return Reason(rule=rule, text=text, verdict=verdict, certainty=certainty)


def groups() -> tuple[Staged[Change], ...]:
    """One group of each kind and verdict."""
    indexes = change(
        "Visits",
        Kind.CHANGED,
        Verdict.BLOCKED,
        properties=(
            PropertyChange(
                path=("GlobalSecondaryIndexes", Member("IndexName", "GSI1")),
                before={"IndexName": "GSI1", "KeySchema": [{"AttributeName": "A", "KeyType": "HASH"}]},
                after=ABSENT,
            ),
            PropertyChange(
                path=("GlobalSecondaryIndexes", Member("IndexName", "GSI2")),
                before=ABSENT,
                after={"IndexName": "GSI2", "KeySchema": [{"AttributeName": "B", "KeyType": "HASH"}]},
            ),
        ),
        reasons=(
            reason(
                "one-index-at-a-time",
                "one index can be made or removed in a deployment, and these are 2: GSI1 goes, GSI2 comes",
                Verdict.BLOCKED,
            ),
        ),
        deployments=("Deployment 1: remove the index GSI1.", "Deployment 2: add the index GSI2."),
    )
    lost = change(
        "Sales",
        Kind.REPLACED,
        Verdict.DANGER,
        name="shop-prod-sales",
        properties=(
            PropertyChange(
                path=("KeySchema",),
                before=[{"AttributeName": "PK", "KeyType": "HASH"}],
                after=[{"AttributeName": "tenant", "KeyType": "HASH"}],
                replaces=Replaces.YES,
                reason=reason("create-only-property", "KeySchema can be set only when it is made", Verdict.LOOK),
            ),
            PropertyChange(path=(), before="Retain", after="Delete", section="UpdateReplacePolicy"),
        ),
        reasons=(
            reason("data-lost", "all of its items are lost: its UpdateReplacePolicy is Delete", Verdict.DANGER),
            reason("create-only-property", "KeySchema can be set only when it is made", Verdict.LOOK),
        ),
        loss=DataLoss(
            outcome=Outcome.LOST,
            certainty=Certainty.SURE,
            holds="items",
            impact="all of its items are lost: its UpdateReplacePolicy is Delete",
            applies="UpdateReplacePolicy",
            before=Policies(deletion="Retain", update_replace="Retain", written=("DeletionPolicy",)),
            after=Policies(deletion="Retain", update_replace="Delete"),
        ),
    )
    renamed = change(
        "Archive2",
        Kind.RENAMED,
        Verdict.DANGER,
        type="AWS::S3::Bucket",
        renamed_from="Archive",
        reasons=(reason("renamed", "CloudFormation makes Archive2 and removes Archive", Verdict.DANGER),),
        acknowledged=acknowledgement("Archive2"),
    )
    secrets = change(
        "Fn",
        Kind.CHANGED,
        Verdict.LOOK,
        type="AWS::Lambda::Function",
        properties=(
            PropertyChange(
                path=("Environment", "Variables", "DB_PASSWORD"), before=SECRETS["password"], after={"Ref": "Secret"}
            ),
            PropertyChange(path=("Environment", "Variables", "WHO"), before=ABSENT, after=SECRETS["access key"]),
            PropertyChange(path=("Environment", "Variables", "URL"), before="", after=SECRETS["address"]),
            PropertyChange(path=("Environment", "Variables", "PEM"), before=None, after=SECRETS["private key"]),
            PropertyChange(path=("Environment", "Variables", "SALT"), before=1, after=SECRETS["random"]),
            PropertyChange(path=("Timeout",), before=3, after=30),
        ),
        reasons=(reason("changed", f"WHO is now {SECRETS['access key']}", Verdict.LOOK),),
    )
    added = change(
        "Topic",
        Kind.ADDED,
        Verdict.LOOK,
        type="AWS::SNS::Topic",
        reasons=(reason("added", "it is new", Verdict.LOOK),),
        entry={"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Sales", "Token": SECRETS["password"]}},
    )
    maybe = change(
        "Queue",
        Kind.MAYBE_REPLACED,
        Verdict.LOOK,
        type="AWS::SQS::Queue",
        properties=(
            PropertyChange(
                path=("QueueName",), before="a", after={"Fn::Sub": "${AWS::StackName}-q"}, replaces=Replaces.MAYBE
            ),
        ),
        reasons=(reason("conditional", "its name may be another", Verdict.LOOK, Certainty.MAYBE),),
    )
    gone = change("Old", Kind.REMOVED, Verdict.LOOK, type="AWS::SNS::Topic", entry={"Type": "AWS::SNS::Topic"})
    hostile = change(
        HOSTILE,
        Kind.CHANGED,
        Verdict.LOOK,
        type=HOSTILE,
        path=HOSTILE,
        stack=HOSTILE,
        properties=(PropertyChange(path=(HOSTILE,), before=HOSTILE, after={HOSTILE: HOSTILE}),),
        reasons=(reason("changed", HOSTILE, Verdict.LOOK),),
    )
    output = change("Url", Kind.CHANGED, Verdict.HARMLESS, section="Outputs", type="", path="")
    return (
        staged(indexes, ALL),
        staged(lost, ("prod",), ("dev", "staging")),
        staged(renamed, ("prod",), ("dev", "staging")),
        staged(secrets, ALL),
        staged(added, ("dev", "staging"), ("prod",)),
        staged(maybe, ("staging", "prod"), ("dev",)),
        staged(gone, ALL),
        staged(hostile, ("dev",)),
        staged(output, ALL),
    )


def acknowledgement(logical_id: str) -> Acknowledgement:
    """A line about a change in production."""
    return Acknowledgement(
        stage="prod",
        stack="sales",
        logical_id=logical_id,
        digest="00000000deadbeef",
        reason="the bucket is empty",
        expires=date(2030, 1, 31),
    )
