"""Identity: who may call the APIs of all systems."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from shardwell_cdk import Settings
from shardwell_cdk.acknowledge import acknowledge
from stacks.stack import stack_props

SYSTEM = "identity"
TENANT = "tenant"
"""The attribute that says whose data a user sees: `custom:tenant` in the id token."""

GROUPS = {
    "operators": "People who run the systems.",
    "members": "People of a tenant.",
}
"""Groups come with the id token as `cognito:groups`, the operators' first. What a group may do is each API's to say."""


class Identity(cdk.Stack):
    """A pool of users, each of one tenant, and the client through which they sign in. Other stacks are given both.

    Administrators make users, and give each its tenant: the client can read `custom:tenant` and never write it, so no
    user can move to another tenant. A user without one can sign in, and is refused by every API.
    """

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        description = "Identity: the users of all systems, their tenants and groups."
        super().__init__(scope, id, **stack_props(settings, system=SYSTEM, description=description))
        self.pool = cognito.UserPool(
            self,
            "Users",
            user_pool_name=self.stack_name,
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            # A changed address counts once it is verified: nobody takes over an account by mistyping one's own.
            keep_original=cognito.KeepOriginalAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(email=cognito.StandardAttribute(required=True)),
            # Mutable, for administrators: Cognito can neither change nor remove an attribute of a pool afterwards.
            custom_attributes={TENANT: cognito.StringAttribute(min_len=1, max_len=128, mutable=True)},
            password_policy=_PASSWORDS,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.REQUIRED if settings.retain else cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            feature_plan=cognito.FeaturePlan.PLUS if settings.retain else cognito.FeaturePlan.ESSENTIALS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION
            if settings.retain
            else None,
            deletion_protection=settings.retain,
            removal_policy=cdk.RemovalPolicy.RETAIN if settings.retain else cdk.RemovalPolicy.DESTROY,
        )
        if not settings.retain:
            _acknowledge_easy_sign_in(self.pool, settings)
        for precedence, (name, what) in enumerate(GROUPS.items()):
            self.pool.add_group(name.capitalize(), group_name=name, description=what, precedence=precedence)
        self.client = _client(self.pool, settings)
        cdk.CfnOutput(self, "UserPoolId", value=self.pool.user_pool_id)
        cdk.CfnOutput(self, "UserPoolClientId", value=self.client.user_pool_client_id)


_PASSWORDS = cognito.PasswordPolicy(
    min_length=12,
    require_digits=True,
    require_lowercase=True,
    require_symbols=True,
    require_uppercase=True,
    temp_password_validity=cdk.Duration.days(3),
)


def _client(pool: cognito.UserPool, settings: Settings) -> cognito.UserPoolClient:
    """The client of pages and apps, which can keep no secret: a password never leaves them, SRP proves it."""
    return pool.add_client(
        "Client",
        generate_secret=False,
        auth_flows=cognito.AuthFlow(
            user_srp=True,
            # For tests and scripts, with an administrator's AWS credentials; not where there are real users.
            admin_user_password=not settings.retain,
        ),
        # No hosted pages: CDK would else allow the implicit grant, and redirects to example.com.
        disable_o_auth=True,
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        id_token_validity=cdk.Duration.hours(1),
        access_token_validity=cdk.Duration.hours(1),
        refresh_token_validity=cdk.Duration.days(7),
        read_attributes=cognito.ClientAttributes()
        .with_standard_attributes(email=True, email_verified=True)
        .with_custom_attributes(TENANT),
        write_attributes=cognito.ClientAttributes().with_standard_attributes(email=True),
    )


def _acknowledge_easy_sign_in(pool: cognito.UserPool, settings: Settings) -> None:
    reason = f"The stage {settings.stage} does not retain: it has nobody's data, and users made for trying things."
    for rule in ("COG2", "COG8"):
        acknowledge(pool, f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
