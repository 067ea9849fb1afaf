"""What is masked as a secret, and what must never be: references, names, and settings about secrets."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.masking import masked, masked_value
from review.model import Member, PropertyChange
from review.render import rendered
from review.secret_names import is_secret_name
from review.secret_texts import MASK, without_secrets
from tests.unit.review.sides import of_templates, reviewed

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
TOKEN = "wJalrXUtnFEMI9K7MDENGbPxRfiCY2Zz8Qw1"


@pytest.mark.parametrize(
    "name",
    [
        "Password",
        "MasterUserPassword",
        "DB_PASSWORD",
        "dbPassword",
        "pwd",
        "SecretString",
        "ClientSecret",
        "client_secret",
        "TOKEN",
        "AuthToken",
        "API_TOKEN",
        "GitHubToken",
        "apiKey",
        "API_KEY",
        "api-key",
        "AccessKey",
        "SecretAccessKey",
        "AWS_SECRET_ACCESS_KEY",
        "PrivateKey",
        "SIGNING_KEY",
        "STRIPE_KEY",
        "key",
        "passphrase",
        "Credentials",
    ],
)
def test_a_value_with_this_name_is_a_secret(name: str) -> None:
    assert is_secret_name(name)
    assert masked_value({name: "abc"}) == {name: MASK}
    assert masked_value({name: 12345678}) == {name: MASK}


@pytest.mark.parametrize(
    "name",
    [
        "SecretArn",
        "SecretId",
        "SECRET_NAME",
        "PasswordLength",
        "TokenValidity",
        "AccessTokenValidity",
        "TokenValidityUnits",
        "KeySchema",
        "KeyType",
        "Key",
        "S3Key",
        "KmsKeyId",
        "KMSMasterKeyID",
        "PARTITION_KEY",
        "SortKey",
        "CACHE_KEY",
        "PasswordPolicy",
        "RequireSymbols",
        "TokenUrl",
        "KeyPolicy",
        "GenerateStringKey",
        "AllowedOAuthFlows",
        "token.actions.githubusercontent.com:sub",
        "aws:SecretTag/token",
        "TableName",
        "PasswordExpiry",
        "SecretsManagerEndpoint",
        "MonkeyName",
        "Tokenizer",
    ],
)
def test_a_value_with_this_name_is_none(name: str) -> None:
    assert not is_secret_name(name)
    assert masked_value({name: "abc"}) == {name: "abc"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AKIAIOSFODNN7EXAMPLE", MASK),
        ("key ASIAIOSFODNN7EXAMPLE!", f"key {MASK}!"),
        ("postgres://me:hunter22@db:5432/x", f"postgres://me:{MASK}@db:5432/x"),
        ("amqps://:hunter22@mq", f"amqps://:{MASK}@mq"),
        ("Server=db;User=me;Password=hunter22;", f"Server=db;User=me;Password={MASK};"),
        ('{"password": "hunter22", "user": "me"}', f'{{"password": "{MASK}", "user": "me"}}'),
        ("https://x/?token=abcdef0123&page=2", f"https://x/?token={MASK}&page=2"),
        ("Authorization: Bearer abcdef.ghijkl-12345", f"Authorization: Bearer {MASK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", MASK),
        ("-----BEGIN PRIVATE KEY-----\nabc", MASK),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", MASK),
        ("sk_live_1234567890abcdef", MASK),
        (TOKEN, MASK),
        (f"x={TOKEN} y", f"x={MASK} y"),
        ("0123456789abcdef0123456789abcdef", MASK),
    ],
)
def test_a_text_that_looks_like_a_secret_is_masked(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "{{resolve:secretsmanager:prod/db:SecretString:password}}",
        "{{resolve:ssm-secure:/prod/token:1}}",
        "arn:aws:secretsmanager:eu-west-1:000000000000:secret:db-password-AbCdEf",
        "arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "secretsmanager:GetSecretValue",
        "https://sqs.eu-west-1.amazonaws.com/000000000000/queue",
        "cdk-hnb659fds-assets-000000000000-eu-west-1",
        "SalesIntelligenceApiHandlerServiceRoleDefaultPolicy8F3A2B1C",
        "NightlyPricesRole08A51FA5",
        "PublishOutputRefSalesTableD1AE2578AA6A645B",
        "ExportsOutputFnGetAttSalesTableD1AE2578Arn9A8B7C6D",
        "FnCurrentVersion0123456789abcdef0123456789abcdef",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "TENANT#{tenant}#PRODUCT#{productId}",
        "postgres://${User}:${Password}@db/x",
        "prod/SalesIntelligence/Sales/Table/Resource",
        "token.actions.githubusercontent.com",
    ],
)
def test_a_name_or_a_reference_is_never_masked(text: str) -> None:
    assert without_secrets(text) == text
    assert masked_value({"Value": text}) == {"Value": text}


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "DbPassword"},
        {"Fn::GetAtt": ["Secret", "Password"]},
        {"Fn::GetStackOutput": {"StackName": "a", "OutputName": "Password"}},
        {"Fn::ImportValue": "the-password-of-the-database"},
        {"Fn::FindInMap": ["Passwords", {"Ref": "AWS::Region"}, "main"]},
        {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]},
        {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"},
        {"Fn::If": ["IsProd", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]},
        "{{resolve:ssm-secure:/password}}",
        "arn:aws:secretsmanager:eu-west-1:000000000000:secret:x",
        "",
        True,
        None,
    ],
)
def test_a_reference_stays_whatever_it_is_called(value: Any) -> None:
    assert masked_value({"Password": value}) == {"Password": value}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"Fn::Sub": "hunter2-${AWS::Region}"}, {"Fn::Sub": f"{MASK}${{AWS::Region}}"}),
        ({"Fn::Join": ["-", ["hunter2", {"Ref": "X"}]]}, {"Fn::Join": ["-", [MASK, {"Ref": "X"}]]}),
        ({"Fn::If": ["Prod", "hunter2", {"Ref": "X"}]}, {"Fn::If": ["Prod", MASK, {"Ref": "X"}]}),
        ({"Fn::Base64": "hunter2"}, {"Fn::Base64": MASK}),
        (["hunter2", "hunter3"], [MASK, MASK]),
    ],
)
def test_what_is_written_out_within_a_function_is_masked(value: Any, shown: Any) -> None:
    assert masked_value({"Password": value}) == {"Password": shown}


def test_named_entries_and_parameters_are_masked() -> None:
    assert masked_value([{"Name": "DB_PASSWORD", "Value": "x"}]) == [{"Name": "DB_PASSWORD", "Value": MASK}]
    assert masked_value([{"Name": "STAGE", "Value": "x"}]) == [{"Name": "STAGE", "Value": "x"}]
    hidden = {"Type": "String", "NoEcho": True, "Default": "x"}
    assert masked_value(hidden) == {**hidden, "Default": MASK}


def test_a_changed_value_is_masked_under_the_name_of_its_path() -> None:
    def change(*path: Any) -> PropertyChange:
        return PropertyChange(path=path, before="old", after="new")

    def shown(*path: Any) -> tuple[Any, Any]:
        sides = ({"A": {"Type": "AWS::SNS::Topic", "Properties": {"P": value}}} for value in "ab")
        result = reviewed(*sides)
        (one,) = result.changes
        object.__setattr__(one, "properties", (change(*path),))
        (found,) = masked(result).changes[0].properties
        return found.before, found.after

    assert shown("Environment", "Variables", "DB_PASSWORD") == (MASK, MASK)
    assert shown("Tags", Member("Key", "Token"), "Value") == (MASK, MASK)
    assert shown("Secrets", 0) == (MASK, MASK)
    assert shown("Environment", "Variables", "STAGE") == ("old", "new")
    assert shown("TokenValidityUnits", "AccessToken") == ("old", "new")
    assert shown("GlobalSecondaryIndexes", Member("IndexName", "Token"), "Projection") == ("old", "new")


def test_the_default_of_a_parameter_that_is_not_echoed_is_masked() -> None:
    sides = ({"Resources": {}, "Parameters": {"P": {"NoEcho": "true", "Type": "String", "Default": x}}} for x in "ab")
    (change,) = masked(of_templates(*sides)).changes
    assert [(each.before, each.after) for each in change.properties] == [(MASK, MASK)]


def test_a_masked_review_has_the_same_changes_in_its_groups() -> None:
    sides = ({"A": {"Type": "AWS::SNS::Topic", "Properties": {"Password": value}}} for value in "ab")
    result = masked(reviewed(*sides))
    assert result.groups[0].item is result.changes[0]
    assert result.groups[0].same == result.changes
    assert result.changes[0].digest


@pytest.mark.parametrize(("length", "least"), [(24, 0.85), (32, 0.93), (40, 0.96)])
def test_most_random_strings_are_masked(length: int, least: float) -> None:
    letters, dice = string.ascii_letters + string.digits, random.Random(1)
    texts = ["".join(dice.choices(letters, k=length)) for _ in range(2000)]
    assert sum(without_secrets(text) == MASK for text in texts) / len(texts) >= least


@pytest.mark.parametrize("file", sorted(SNAPSHOTS.rglob("*.template.json")), ids=lambda file: file.stem)
def test_no_value_of_this_repository_is_taken_for_a_secret(file: Path) -> None:
    template = json.loads(file.read_text(encoding="utf-8"))
    assert masked_value(template) == template


NAMES = ("Password", "Fn::Join", "Fn::Sub", "Fn::If", "Ref", "Value", "Name", "NoEcho", "x")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@given(JSON)
def test_any_json_is_masked_and_keeps_its_shape(value: Any) -> None:
    assert type(masked_value(value)) is type(value) or masked_value(value) == MASK
    json.dumps(masked_value(value))


def test_a_value_within_an_added_resource_is_masked_in_the_page() -> None:
    added = {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": "hunter2hunter2"}}
    text = rendered(
        reviewed({"T": {"Type": "AWS::SNS::Topic"}}, {"T": {"Type": "AWS::SNS::Topic"}, "Db": added}), "html"
    )
    assert "MasterUserPassword" in text
    assert "hunter2" not in text
