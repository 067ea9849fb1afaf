"""What the pipeline may do in an account: assume the roles of the bootstrap, from its stage's environment alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam

from app import build
from shardwell_cdk import add_guard_rails
from stacks.delivery import DELIVERED, add_delivery
from tests.unit.stacks.deployed import ROOT

ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
Template = Mapping[str, Any]


def app_with(**context: str) -> cdk.App:
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return cdk.App(outdir=tempfile.mkdtemp(), context={**flags, "aws:cdk:bundling-stacks": [], **context})


@cache
def delivery(repository: str = "acme/store", **context: str) -> Template:
    app = app_with(repository=repository, **context)
    add_delivery(app)
    stack = app.node.find_child("Delivery")
    assert isinstance(stack, cdk.Stack)
    template: Template = assertions.Template.from_stack(stack).to_json()
    return template


def all_of(template: Template, type: str) -> list[Template]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == type]


def role(template: Template, stage: str) -> Template:
    [found] = [each for each in all_of(template, "AWS::IAM::Role") if each["RoleName"] == f"shardwell-{stage}-delivery"]
    return found


def trust(template: Template, stage: str) -> Template:
    [statement] = role(template, stage)["AssumeRolePolicyDocument"]["Statement"]
    return dict(statement)


def text(value: Any) -> str:
    """An ARN with its references written out: `${AWS::AccountId}`."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"${{{value['Ref']}}}"
    return "".join(text(part) for part in value["Fn::Join"][1])


def test_there_is_one_role_for_each_stage_but_the_local_one_and_nothing_else() -> None:
    types = sorted(each["Type"] for each in delivery()["Resources"].values())
    assert list(DELIVERED) == ["dev", "staging", "prod"]
    assert types == ["AWS::IAM::OIDCProvider", *["AWS::IAM::Policy"] * 3, *["AWS::IAM::Role"] * 3]


def test_tokens_of_github_made_for_aws_are_taken() -> None:
    [provider] = all_of(delivery(), "AWS::IAM::OIDCProvider")
    assert provider == {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}


@pytest.mark.parametrize("stage", DELIVERED)
def test_a_role_is_for_the_environment_of_its_stage_and_for_main_alone(stage: str) -> None:
    statement = trust(delivery(), stage)
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": f"repo:acme/store:environment:{stage}",
            f"{ISSUER}:ref": "refs/heads/main",
        }
    }, "equal, never like: a wildcard in a subject is taken as it is written"
    assert statement["Principal"].keys() == {"Federated"}


def test_no_two_roles_trust_the_same_job() -> None:
    subjects = [trust(delivery(), stage)["Condition"]["StringEquals"][f"{ISSUER}:sub"] for stage in DELIVERED]
    assert len(set(subjects)) == len(DELIVERED)
    assert [subject for subject in subjects if subject.endswith(":environment:prod")] == subjects[-1:]


def test_a_role_may_only_assume_the_roles_of_the_bootstrap() -> None:
    policies = all_of(delivery(), "AWS::IAM::Policy")
    assert len(policies) == len(DELIVERED)
    for policy in policies:
        [statement] = policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
        assert [text(each) for each in statement["Resource"]] == [
            f"arn:aws:iam::${{AWS::AccountId}}:role/cdk-hnb659fds-{kind}-role-${{AWS::AccountId}}-eu-west-1"
            for kind in ("deploy", "file-publishing")
        ]
        assert len(policy["Roles"]) == 1
    for made in all_of(delivery(), "AWS::IAM::Role"):
        assert made.keys() & {"ManagedPolicyArns", "Policies"} == set()
        assert made["MaxSessionDuration"] == 3600
    assert "*" not in json.dumps(delivery()["Resources"])


def test_the_roles_are_those_of_the_region_and_of_the_bootstrap_s_qualifier() -> None:
    template = delivery(region="us-west-2", **{"@aws-cdk/core:bootstrapQualifier": "shardwell"})
    for policy in all_of(template, "AWS::IAM::Policy"):
        [statement] = policy["PolicyDocument"]["Statement"]
        for each in statement["Resource"]:
            assert text(each).startswith("arn:aws:iam::${AWS::AccountId}:role/cdk-shardwell-")
            assert text(each).endswith("-us-west-2")


