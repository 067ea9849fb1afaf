"""The sync function over a table and a bucket in memory, and what it told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger

from carousel_sync.event_sync import Sync
from carousel_sync.parse import Rules
from carousel_sync.settings import SyncSettings
from shardwell.queue_events import Message
from tests.support.ambient import Surroundings
from tests.support.sale_table import SaleTable
from tests.support.sold import message
from tests.support.vector_bucket import VectorBucket, empty_bucket


@dataclass
class Scene:
    """Where events become sales."""

    surroundings: Surroundings = field(default_factory=Surroundings)
    table: Any = field(default_factory=SaleTable)
    bucket: VectorBucket = field(default_factory=empty_bucket)
    settings: SyncSettings = field(default_factory=lambda: SyncSettings(rules=Rules(), currency="USD"))
    log: StringIO = field(default_factory=StringIO)
    given_up: list[str] = field(default_factory=list)
    """The ids of the messages that the queue was asked to show again at once."""

    def sync(self) -> Sync:
        """The function of a new process."""
        log = Logger(service=f"sync-{uuid4().hex}", stream=self.log)
        return Sync(
            self.table,
            self.bucket.vectors(),
            self.settings,
            ambient=self.surroundings.ambient,
            log=log,
            give_up=lambda messages: self.given_up.extend(message.id for message in messages),
        )

    def send(self, *details: Any) -> list[str]:
        """The messages that failed, of one for each detail: `m1`, `m2` …"""
        return self.deliver([message(number, detail) for number, detail in enumerate(details, start=1)])

    def deliver(self, messages: Sequence[Message]) -> list[str]:
        """The messages that failed of these."""
        return self.sync().handle(messages)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The sales that are stored, in the order of their ids."""
        return sorted(self.table.items.values(), key=lambda item: item["saleId"])

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    @property
    def outcomes(self) -> list[tuple[str, str, str]]:
        """Tenant, sale and outcome of each line that tells one."""
        return [(one["tenant"], one["saleId"], one["outcome"]) for one in self.lines if "outcome" in one]

    @property
    def reasons(self) -> list[str]:
        """Why sales were not written."""
        return [one["reason"] for one in self.lines if "reason" in one]
