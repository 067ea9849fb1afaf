"""A secret of Secrets Manager that a test rotates."""

from __future__ import annotations

from types import SimpleNamespace


class _NoSuchVersion(Exception):
    pass


class Secret:
    """The client of Secrets Manager, with one secret in it."""

    exceptions = SimpleNamespace(ResourceNotFoundException=_NoSuchVersion)

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.asked = 0

    def rotate(self, value: str) -> None:
        self.values.insert(0, value)

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803 (AWS's names)
        self.asked += 1
        place = {"AWSCURRENT": 0, "AWSPREVIOUS": 1}[VersionStage]
        if place >= len(self.values):
            raise _NoSuchVersion(SecretId)
        return {"SecretString": self.values[place]}
