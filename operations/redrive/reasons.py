"""Why a message failed, as far as that can be known: from what it says, and by reading its sales again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from carousel_sync.envelope import sales_in
from carousel_sync.fingerprint import fingerprint
from carousel_sync.parse import read_sale
from carousel_sync.records import DETAIL_TYPE, SoldEvent
from carousel_sync.settings import SyncSettings, settings_of
from operations.counting import counted
from operations.local.problem import Problem
from operations.redrive.contents import call_of, content, position_of
from operations.redrive.messages import Letter
from operations.stage import SYNC_SYSTEM, Stage
from sales_intelligence.tables import SALES
from shardwell.errors import BadItem
from shardwell.keypart import shown
from shardwell.store import Store

MOST_REASONS = 5


@dataclass(frozen=True)
class Reasons:
    """Finds the reasons of a stage's failed messages; it reads, and changes nothing."""

    stage: Stage

    def of(self, letter: Letter, now: datetime) -> list[str]:
        """Why it failed, a sentence each; of many sales the first few."""
        if code := letter.attribute("ERROR_CODE"):
            return [f"not delivered, {code}: {letter.attribute('ERROR_MESSAGE') or 'no more is said'}"]
        told = content(letter)
        if position_of(letter) or call_of(letter):
            return _of_call(told)
        if isinstance(told, dict) and told.get("detail-type") == DETAIL_TYPE:
            return _shortened(list(self._of_event(letter.body, now)))
        return ["not known: the log of the function that reads its queue has it"]

    def _of_event(self, body: str, now: datetime) -> Iterator[str]:
        try:
            given = sales_in(body)
        except BadItem as error:
            yield f"invalid: {error}"
            return
        events = []
        for one in given:
            try:
                events.append(read_sale(one, self._settings.rules, now))
            except BadItem as error:
                yield f"invalid: {error}"
        yield from self._compared(events)

    def _compared(self, events: Sequence[SoldEvent]) -> Iterator[str]:
        missing = same = 0
        for event, stored in zip(events, self._store.batch_get([e.key for e in events], consistent=True), strict=True):
            name = f"sale {shown(event.sale_id)} of {shown(event.tenant)}"
            if stored is None:
                missing += 1
            elif stored.get("fingerprint") != fingerprint(event):
                yield f"conflict: {name} is stored with another payload"
            else:
                same += 1
        if missing:
            yield f"{counted(missing, 'sale')} valid and not stored: move it back, or see the function's log"
        if same:
            yield f"{counted(same, 'sale')} stored by now: moving it back changes nothing of that"

    @cached_property
    def _settings(self) -> SyncSettings:
        """What the sync function takes, by its own environment."""
        function = self.stage.output(SYNC_SYSTEM, "SyncFunction")
        try:
            found: Any = self.stage.client("lambda").get_function_configuration(FunctionName=function)
        except ClientError as error:
            raise Problem(
                f"The settings of {function}, by which its events are read, cannot be had ({error})."
            ) from error
        return settings_of(found.get("Environment", {}).get("Variables", {}))

    @cached_property
    def _store(self) -> Store:
        return Store(SALES, name=SALES.physical_name(self.stage.name), client=self.stage.client("dynamodb"))


def _of_call(told: dict[str, Any]) -> list[str]:
    request, response = (told.get(name) or {} for name in ("requestContext", "responseContext"))
    parts = [str(part) for part in (request.get("condition"), response.get("functionError")) if part]
    payload = told.get("responsePayload")
    message = payload.get("errorMessage") if isinstance(payload, dict) else None
    said = ", ".join(parts) or "not known"
    return [f"{said}: {shown(message, 400)}" if message else said]


def _shortened(found: list[str]) -> list[str]:
    if len(found) <= MOST_REASONS:
        return found
    return [*found[:MOST_REASONS], f"and {len(found) - MOST_REASONS:,} more"]
