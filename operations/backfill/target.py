"""Which table a backfill works on: in the emulator and nowhere else, or in the account of the caller's credentials."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.local import emulator, guard
from operations.local.problem import Problem
from shardwell import Table

LOCAL = "local"


@dataclass(frozen=True)
class Target:
    """A table that is there, and a client that reaches it."""

    table: Table
    name: str
    stage: str
    account: str
    region: str
    identity: str
    """Tells the table from any other, also from a later one of its name."""
    items: int
    """About how many: DynamoDB counts every six hours or so."""
    client: Any


def local_port(chosen: int | None, folder: Path) -> int:
    """The port of the emulator: the chosen one, or that of the one that runs in this checkout."""
    running = emulator.running(folder)
    return chosen or (running.port if running else guard.DEFAULT_PORT)


def local_target(table: Table, *, port: int) -> Target:
    """The table in the emulator; whatever else is set on this machine, nothing but the emulator can be reached."""
    guard.check(guard.environment(os.environ, port=port))
    return _described(table, LOCAL, guard.ACCOUNT, guard.REGION, guard.client("dynamodb", port=port))


def aws_target(table: Table, *, stage: str) -> Target:
    """The table of a stage in the account and region that the caller's credentials and settings name."""
    import boto3

    from shardwell.client import CONFIG

    session = boto3.Session()
    if session.region_name is None:
        raise Problem("No region is set: set AWS_REGION to the one that the stage is deployed in.")
    account = session.client("sts").get_caller_identity()["Account"]
    return _described(table, stage, account, session.region_name, session.client("dynamodb", config=CONFIG))


def _described(table: Table, stage: str, account: str, region: str, client: Any) -> Target:
    name = table.physical_name(stage)
    try:
        found = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        way_out = "run `make up`" if stage == LOCAL else "check stage, credentials and AWS_REGION"
        raise Problem(f"There is no table {name} in account {account}, {region}: {way_out}.") from None
    identity = f"{found['TableArn']} {found.get('TableId', '')}".strip()
    return Target(table, name, stage, account, region, identity, found.get("ItemCount", 0), client)
