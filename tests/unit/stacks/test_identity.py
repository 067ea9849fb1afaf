"""The users of all systems: who makes them, what of themselves they may change, how they sign in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.identity import GROUPS
from stacks.settings import STAGES
from tests.unit.constructs.made import found, resources
from tests.unit.stacks.deployed import stacks_of

POOL = "AWS::Cognito::UserPool"
CLIENT = "AWS::Cognito::UserPoolClient"
LOOSE = [stage for stage, each in STAGES.items() if not each.retain]
STRICT = [stage for stage, each in STAGES.items() if each.retain]


@cache
def identity(stage: str) -> cdk.Stack:
    return stacks_of(stage)["Identity"]


def only(stage: str, type: str) -> Mapping[str, Any]:
    [one] = resources(identity(stage), type)
    return one


@pytest.mark.parametrize("stage", STAGES)
def test_a_user_has_a_tenant_that_only_administrators_can_write(stage: str) -> None:
    attributes = {each["Name"]: each for each in only(stage, POOL)["Schema"]}
    client = only(stage, CLIENT)
    assert attributes["tenant"]["Mutable"] is True, "Cognito cannot change this later: an administrator must be able to"
    assert "custom:tenant" in client["ReadAttributes"]
    assert client["WriteAttributes"] == ["email"]


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_makes_a_user_of_themselves(stage: str) -> None:
    assert only(stage, POOL)["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


@pytest.mark.parametrize("stage", STAGES)
def test_a_changed_address_counts_once_it_is_verified(stage: str) -> None:
    pool = only(stage, POOL)
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


@pytest.mark.parametrize("stage", STAGES)
def test_passwords_are_long_and_mixed(stage: str) -> None:
    policy = only(stage, POOL)["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 12
    assert [name for name, value in policy.items() if name.startswith("Require") and value is not True] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_forgotten_password_comes_back_by_mail_alone(stage: str) -> None:
    mechanisms = only(stage, POOL)["AccountRecoverySetting"]["RecoveryMechanisms"]
    assert mechanisms == [{"Name": "verified_email", "Priority": 1}]


@pytest.mark.parametrize("stage", STAGES)
def test_the_client_keeps_no_secret_tells_nobody_who_exists_and_has_no_hosted_pages(stage: str) -> None:
    client = only(stage, CLIENT)
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert "CallbackURLs" not in client


@pytest.mark.parametrize("stage", STRICT)
def test_where_there_are_real_users_a_password_is_proven_and_never_sent(stage: str) -> None:
    assert only(stage, CLIENT)["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.mark.parametrize("stage", LOOSE)
def test_elsewhere_an_administrator_may_sign_a_test_s_user_in(stage: str) -> None:
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in only(stage, CLIENT)["ExplicitAuthFlows"]
    assert "ALLOW_USER_PASSWORD_AUTH" not in only(stage, CLIENT)["ExplicitAuthFlows"]


@pytest.mark.parametrize("stage", STRICT)
def test_real_users_are_protected_kept_and_need_a_second_factor(stage: str) -> None:
    [pool] = found(identity(stage), POOL).values()
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = pool["Properties"]
    assert properties["DeletionProtection"] == "ACTIVE"
    assert properties["MfaConfiguration"] == "ON"
    assert properties["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert properties["UserPoolAddOns"] == {"AdvancedSecurityMode": "ENFORCED"}
    assert properties["UserPoolTier"] == "PLUS", "threat protection is refused without"


@pytest.mark.parametrize("stage", LOOSE)
def test_a_disposable_stage_lets_its_users_go(stage: str) -> None:
    [pool] = found(identity(stage), POOL).values()
    assert pool["DeletionPolicy"] == "Delete"
    assert pool["Properties"]["DeletionProtection"] == "INACTIVE"
    assert "UserPoolAddOns" not in pool["Properties"]


@pytest.mark.parametrize("stage", STAGES)
def test_groups_come_in_order(stage: str) -> None:
    groups = resources(identity(stage), "AWS::Cognito::UserPoolGroup")
    assert [each["GroupName"] for each in sorted(groups, key=lambda each: each["Precedence"])] == list(GROUPS)


def test_the_stack_is_named_as_its_system() -> None:
    assert identity("prod").stack_name == "shardwell-prod-identity"
