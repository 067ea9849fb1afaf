"""Signing keys from a secret in AWS Secrets Manager, read when first needed and again when it may have changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import Any

from shardwell.errors import SchemaError

LEAST_CHARACTERS = 32
"""What a signing key must have: a shorter one could be guessed."""
KEPT_SECONDS = 300.0
"""How long keys are used before the secret is read again: a rotation is known everywhere after as long."""
ASKED_AGAIN_SECONDS = 10.0
"""The least time between two reads of the secret, also where a signature cannot be verified."""


class SigningKeys:
    """The keys of a secret: the current version's first, then the one before it, so that a rotation breaks nothing.

    What was signed by a process that knows a newer version than this one is readable after `again`.
    """

    def __init__(
        self, secret: str, *, client: Callable[[], Any] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._secret = secret
        self._make_client = client or _make_client
        self._clock = clock
        self._lock = Lock()
        self._keys: tuple[bytes, ...] = ()
        self._read_at = float("-inf")

    def __call__(self) -> tuple[bytes, ...]:
        """The keys, read at most five minutes ago."""
        return self._younger_than(KEPT_SECONDS)

    def again(self) -> tuple[bytes, ...]:
        """The keys, read just now: at most every ten seconds, whatever cursors callers make up."""
        return self._younger_than(ASKED_AGAIN_SECONDS)

    def _younger_than(self, seconds: float) -> tuple[bytes, ...]:
        with self._lock:
            if self._clock() - self._read_at >= seconds:
                self._keys = self._read()
                self._read_at = self._clock()
            return self._keys

    def _read(self) -> tuple[bytes, ...]:
        current = self._version("AWSCURRENT")
        if current is None:
            raise SchemaError(
                f"The secret {self._secret} has no value: put one of {LEAST_CHARACTERS} random characters."
            )
        before = self._version("AWSPREVIOUS")
        return (current,) if before is None or before == current else (current, before)

    def _version(self, stage: str) -> bytes | None:
        client = self._client
        try:
            answer = client.get_secret_value(SecretId=self._secret, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            return None
        text: str = answer["SecretString"]
        if len(text) < LEAST_CHARACTERS:
            raise SchemaError(
                f"The secret {self._secret} has {len(text)} characters: put {LEAST_CHARACTERS} random ones or more."
            )
        return text.encode()

    @cached_property
    def _client(self) -> Any:
        return self._make_client()


def _make_client() -> Any:
    # Here, because only those who sign need it.
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=2, read_timeout=5)
    return boto3.client("secretsmanager", config=config)
