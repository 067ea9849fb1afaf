"""The topic that alarms are told to."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct


class AlarmTopic(Construct):
    """An encrypted topic that this account's CloudWatch alarms can publish to, over TLS only.

    Its key is its own: CloudWatch may not use the key that SNS keeps for everyone (`alias/aws/sns`), and an
    alarm on a topic with that one fails without a word.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)
        cloudwatch = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        key.grant(cloudwatch, "kms:Decrypt", "kms:GenerateDataKey*")
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        self.topic.grant_publish(cloudwatch)
