"""Identity in plain CDK: the pool of users, its groups and its client."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito

from tests.bench.plain_stage import PlainStage, accept, plain_stack

GROUPS = {"operators": "People who run the systems.", "members": "People of a tenant."}


def identity(scope: cdk.Stage, stage: PlainStage) -> tuple[cognito.UserPool, cognito.UserPoolClient]:
    """Makes the stack; other stacks are given the pool and the client."""
    description = "Identity: the users of all systems, their tenants and groups."
    stack = plain_stack(scope, "Identity", stage, system="identity", description=description)
    pool = cognito.UserPool(
        stack,
        "Users",
        user_pool_name=stack.stack_name,
        self_sign_up_enabled=False,
        sign_in_aliases=cognito.SignInAliases(email=True),
        sign_in_case_sensitive=False,
        auto_verify=cognito.AutoVerifiedAttrs(email=True),
        keep_original=cognito.KeepOriginalAttrs(email=True),
        standard_attributes=cognito.StandardAttributes(email=cognito.StandardAttribute(required=True)),
        custom_attributes={"tenant": cognito.StringAttribute(min_len=1, max_len=128, mutable=True)},
        password_policy=cognito.PasswordPolicy(
            min_length=12,
            require_digits=True,
            require_lowercase=True,
            require_symbols=True,
            require_uppercase=True,
            temp_password_validity=cdk.Duration.days(3),
        ),
        account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
        mfa=cognito.Mfa.REQUIRED if stage.retain else cognito.Mfa.OPTIONAL,
        mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
        feature_plan=cognito.FeaturePlan.PLUS if stage.retain else cognito.FeaturePlan.ESSENTIALS,
        standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION if stage.retain else None,
        deletion_protection=stage.retain,
        removal_policy=stage.removal,
    )
    if not stage.retain:
        for rule in ("COG2", "COG8"):
            accept(pool, rule, "Users of this stage are made for trying things.")
    for precedence, (name, what) in enumerate(GROUPS.items()):
        pool.add_group(name.capitalize(), group_name=name, description=what, precedence=precedence)
    client = pool.add_client(
        "Client",
        generate_secret=False,
        auth_flows=cognito.AuthFlow(user_srp=True, admin_user_password=not stage.retain),
        disable_o_auth=True,
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        id_token_validity=cdk.Duration.hours(1),
        access_token_validity=cdk.Duration.hours(1),
        refresh_token_validity=cdk.Duration.days(7),
        read_attributes=cognito.ClientAttributes()
        .with_standard_attributes(email=True, email_verified=True)
        .with_custom_attributes("tenant"),
        write_attributes=cognito.ClientAttributes().with_standard_attributes(email=True),
    )
    cdk.CfnOutput(stack, "UserPoolId", value=pool.user_pool_id)
    cdk.CfnOutput(stack, "UserPoolClientId", value=client.user_pool_client_id)
    return pool, client
