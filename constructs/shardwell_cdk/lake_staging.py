"""The bucket where rows wait for their commit to a lake, and where vectors are."""

from __future__ import annotations

from typing import cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.settings import Settings

STAGED = "staged/"
"""Where rows wait for their commit."""
RETURNED = "staged/.returned/"
"""Where, among them, rows wait that a person's command has read again."""
VECTORS = "vectors/"
"""Where the vectors are that items point at."""


class LakeStaging(Construct):
    """A bucket that a lake's functions share, each with a grant for its own part of it; a `Lake` makes one.

    Rows under `staged/` never expire: the committer deletes what it has committed, and the lake's alarm
    tells of what waits for too long. Vectors expire after `vectors_days`, which should be later than the items that
    point at them do.
    """

    def __init__(self, scope: Construct, id: str, *, settings: Settings, vectors_days: int | None = None) -> None:
        super().__init__(scope, id)
        if vectors_days is not None and vectors_days < 1:
            raise ValueError(
                f"{self.node.path} cannot keep vectors {vectors_days:,} days: choose a day at least, or None for ever."
            )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            # No object is ever changed, and what is deleted is in the table: versions would be paid for, and not read.
            versioned=False,
            lifecycle_rules=_rules(vectors_days),
            removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.bucket,
            "AwsSolutions::AwsSolutions-S1",
            reason="Functions alone read and write it, by grants of one prefix each, and log what they do: an access "
            "log would have more objects than the bucket.",
        )

    @property
    def name(self) -> str:
        """The bucket's name: `LAKE_BUCKET` in the environment of all who use it."""
        return self.bucket.bucket_name

    def grant_stage(self, grantee: iam.IGrantable) -> iam.Grant:
        """New rows, for the next commit."""
        return _grant(grantee, ("s3:PutObject",), self, STAGED)

    def grant_return(self, grantee: iam.IGrantable) -> iam.Grant:
        """Rows that were read again: the next commit adds those that the lake lacks."""
        return _grant(grantee, ("s3:PutObject",), self, RETURNED)

    def grant_commit(self, grantee: iam.IGrantable) -> iam.Grant:
        """Finding what waits, reading it, and deleting what is committed."""
        _grant_list(grantee, ("s3:ListBucket",), self, STAGED)
        return _grant(grantee, ("s3:GetObject", "s3:DeleteObject"), self, STAGED)

    def grant_vectors_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """New vectors."""
        return _grant(grantee, ("s3:PutObject",), self, VECTORS)

    def grant_vectors_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Vectors, by the name that an item has."""
        return _grant(grantee, ("s3:GetObject",), self, VECTORS)

    def grant_vectors_sweep(self, grantee: iam.IGrantable) -> iam.Grant:
        """Finding the vectors that no item points at, and deleting them."""
        _grant_list(grantee, ("s3:ListBucket",), self, VECTORS)
        return _grant(grantee, ("s3:GetObject", "s3:DeleteObject"), self, VECTORS)


def _rules(vectors_days: int | None) -> list[s3.LifecycleRule]:
    rules = [s3.LifecycleRule(id="abandoned-uploads", abort_incomplete_multipart_upload_after=Duration.days(1))]
    if vectors_days is not None:
        rules.append(s3.LifecycleRule(id="old-vectors", prefix=VECTORS, expiration=Duration.days(vectors_days)))
    return rules


def _grant(grantee: iam.IGrantable, actions: tuple[str, ...], staging: LakeStaging, prefix: str) -> iam.Grant:
    _acknowledge_prefix(grantee, staging, prefix)
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[staging.bucket.arn_for_objects(f"{prefix}*")],
    )


def _grant_list(grantee: iam.IGrantable, actions: tuple[str, ...], staging: LakeStaging, prefix: str) -> iam.Grant:
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[staging.bucket.bucket_arn],
        conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
    )


def _acknowledge_prefix(grantee: iam.IGrantable, staging: LakeStaging, prefix: str) -> None:
    """Accepts the star behind a prefix, and this one alone, where it arises: among the grants of the role."""
    principal = grantee.grant_principal
    if isinstance(principal, Construct):
        bucket = Stack.of(staging).get_logical_id(cast(s3.CfnBucket, staging.bucket.node.default_child))
        acknowledge(
            principal,
            f"AwsSolutions::AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{prefix}*]",
            reason=f"Objects under {prefix} get their names as they are written: the prefix is the grant.",
        )
