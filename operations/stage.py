"""Where a command works: in the emulator of this machine and nowhere else, or in the account of the caller."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.local import emulator, guard
from operations.local.problem import Problem

LOCAL = "local"
SALES_SYSTEM = "sales-intelligence"
SYNC_SYSTEM = "carousel-sync"


@dataclass(frozen=True)
class Stage:
    """A stage that answers, and clients that reach it and nothing else."""

    name: str
    account: str
    region: str
    client: Callable[[str], Any]
    """A boto3 client by the name of its service."""
    endpoint: str | None = None
    """The emulator's address; None on AWS."""
    file_settings: Mapping[str, str] | None = None
    """What PyIceberg's file reader needs beside the catalog's address: the caller's keys, which it would not find."""

    def stack(self, system: str) -> str:
        """The name of a system's stack."""
        return f"shardwell-{self.name}-{system}"

    def outputs(self, system: str) -> dict[str, str]:
        """The outputs of a system's stack, as CloudFormation has them now."""
        from botocore.exceptions import ClientError

        name = self.stack(system)
        try:
            (stack,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            way_out = "run `make up`" if self.name == LOCAL else "check stage, credentials and AWS_REGION"
            raise Problem(f"There is no stack {name} in account {self.account}, {self.region}: {way_out}.") from None
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}

    def output(self, system: str, name: str) -> str:
        """One output of a system's stack."""
        found = self.outputs(system)
        if name not in found:
            raise Problem(
                f"The stack {self.stack(system)} has no output {name}, only {', '.join(sorted(found)) or 'none'}: "
                "deploy the version that this command is of."
            )
        return found[name]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What a command shows of it before it begins."""
        return [("stage", self.name), ("account", self.account), ("region", self.region)]


def local_port(chosen: int | None, folder: Path) -> int:
    """The port of the emulator: the chosen one, or that of the one that runs in this checkout."""
    running = emulator.running(folder)
    return chosen or (running.port if running else guard.DEFAULT_PORT)


def local_stage(*, port: int) -> Stage:
    """The emulator; whatever else is set on this machine, nothing but the emulator can be reached."""
    guard.check(guard.environment(os.environ, port=port))
    return Stage(
        name=LOCAL,
        account=guard.ACCOUNT,
        region=guard.REGION,
        client=lambda service: guard.client(service, port=port),
        endpoint=guard.endpoint_of(port),
    )


def aws_stage(name: str) -> Stage:
    """A stage in the account and region that the caller's credentials and settings name."""
    import boto3
    from botocore.config import Config

    session = boto3.Session()
    if session.region_name is None:
        raise Problem("No region is set: set AWS_REGION to the one that the stage is deployed in.")
    account = session.client("sts").get_caller_identity()["Account"]
    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=60)
    make: Callable[..., Any] = session.client
    return Stage(
        name=name,
        account=account,
        region=session.region_name,
        client=lambda service: make(service, config=config),
        file_settings=_file_settings(session.get_credentials()),
    )


def _file_settings(credentials: Any) -> dict[str, str]:
    if credentials is None:
        return {}
    keys = credentials.get_frozen_credentials()
    found = {"s3.access-key-id": keys.access_key, "s3.secret-access-key": keys.secret_key}
    return {**found, "s3.session-token": keys.token} if keys.token else found
