"""Open a bucket to everybody.

Put a distribution in front of the bucket and keep it closed. If it is meant to be public, acknowledge it in each
stage, with the reason.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3

from shardwell_cdk import Settings


def before(stack: Stack, settings: Settings) -> None:
    """A bucket that nobody outside of the account can read."""
    s3.Bucket(
        stack,
        "Pictures",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
    )


def after(stack: Stack, settings: Settings) -> None:
    """One that everybody can read."""
    s3.Bucket(
        stack,
        "Pictures",
        block_public_access=s3.BlockPublicAccess(
            block_public_acls=True, ignore_public_acls=True, block_public_policy=False, restrict_public_buckets=False
        ),
        public_read_access=True,
        removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
    )
