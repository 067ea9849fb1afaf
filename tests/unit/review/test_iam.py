"""Who may do more or less: by principal, action and resource; a refactor gives nothing."""

from __future__ import annotations

from typing import Any

import pytest

from review.build import review
from review.model import AccessChange, Certainty, Direction, Verdict
from review.parts import every_part
from tests.unit.review.sides import reviewed, templates

TABLE = {"Type": "AWS::DynamoDB::Table"}
READ = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Fn::GetAtt": ["T", "Arn"]}}
QUEUE_ARN = {"Fn::GetAtt": ["Q", "Arn"]}
TLS = {"Bool": {"aws:SecureTransport": "false"}}


def role(**properties: Any) -> dict[str, Any]:
    trust = {
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "a.amazonaws.com"}}]
    }
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    given = {"PolicyDocument": {"Statement": list(statements)}, "Roles": [{"Ref": "R"}]}
    return {"Type": "AWS::IAM::Policy", "Properties": given, **more}


def access(before: dict[str, Any], after: dict[str, Any]) -> list[AccessChange]:
    return [each.item for each in reviewed(before, after, parts=every_part()).access]


def of_policies(before: list[Any], after: list[Any]) -> list[AccessChange]:
    rest = {"R": role(), "T": TABLE}
    return access({**rest, "P": policy(*before)}, {**rest, "P": policy(*after)})


def of_queue(before: list[Any], after: list[Any]) -> list[AccessChange]:
    def side(statements: list[Any]) -> dict[str, Any]:
        given = {"PolicyDocument": {"Statement": statements}, "Queues": [{"Ref": "Q"}]}
        return {"Q": {"Type": "AWS::SQS::Queue"}, "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": given}}

    return access(side(before), side(after))


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE_ARN, **more}


def told(changes: list[AccessChange]) -> list[tuple[Direction, tuple[str, ...]]]:
    return [(each.direction, each.actions) for each in changes]


def rules(change: AccessChange) -> set[str]:
    return {reason.rule for reason in change.reasons}


def test_a_new_action_on_a_resource_of_the_template_is_said_and_is_no_alarm() -> None:
    (change,) = of_policies([READ], [{**READ, "Action": ["dynamodb:GetItem", "dynamodb:Query"]}])
    assert (change.direction, change.actions) == (Direction.WIDENED, ("dynamodb:Query",))
    assert (change.principal, change.external, change.resources) == ("R", False, ("${T}",))
    assert (change.verdict, change.certainty, change.effect) == (Verdict.HARMLESS, Certainty.SURE, "Allow")
    assert (change.logical_id, change.written_actions) == ("P", ("dynamodb:GetItem", "dynamodb:Query"))


@pytest.mark.parametrize("resource", ["arn:aws:s3:::b", {"Ref": "Given"}, {"Fn::ImportValue": "x"}, "*"])
def test_a_resource_that_is_not_of_the_template_is_to_be_looked_at(resource: Any) -> None:
    (change,) = of_policies([], [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}])
    assert change.verdict is Verdict.LOOK


def test_a_wildcard_is_opened_and_says_what_of_it_is_new() -> None:
    (change,) = of_policies([READ], [{**READ, "Action": "dynamodb:*"}])
    assert {"dynamodb:DeleteTable", "dynamodb:PutItem"} < set(change.actions)
    assert "dynamodb:GetItem" not in change.actions
    assert change.written_actions == ("dynamodb:*",)
    assert (change.verdict, rules(change) >= {"access-destructive", "access-wildcard"}) == (Verdict.DANGER, True)


def test_a_wildcard_that_becomes_its_actions_only_narrows() -> None:
    (change,) = of_policies([{**READ, "Action": "dynamodb:*"}], [READ])
    assert (change.direction, "dynamodb:DeleteTable" in change.actions) == (Direction.NARROWED, True)
    assert change.verdict is Verdict.LOOK


@pytest.mark.parametrize(
    "after",
    [
        [{**READ, "Action": ["dynamodb:GetItem"]}, {**READ, "Action": "dynamodb:getitem"}],
        [{**READ, "Action": ["DynamoDB:GetItem"], "Resource": [{"Fn::Sub": "${T.Arn}"}], "Sid": "Read"}],
        [{**READ, "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": "T.Arn"}]]}}],
    ],
)
def test_statements_written_otherwise_give_nothing(after: list[Any]) -> None:
    assert of_policies([READ], after) == []


