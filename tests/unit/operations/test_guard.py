"""Whatever a person's shell is set to, a local command talks to the emulator and to nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.local import guard
from operations.local.problem import Problem
from tests.unit.operations.answering import Answering, answering

HOSTILE = {
    "PATH": "/usr/bin",
    "HOME": "/home/someone",
    "AWS_PROFILE": "prod",
    "AWS_DEFAULT_PROFILE": "prod",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2Vj",
    "AWS_SECURITY_TOKEN": "IQoJb3JpZ2luX2Vj",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/admin",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/v2/credentials",
    "AWS_ENDPOINT_URL": "https://dynamodb.us-east-1.amazonaws.com",
    "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.us-east-1.amazonaws.com",
    "AWS_ENDPOINT_URL_S3": "https://s3.us-east-1.amazonaws.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": "/home/someone/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/home/someone/.aws/credentials",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
    "CDK_DEPLOY_ACCOUNT": "123456789012",
    "BOTO_CONFIG": "/home/someone/.boto",
    "http_proxy": "http://proxy.example:3128",
    "no_proxy": "intranet.example",
}


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(sts_account=guard.ACCOUNT) as running:
        yield running


def test_nothing_of_a_hostile_environment_that_could_name_an_account_is_left() -> None:
    inside = guard.environment(HOSTILE, port=4701)

    aws = {name: value for name, value in inside.items() if name.startswith(("AWS_", "CDK_", "BOTO_"))}
    assert aws == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4701",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCOUNT_ID": "000000000000",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "CDK_DEFAULT_ACCOUNT": "000000000000",
        "CDK_DEFAULT_REGION": "eu-west-1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    guard.check_environment(inside)


def test_the_rest_of_the_environment_stays_and_loopback_is_never_proxied() -> None:
    inside = guard.environment(HOSTILE, port=4701)

    assert inside["PATH"] == "/usr/bin"
    assert inside["http_proxy"] == "http://proxy.example:3128"
    assert inside["no_proxy"] == inside["NO_PROXY"] == "intranet.example,127.0.0.1,localhost,::1"


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sts", "cloudformation", "lambda", "events", "sqs"])
def test_boto3_in_a_child_process_of_a_hostile_shell_finds_the_emulator_only(service: str, tmp_path: Path) -> None:
    configuration = tmp_path / ".aws"
    configuration.mkdir()
    (configuration / "config").write_text(
        "[default]\nendpoint_url = https://example.amazonaws.com\nregion = us-east-1\n"
    )
    (configuration / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n"
    )
    program = (
        f"import boto3; client = boto3.client('{service}'); "
        "print(client.meta.endpoint_url, client._request_signer._credentials.access_key, client.meta.region_name)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program],
        env=guard.environment({**HOSTILE, "HOME": str(tmp_path)}, port=4701),
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["http://127.0.0.1:4701", "test", "eu-west-1"]


def test_enclose_replaces_the_environment_of_this_process() -> None:
    program = (
        "import os; from operations.local import guard; guard.enclose(port=4701); "
        "print(os.environ.get('AWS_PROFILE'), os.environ['AWS_ENDPOINT_URL'])"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], env=HOSTILE, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )

    assert said.stdout.split() == ["None", "http://127.0.0.1:4701"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL", "https://dynamodb.eu-west-1.amazonaws.com"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1.example.com:4566"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1@example.com:4566"),
        ("AWS_ENDPOINT_URL", ""),
        ("AWS_ENDPOINT_URL_DYNAMODB", "https://dynamodb.eu-west-1.amazonaws.com"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ("AWS_PROFILE", "prod"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/admin"),
    ],
)
def test_an_environment_that_could_reach_aws_is_refused(name: str, value: str) -> None:
    inside = {**guard.environment({}, port=4701), name: value}

    with pytest.raises(Problem, match=f"{name}|endpoint"):
        guard.check_environment(inside)


def test_the_check_passes_where_the_emulator_answers(server: Answering) -> None:
    guard.check(guard.environment(HOSTILE, port=server.port))

    assert server.requests == ["Action=GetCallerIdentity"]


def test_another_account_is_refused_before_anything_is_sent() -> None:
    with answering(sts_account="123456789012") as server:
        with pytest.raises(Problem, match="answers for account 123456789012, not for 000000000000"):
            guard.check(guard.environment({}, port=server.port))

        assert server.requests == ["Action=GetCallerIdentity"]


def test_a_server_that_is_no_emulator_is_refused() -> None:
    with answering(sts_account=None) as server, pytest.raises(Problem, match="does not answer as the emulator does"):
        guard.check(guard.environment({}, port=server.port))


def test_a_client_ignores_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch, server: Answering) -> None:
    for name, value in HOSTILE.items():
        if name != "PATH" and not name.endswith("PROFILE"):
            monkeypatch.setenv(name, value)

    client = guard.client("sts", port=server.port)

    assert client.get_caller_identity()["Account"] == guard.ACCOUNT
    assert client.meta.endpoint_url == guard.endpoint_of(server.port)


def test_the_emulators_functions_do_not_see_this_checkout() -> None:
    outer = {"PYTHONPATH": "/checkout/runtime", "PYTHONHOME": "/usr", "VIRTUAL_ENV": "/checkout/.venv"}

    inside = guard.without_checkout(outer, path=Path("/folder/tmp"))

    assert inside == {"PYTHONNOUSERSITE": "1", "TMPDIR": "/folder/tmp"}
