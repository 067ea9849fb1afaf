"""Delivery: what the pipeline may do in an account. An administrator deploys it, once in each account."""

from __future__ import annotations

import re

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from shardwell_cdk import Settings
from stacks.settings import LOCAL, STAGES

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
BRANCH = "refs/heads/main"
"""The one branch whose jobs may deploy; GitHub's own rule for an environment's branches says it a second time."""

BOOTSTRAP_ROLES = ("deploy", "file-publishing")
"""All that `cdk deploy` assumes for these stacks. They have no image to publish, and look nothing up; the look-up role
could read every table's data."""

DELIVERED = {name: settings for name, settings in STAGES.items() if settings is not LOCAL}

_PART = r"[A-Za-z0-9_.-]+(@[0-9]+)?"


class Delivery(cdk.Stack):
    """GitHub as a provider of identities, and for each stage a role that a job in its environment can assume.

    A role may do nothing but assume the roles that `cdk bootstrap` made in its account, for its region. What those
    may do is said at the bootstrap, by `--cloudformation-execution-policies`.

    An account has at most one provider for GitHub: name the `provider` that is there by its ARN, or it is made.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        repository: str,
        stages: tuple[Settings, ...],
        region: str | None = None,
        provider: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            stack_name="shardwell-delivery",
            description="Delivery: the roles of the pipeline, one for each stage.",
            tags={"system": "delivery"},
            termination_protection=True,
            env=cdk.Environment(region=region or stages[0].region),
        )
        trusted = provider or self._provider()
        for settings in stages:
            subject = f"repo:{repository}:environment:{settings.stage}"
            self._role(settings, provider=trusted, subject=subject, region=region or settings.region)

    def _provider(self) -> str:
        # No thumbprints: IAM trusts GitHub's certificate by its authority, and ignores them.
        made = iam.OidcProviderNative(self, "GitHub", url=f"https://{ISSUER}", client_ids=[AUDIENCE])
        return made.oidc_provider_arn

    def _role(self, settings: Settings, *, provider: str, subject: str, region: str) -> None:
        name = settings.stage.capitalize()
        conditions = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject, f"{ISSUER}:ref": BRANCH}
        role = iam.Role(
            self,
            name,
            role_name=f"shardwell-{settings.stage}-delivery",
            description=f"Deploys the stage {settings.stage}, from its environment at GitHub.",
            assumed_by=iam.WebIdentityPrincipal(provider, {"StringEquals": conditions}),
            max_session_duration=cdk.Duration.hours(1),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["sts:AssumeRole"], resources=[self._bootstrapped(kind, region) for kind in BOOTSTRAP_ROLES]
            )
        )
        told = f"The variable AWS_ROLE of the environment {settings.stage} at GitHub."
        cdk.CfnOutput(self, f"{name}Role", value=role.role_arn, description=told)

    def _bootstrapped(self, kind: str, region: str) -> str:
        qualifier = self.synthesizer.bootstrap_qualifier
        return f"arn:{self.partition}:iam::{self.account}:role/cdk-{qualifier}-{kind}-role-{self.account}-{region}"


def add_delivery(app: cdk.App) -> None:
    """Puts the stack into the app if `-c repository=OWNER/NAME` says whose jobs may deploy, and leaves it out if not.

    `-c delivers=dev,staging` says for which stages, all but the local one by default; `-c provider=ARN` names GitHub's
    provider in an account that has one.
    """
    repository = app.node.try_get_context("repository")
    if repository is None:
        return
    Delivery(
        app,
        "Delivery",
        repository=_repository(repository),
        stages=_stages(app.node.try_get_context("delivers")),
        region=app.node.try_get_context("region"),
        provider=_provider(app.node.try_get_context("provider")),
    )


def _repository(given: str) -> str:
    """The name as it is given, once nothing in it can widen a trust."""
    if not re.fullmatch(f"{_PART}/{_PART}", given):
        raise SystemExit(
            f"{given!r} is no repository: write -c repository=OWNER/NAME, or OWNER@ID/NAME@ID as GitHub's settings "
            "for OpenID Connect show it."
        )
    return given


def _stages(names: str | None) -> tuple[Settings, ...]:
    chosen = list(DELIVERED) if names is None else names.split(",")
    for name in chosen:
        if name not in DELIVERED:
            raise SystemExit(
                f"The pipeline delivers no stage {name!r}: choose -c delivers= some of {','.join(DELIVERED)}, "
                "or leave it out for all."
            )
    return tuple(DELIVERED[name] for name in dict.fromkeys(chosen))


def _provider(arn: str | None) -> str | None:
    if arn is not None and not re.fullmatch(rf"arn:aws[a-z-]*:iam::[0-9]{{12}}:oidc-provider/{ISSUER}", arn):
        raise SystemExit(
            f"{arn!r} is not GitHub's provider: write -c provider=arn:aws:iam::ACCOUNT:oidc-provider/{ISSUER}, or "
            "leave it out to have it made."
        )
    return arn