def test_statements_that_move_between_the_policies_of_a_role_give_nothing() -> None:
    write = {**READ, "Action": "dynamodb:PutItem"}
    inline = {"PolicyName": "p", "PolicyDocument": {"Statement": [READ]}}
    before = {"R": role(), "T": TABLE, "P": policy(READ, write)}
    after = {
        "R": role(Policies=[inline], ManagedPolicyArns=[{"Ref": "M"}]),
        "T": TABLE,
        "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": write}}},
    }
    assert access(before, after) == []


def test_a_resource_that_becomes_less_is_a_narrowing_alone() -> None:
    (change,) = of_policies([{**READ, "Resource": "*"}], [READ])
    assert (change.direction, change.resources) == (Direction.NARROWED, ("*",))


def test_a_condition_that_goes_widens_and_one_that_comes_narrows() -> None:
    conditional = {**READ, "Condition": {"StringEquals": {"aws:PrincipalTag/a": ["x", "y"]}}}
    less = {**READ, "Condition": {"StringEquals": {"aws:PrincipalTag/a": "x"}}}
    assert [each.direction for each in of_policies([conditional], [READ])] == [Direction.WIDENED]
    assert [each.direction for each in of_policies([READ], [conditional])] == [Direction.NARROWED]
    assert [each.direction for each in of_policies([conditional], [less])] == [Direction.NARROWED]
    assert [each.direction for each in of_policies([less], [conditional])] == [Direction.WIDENED]


def test_more_values_of_a_negated_condition_do_not_count_as_less_access() -> None:
    other = {**READ, "Condition": {"StringNotEquals": {"aws:x": ["a", "b"]}}}
    fewer = {**READ, "Condition": {"StringNotEquals": {"aws:x": ["a"]}}}
    assert {each.direction for each in of_policies([other], [fewer])} == {Direction.WIDENED, Direction.NARROWED}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "access-every-action"),
        ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, "access-wildcard"),
        ({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}, "access-escalation"),
        ({"Effect": "Allow", "Action": "iam:*PolicyVersion", "Resource": "arn:aws:iam::*:policy/*"}, ""),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "access-every-action"),
        ({"Effect": "Allow", "Action": "kms:ScheduleKeyDeletion", "Resource": "arn:x"}, "access-destructive"),
    ],
)
def test_what_gives_away_too_much_is_a_danger(statement: dict[str, Any], rule: str) -> None:
    (change,) = of_policies([READ], [READ, statement])
    assert (change.verdict, not rule or rule in rules(change)) == (Verdict.DANGER if rule else Verdict.LOOK, True)


def test_not_action_is_everything_else() -> None:
    all_but = {"Effect": "Allow", "NotAction": ["iam:*", "dynamodb:*"], "Resource": "*"}
    assert [each.certainty for each in of_policies([], [all_but])] == [Certainty.MAYBE]
    assert told(of_policies([all_but], [{**all_but, "NotAction": ["iam:*", "dynamodb:*", "s3:*"]}])) == [
        (Direction.NARROWED, ("* but dynamodb:*, iam:*",))
    ]
    covered = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    assert of_policies([all_but], [all_but, covered]) == []
    (change,) = of_policies([all_but], [all_but, READ])
    assert change.actions == ("dynamodb:GetItem",)


def test_an_unknown_service_and_not_resource_are_not_taken_for_safe() -> None:
    (change,) = of_policies([], [{"Effect": "Allow", "Action": "nosuch:*", "Resource": "*"}])
    assert (change.actions, change.verdict) == (("nosuch:*",), Verdict.DANGER)
    assert (
        of_policies(
            [{**READ, "Action": "nosuch:*"}], [{**READ, "Action": "nosuch:*"}, {**READ, "Action": "nosuch:Get"}]
        )
        == []
    )
    (change,) = of_policies([], [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b"}])
    assert (change.resources, change.certainty) == (("everything but arn:aws:s3:::b",), Certainty.MAYBE)


@pytest.mark.parametrize(
    ("principal", "rule", "verdict"),
    [
        ("*", "access-public", Verdict.DANGER),
        ({"AWS": "*"}, "access-public", Verdict.DANGER),
        ({"AWS": "111122223333"}, "access-other-account", Verdict.DANGER),
        ({"AWS": "arn:aws:iam::111122223333:role/x"}, "access-other-account", Verdict.DANGER),
        ({"Federated": "accounts.google.com"}, "access-federated", Verdict.DANGER),
        ({"CanonicalUser": "79a59d"}, "access-other-account", Verdict.DANGER),
        ({"AWS": {"Ref": "Given"}}, "access-given", Verdict.LOOK),
        ({"AWS": {"Fn::ImportValue": "x"}}, "access-given", Verdict.LOOK),
    ],
)
def test_who_is_outside_is_an_alarm(principal: Any, rule: str, verdict: Verdict) -> None:
    body = {"Q": {"Type": "AWS::SQS::Queue"}}
    given = {"PolicyDocument": {"Statement": [allow(principal)]}, "Queues": [{"Ref": "Q"}]}
    after = {**body, "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": given}}
    sides = [{"Resources": each, "Parameters": {"Given": {"Type": "String"}}} for each in (body, after)]
    key = ("prod", "shop")
    result = review(*(templates({key: side}) for side in sides), every_part())
    (change,) = [each.item for each in result.access]
    assert (rule in rules(change), change.verdict) == (True, verdict)
    assert change.external is (verdict is Verdict.DANGER)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": {"Fn::GetAtt": ["R", "Arn"]}},
        {"AWS": {"Ref": "AWS::AccountId"}},
        {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    ],
)
def test_who_is_of_the_template_or_its_account_is_none(principal: Any) -> None:
    rest = {"Q": {"Type": "AWS::SQS::Queue"}, "R": role()}
    given = {"PolicyDocument": {"Statement": [allow(principal)]}, "Queues": [{"Ref": "Q"}]}
    (change,) = access(rest, {**rest, "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": given}})
    assert (change.external, change.verdict) == (False, Verdict.HARMLESS)


