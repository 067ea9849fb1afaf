"""The local stage as it would be if somebody forgot every grant of the nightly function on its table."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from app import build


def forget_grants(app: cdk.App) -> int:
    """Take every statement about DynamoDB out of every policy; returns how many there were."""
    forgotten = 0
    for construct in app.node.find_all():
        if isinstance(construct, iam.Policy):
            statements = construct.document.to_json()["Statement"]
            kept = [statement for statement in statements if "dynamodb:" not in str(statement["Action"])]
            forgotten += len(statements) - len(kept)
            resource = construct.node.default_child
            assert isinstance(resource, iam.CfnPolicy)
            resource.add_property_override("PolicyDocument.Statement", kept)
    return forgotten


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    if not forget_grants(app):
        raise SystemExit("No policy names DynamoDB: there was no grant to forget, and the test would prove nothing.")
    app.synth()