def test_the_outputs_are_the_variables_of_the_environments() -> None:
    assert delivery()["Outputs"].keys() == {"DevRole", "StagingRole", "ProdRole"}


def test_the_ids_of_owner_and_repository_are_part_of_the_subject_where_github_sends_them() -> None:
    statement = trust(delivery("acme@123456/store@456789"), "prod")
    subject = statement["Condition"]["StringEquals"][f"{ISSUER}:sub"]
    assert subject == "repo:acme@123456/store@456789:environment:prod"


def test_an_account_has_the_roles_of_its_stages_alone() -> None:
    template = delivery(delivers="dev,staging")
    names = {each["RoleName"] for each in all_of(template, "AWS::IAM::Role")}
    assert names == {"shardwell-dev-delivery", "shardwell-staging-delivery"}
    assert "environment:prod" not in json.dumps(template)


def test_a_provider_that_is_there_is_not_made_again() -> None:
    template = delivery(provider=PROVIDER)
    assert all_of(template, "AWS::IAM::OIDCProvider") == []
    assert {trust(template, stage)["Principal"]["Federated"] for stage in DELIVERED} == {PROVIDER}


@pytest.mark.parametrize(
    "wrong",
    [
        "store",
        "acme/*",
        "*/store",
        "acme/store:ref:refs/heads/x",
        "acme/store/more",
        "acme/?tore",
        "acme/store\n",
        "acme@x/store",
        "",
    ],
)
def test_a_repository_that_would_widen_the_trust_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit, match=r"is no repository: write -c repository=OWNER/NAME"):
        delivery(wrong)


@pytest.mark.parametrize("wrong", ["local", "prd", "", "dev, prod"])
def test_a_stage_that_is_not_delivered_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit, match=r"delivers no stage .*: choose -c delivers= some of dev,staging,prod"):
        delivery(delivers=wrong)


@pytest.mark.parametrize("wrong", ["arn:aws:iam::111122223333:oidc-provider/example.com", "there", ""])
def test_a_provider_that_is_not_github_s_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit, match=r"is not GitHub's provider"):
        delivery(provider=wrong)


def test_the_stack_cannot_go_by_mistake() -> None:
    app = app_with(repository="acme/store")
    add_delivery(app)
    stack = app.node.find_child("Delivery")
    assert isinstance(stack, cdk.Stack)
    assert stack.termination_protection is True
    assert stack.stack_name == "shardwell-delivery"


def test_without_a_repository_there_is_no_such_stack_and_with_one_the_stages_are_the_same() -> None:
    """Nothing is invented: a synth that names no repository trusts none."""
    assert "Delivery" not in stacks_of(app_with(stage="dev"))
    assert stacks_of(app_with(stage="dev", repository="acme/store")) == {*stacks_of(app_with(stage="dev")), "Delivery"}


def stacks_of(app: cdk.App) -> set[str]:
    build(app)
    return {each.node.path for each in app.node.find_all() if isinstance(each, cdk.Stack)}


def test_no_guard_rail_has_a_finding() -> None:
    assert report(add_delivery) == []


def test_a_role_with_a_wildcard_would_be_one() -> None:
    def careless(app: cdk.App) -> None:
        add_delivery(app)
        stack = app.node.find_child("Delivery")
        made = stack.node.find_child("Prod")
        assert isinstance(made, iam.Role)
        made.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=["*"]))

    assert [each.partition("[")[0] for each in report(careless)] == ["AwsSolutions-IAM5"]


def report(fill: Callable[[cdk.App], None]) -> list[str]:
    """The rules with unacknowledged findings in an app that the function fills."""
    app = app_with(repository="acme/store")
    fill(app)
    add_guard_rails(app)
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    reports = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    return [violation["ruleName"] for plugin in reports for violation in plugin["violations"]]