def test_the_own_account_is_known_by_the_names_of_the_bootstrap() -> None:
    code = {"Code": {"S3Bucket": "cdk-hnb659fds-assets-111122223333-eu-west-1"}}
    rest = {"Q": {"Type": "AWS::SQS::Queue"}, "F": {"Type": "AWS::Lambda::Function", "Properties": code}}
    given = {"PolicyDocument": {"Statement": [allow({"AWS": "arn:aws:iam::111122223333:root"})]}}
    (change,) = access(rest, {**rest, "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": given}})
    assert (change.external, change.principal) == (False, "account ${AWS::AccountId}")


def test_anyone_under_a_condition_that_says_who_is_to_be_looked_at() -> None:
    own = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    (bound,) = of_queue([], [allow("*", Condition=own)])
    (unbound,) = of_queue([], [allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})])
    (anywhere,) = of_queue([], [allow("*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})])
    assert [each.verdict for each in (bound, unbound, anywhere)] == [Verdict.LOOK, Verdict.DANGER, Verdict.DANGER]
    assert "access-condition" in rules(unbound)


def test_a_service_without_a_source_may_be_used_by_others() -> None:
    arn = {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": ["R", "Arn"]}}}
    (free,) = of_queue([], [allow({"Service": "events.amazonaws.com"})])
    (bound,) = of_queue([], [allow({"Service": "events.amazonaws.com"}, Condition=arn)])
    assert ("access-confused-deputy" in rules(free), free.verdict) == (True, Verdict.LOOK)
    assert (rules(bound), bound.verdict) == ({"access-widened"}, Verdict.HARMLESS)


def test_external_principals_come_first() -> None:
    changes = of_queue([], [allow({"Service": "events.amazonaws.com"}), allow({"AWS": "111122223333"})])
    assert [each.external for each in changes] == [True, False]


def test_a_deny_that_goes_widens_and_one_that_comes_narrows() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": TLS}
    (gone,) = of_queue([deny], [])
    assert (gone.direction, gone.effect, gone.verdict) == (Direction.WIDENED, "Deny", Verdict.DANGER)
    assert rules(gone) == {"tls-not-enforced"}
    (came,) = of_queue([], [deny])
    assert (came.direction, came.verdict) == (Direction.NARROWED, Verdict.LOOK)


def test_a_deny_that_goes_with_its_resource_is_no_alarm() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": TLS}
    given = {"PolicyDocument": {"Statement": [deny]}, "Queues": [{"Ref": "Q"}]}
    before = {
        "Q": {"Type": "AWS::SQS::Queue"},
        "QP": {"Type": "AWS::SQS::QueuePolicy", "Properties": given},
        "T": TABLE,
    }
    (change,) = access(before, {"T": TABLE})
    assert change.verdict is Verdict.HARMLESS


def test_managed_policies_and_boundaries() -> None:
    admin = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"}
    (change,) = access({"R": role()}, {"R": role(ManagedPolicyArns=[admin])})
    assert (change.actions, change.verdict) == (("*",), Verdict.DANGER)
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    (change,) = access({"R": role()}, {"R": role(ManagedPolicyArns=[basic])})
    assert (change.actions, change.verdict) == ((f"the managed policy {basic}",), Verdict.LOOK)
    (change,) = access({"R": role(PermissionsBoundary="arn:b")}, {"R": role()})
    assert (change.direction, change.effect, change.verdict) == (Direction.WIDENED, "Deny", Verdict.DANGER)


def test_who_may_take_on_a_role() -> None:
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}}
    changes = access({"R": role()}, {"R": role(AssumeRolePolicyDocument=trust)})
    assert [(each.direction, each.principal) for each in changes] == [
        (Direction.WIDENED, "account 111122223333"),
        (Direction.NARROWED, "a.amazonaws.com"),
    ]
    assert changes[0].resources == ("${R}",)


def test_the_permission_of_a_function() -> None:
    def permission(**given: Any) -> dict[str, Any]:
        function = {"FunctionName": {"Fn::GetAtt": ["F", "Arn"]}, "Action": "lambda:InvokeFunction", **given}
        return {
            "F": {"Type": "AWS::Lambda::Function"},
            "L": {"Type": "AWS::Lambda::Permission", "Properties": function},
        }

    bound = permission(Principal="s3.amazonaws.com", SourceArn={"Fn::GetAtt": ["B", "Arn"]})
    (free,) = access(bound, permission(Principal="s3.amazonaws.com"))
    assert (free.direction, "access-confused-deputy" in rules(free)) == (Direction.WIDENED, True)
    public = [each for each in access(bound, permission(Principal="*")) if each.direction is Direction.WIDENED]
    assert [(each.external, each.verdict) for each in public] == [(True, Verdict.DANGER)]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::S3::BucketPolicy", "PolicyDocument"),
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
        ("AWS::ECR::Repository", "RepositoryPolicyText"),
        ("AWS::DynamoDB::Table", "ResourcePolicy"),
        ("AWS::Backup::BackupVault", "AccessPolicy"),
        ("AWS::OpenSearchService::Domain", "AccessPolicies"),
        ("Company::Own::Thing", "SomePolicy"),
    ],
)
def test_the_policy_of_any_resource_is_found(kind: str, name: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "x:Y", "Resource": "*"}
    given = {"X": {"Type": kind, "Properties": {name: {"Version": "2012-10-17", "Statement": statement}}}}
    other = {"O": {"Type": "AWS::SNS::Topic"}}
    (change,) = access(other, {**other, **given})
    assert (change.external, change.verdict, change.resources) == (True, Verdict.DANGER, ("${X}",))


