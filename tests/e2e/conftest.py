"""The local stage, deployed by the CDK command line to an emulator of the tests' own, with IAM enforced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from operations.local import deployment, emulator, guard
from tests.support.child import free_port


@dataclass(frozen=True)
class Cloud:
    """A running emulator with the local stage in it."""

    folder: Path
    port: int

    def client(self, service: str) -> Any:
        """A client with the rights of the account's root."""
        return guard.client(service, port=self.port)

    def deploy(self, *further: str) -> None:
        """Bring the local stage to what an app says, this checkout's unless `--app` names another."""
        arguments = ("local/*", "--require-approval", "never", "--method", "direct", *further)
        outputs = ("--outputs-file", str(self.folder / "outputs.json"))
        deployment.cdk("deploy", *arguments, *outputs, folder=self.folder, port=self.port)

    def output(self, stack: str, name: str) -> str:
        """An output of a deployed stack."""
        return deployment.outputs(self.folder)[stack][name]

    def invoke(self, function: str, event: dict[str, Any]) -> tuple[bool, Any]:
        """Whether a function succeeded, and what it answered."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return "FunctionError" not in answer, json.loads(answer["Payload"].read())


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    running = emulator.start(folder, port=free_port())
    try:
        deployment.bootstrap(folder, port=running.port)
        made = Cloud(folder, running.port)
        made.deploy()
        yield made
    finally:
        emulator.stop(folder)
