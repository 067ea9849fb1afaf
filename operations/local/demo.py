"""The demonstration: sales in and answers out, then events in, and both of them in the lake."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from operations.local import emulator, guard, samples, samples_events
from operations.local.console import Voice
from operations.local.demo_events import show_events
from operations.local.demo_lake import show_lake
from operations.local.demo_sales import show_sales
from operations.local.emulator import Emulator
from operations.local.problem import Problem
from operations.stage import local_stage
from sales_intelligence.records import Sale
from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.errors import ShardwellError
from shardwell.store import Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Seeded:
    """Which emulator has the samples already, and up to which day: they are the same sales as long as it runs."""

    pid: int
    started: str
    last: str


def demonstrate_again(folder: Path, *, voice: Voice) -> None:
    """The demonstration on what runs."""
    local = emulator.running(folder)
    if local is None:
        raise Problem("Nothing runs, so there is nothing to show: `make up` starts it.")
    guard.enclose(port=local.port)
    guard.check(os.environ)
    demonstrate(folder, local=local, voice=voice)
    voice.say()


def demonstrate(folder: Path, *, local: Emulator, voice: Voice) -> None:
    """Writes the samples unless they are there, and shows what can be asked; sends the events, and shows the lake."""
    client: DynamoDBClient = guard.client("dynamodb", port=local.port)
    # The key signs cursors; this command is the only reader of those it makes.
    store = Store(SALES, name=SALES.physical_name("local"), client=client, cursor_keys=(secrets.token_bytes(32),))
    repository = Sales(store)
    stage = local_stage(port=local.port)
    known = read_seeded(folder, local)
    last = date.fromisoformat(known.last) if known else datetime.now(UTC).date()
    wanted = list(samples.sales(last=last))
    try:
        with voice.step("sales") as step:
            step.detail = write_samples(repository, wanted, seeded=known is not None)
            remember(folder, Seeded(local.pid, local.started, last.isoformat()))
        show_sales(folder, repository, client, local=local, voice=voice)
        show_events(stage, samples_events.events(last=last, taken=wanted[0]), voice=voice)
        show_lake(stage, year=last.year, voice=voice)
    except ShardwellError as error:
        raise Problem(str(error)) from error


def write_samples(repository: Sales, wanted: Sequence[Sale], *, seeded: bool) -> str:
    """Has the samples in the table, once: the same sales have the same keys. Says in words what it did."""
    if seeded and all(is_there(repository, sale) for sale in (wanted[0], wanted[-1])):
        return f"{len(wanted):,} of {len(samples.TENANTS)} shops are there already"
    started = time.monotonic()
    repository.batch_write_sales(wanted)
    seconds = time.monotonic() - started
    return f"{len(wanted):,} of {len(samples.TENANTS)} shops over two years, {len(wanted) / seconds:,.0f} a second"


def is_there(repository: Sales, sale: Sale) -> bool:
    """Whether the table has this sale."""
    found = repository.get_sale(sale.tenant, sale.product_id, sale.sale_date, sale.sale_id)
    return found is not None


def read_seeded(folder: Path, local: Emulator) -> Seeded | None:
    """What this very emulator was given; nothing if the record is of an earlier one."""
    try:
        seeded = Seeded(**json.loads(marker(folder).read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return seeded if (seeded.pid, seeded.started) == (local.pid, local.started) else None


def remember(folder: Path, seeded: Seeded) -> None:
    """Notes what this emulator was given."""
    marker(folder).write_text(json.dumps(asdict(seeded)), encoding="utf-8")


def marker(folder: Path) -> Path:
    """Where it is noted what the emulator was given."""
    return folder / "samples.json"