def test_a_policy_written_as_a_text_is_read() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"}]}'
    policy = {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyName": "p", "PolicyDocument": text}}
    (change,) = access({"T": TABLE}, {"T": TABLE, "L": policy})
    assert change.actions == ("logs:PutLogEvents",)


@pytest.mark.parametrize(
    "statement",
    [
        {"Fn::Transform": {"Name": "x"}},
        {"Effect": {"Ref": "E"}, "Action": "x:Y", "Resource": "*"},
        {"Effect": "Allow", "Action": {"Ref": "A"}, "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
        {"Effect": "allow", "Action": "x:Y", "Resource": "*"},
        "everything",
    ],
)
def test_what_cannot_be_read_is_unknown_and_never_safe(statement: Any) -> None:
    (change,) = of_policies([READ], [READ, statement])
    assert (change.certainty, change.verdict) == (Certainty.UNKNOWN, Verdict.DANGER)
    assert of_policies([READ, statement], [READ, statement]) == []


def test_what_depends_on_a_condition_is_only_maybe_there() -> None:
    optional = {"Fn::If": ["C", {**READ, "Action": "dynamodb:Scan"}, {"Ref": "AWS::NoValue"}]}
    (change,) = of_policies([READ], [READ, optional])
    assert (change.actions, change.certainty) == (("dynamodb:Scan",), Certainty.MAYBE)
    assert told(of_policies([optional], [{**READ, "Action": "dynamodb:Scan"}])) == [
        (Direction.WIDENED, ("dynamodb:Scan",))
    ]


def test_a_renamed_role_keeps_what_it_may() -> None:
    before = {"R": role(RoleName="same"), "T": TABLE, "P": policy(READ)}
    renamed = {**policy(READ), "Properties": {**policy(READ)["Properties"], "Roles": [{"Ref": "New"}]}}
    assert access(before, {"New": role(RoleName="same"), "T": TABLE, "P": renamed}) == []


def test_the_digest_is_the_same_in_each_stage() -> None:
    def side(action: str) -> Any:
        stages = ("dev", "prod")
        body = {
            stage: {"R": role(), "P": policy({**READ, "Action": action, "Resource": f"arn:aws:s3:::x-{stage}"})}
            for stage in stages
        }
        return templates({(stage, "s"): {"Resources": body[stage]} for stage in stages})

    (group, _) = review(side("s3:GetObject"), side("s3:PutObject"), every_part()).access
    assert group.stages == ("dev", "prod")
