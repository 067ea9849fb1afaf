"""Keys that only functions know."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secrets

from shardwell.secrets import LEAST_CHARACTERS
from shardwell_cdk import Settings, SigningKey
from tests.unit.constructs.made import STAGES, acknowledged, findings, found, resources, stack


def test_aws_makes_it_long_enough_and_nobody_sees_it() -> None:
    made = stack()
    SigningKey(made, "Key", description="Signs cursors.")
    [secret] = found(made, "AWS::SecretsManager::Secret").values()
    assert secret["Properties"]["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
    assert secret["Properties"]["GenerateSecretString"]["PasswordLength"] >= LEAST_CHARACTERS
    assert "SecretString" not in secret["Properties"]
    assert secret["DeletionPolicy"] == "Delete"


def test_a_grant_covers_reading_the_value_alone() -> None:
    made = stack()
    key = SigningKey(made, "Key", description="Signs cursors.")
    key.grant_read(iam.Role(made, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))
    [secret] = found(made, "AWS::SecretsManager::Secret")
    [statement] = resources(made, "AWS::IAM::Policy")[0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "secretsmanager:GetSecretValue"
    assert statement["Resource"] == {"Fn::GetAtt": [secret, "Id"]}


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(settings: Settings) -> None:
    assert findings(key, settings=settings) == []


def test_that_it_does_not_rotate_by_itself_is_accepted_for_a_reason() -> None:
    [(rule, reason)] = acknowledged(key)
    assert rule == "AwsSolutions-SMG4"
    assert len(reason) > 40


def test_a_secret_made_by_hand_is_found() -> None:
    assert findings(lambda scope, _: secrets.Secret(scope, "Bare")) == [
        ("AwsSolutions-SMG4", "Stack/Bare/Resource"),
    ]


def key(scope: Any, _: Settings) -> None:
    SigningKey(scope, "Key", description="Signs cursors.")
