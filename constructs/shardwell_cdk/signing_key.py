"""A key that only functions know, made by AWS."""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from shardwell_cdk.acknowledge import acknowledge


class SigningKey(Construct):
    """A secret of 64 random characters, to sign what callers carry back and forth: an API's cursors.

    Code reads it with `shardwell.secrets.SigningKeys`, which also takes what the value before it has signed. The
    secret goes with its stack: all that is lost then is where readers were in their lists.
    """

    def __init__(self, scope: Construct, id: str, *, description: str) -> None:
        super().__init__(scope, id)
        self.secret = secrets.Secret(
            self,
            "Secret",
            description=description,
            generate_secret_string=secrets.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.secret,
            "AwsSolutions::AwsSolutions-SMG4",
            reason="It opens nothing: what it signs is of use with the reader's own token only. Who has reason to "
            "change it puts a new value, and what the value before it has signed stays good.",
        )

    @property
    def arn(self) -> str:
        """The secret's ARN: its attribute, since emulators take its Ref, the same at AWS, for its name."""
        return cast(secrets.CfnSecret, self.secret.node.default_child).attr_id

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """The value, and the one before it."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[self.arn]
        )
