"""Accepting a finding on the construct it is about."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, id: str, *, reason: str) -> None:
    """Accepts the finding `id` on `construct` and all below it; synth reports it as accepted, for this reason.

    The id is the one that a failing synth prints: `AwsSolutions::AwsSolutions-SQS3`, `Shardwell::TableRecovery`.
    cdk-nag also takes its own without `AwsSolutions::`, but then leaves the acknowledgement out of the report.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=id, reason=reason))
