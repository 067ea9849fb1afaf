"""Signing keys from a secret that rotates."""

from __future__ import annotations

import pytest

from shardwell.errors import SchemaError
from shardwell.secrets import ASKED_AGAIN_SECONDS, KEPT_SECONDS, SigningKeys
from tests.unit.http.secret import Secret

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_read_before_it_is_needed() -> None:
    made: list[Secret] = []

    def make() -> Secret:
        made.append(Secret("a" * 32))
        return made[-1]

    keys = SigningKeys("arn", client=make)
    assert made == []
    assert keys() == (A,)
    keys.again()
    assert len(made) == 1


def test_the_key_before_is_still_known_and_the_current_one_signs() -> None:
    secret, watch = Secret("a" * 32), Watch()
    keys = SigningKeys("arn", client=lambda: secret, clock=watch)
    assert keys() == (A,)
    secret.rotate("b" * 32)
    assert keys() == (A,)
    watch.now = KEPT_SECONDS
    assert keys() == (B, A)
    secret.rotate("c" * 32)
    watch.now *= 2
    assert keys() == (C, B)


def test_keys_are_read_again_when_asked_but_not_for_every_forger() -> None:
    secret, watch = Secret("a" * 32), Watch()
    keys = SigningKeys("arn", client=lambda: secret, clock=watch)
    keys()
    asked = secret.asked
    secret.rotate("b" * 32)
    assert [keys.again() for _ in range(100)] == [(A,)] * 100
    assert secret.asked == asked
    watch.now = ASKED_AGAIN_SECONDS
    assert keys.again() == (B, A)


def test_a_secret_put_twice_with_one_value_is_one_key() -> None:
    assert SigningKeys("arn", client=lambda: Secret("a" * 32, "a" * 32))() == (A,)


def test_a_secret_without_a_value_is_our_own_fault() -> None:
    with pytest.raises(SchemaError, match="The secret arn has no value: put one of 32 random characters"):
        SigningKeys("arn", client=Secret)()


def test_a_short_secret_is_our_own_fault() -> None:
    with pytest.raises(SchemaError, match="The secret arn has 31 characters: put 32 random ones or more"):
        SigningKeys("arn", client=lambda: Secret("a" * 31))()


def test_it_reads_aws_s_own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        arn = client.create_secret(Name="cursors", SecretString="a" * 32)["ARN"]
        assert SigningKeys(arn)() == (A,)
        client.put_secret_value(SecretId=arn, SecretString="b" * 32)
        assert SigningKeys(arn)() == (B, A)
