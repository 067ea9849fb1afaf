"""Writes the sales of a batch of messages, each once.

First the vectors of the batch as one object, then the items that point at it: a process that dies in between leaves an
object that nothing points at, which the sweep deletes, and never an item that points at nothing. An item is inserted
only if its key is free; where it is not, the fingerprint tells a repeat, which is a success, from a conflict.

A message fails as a whole if any of its sales could not be written. The others of its sales are written all the same,
and found as repeats when it comes again. Nothing is sent on in its place: what ends in the dead-letter queue is what
the producer sent, and nothing can get lost between the two.

A message whose sales are all either stored or bad gains nothing by waiting: it is given up, for the queue to show it
again at once. So it is with the dead letters, and in the alarm, within a minute instead of three visibility timeouts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from aws_lambda_powertools.logging.logger import Logger
from botocore.exceptions import BotoCoreError, ClientError

from carousel_sync.outcomes import Outcome, Outcomes
from carousel_sync.reading import Delivery, Reading
from carousel_sync.settings import SyncSettings
from shardwell.ambient import Ambient
from shardwell.batch_read import MOST_KEYS
from shardwell.codec import Codec, Item
from shardwell.errors import NotFound, PartialFailure, Unavailable
from shardwell.queue_events import Message
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from shardwell.vectors import Vector

_Content = tuple[str | bytes, ...]
"""What tells one vector of a batch from another: whose it is, and what."""


class Sync:
    """Writes batches of messages to a table of sales, and their embeddings to a bucket.

    `give_up` is told of the messages that fail however often they come.
    """

    def __init__(
        self,
        store: Store,
        objects: VectorObjects,
        settings: SyncSettings | None = None,
        *,
        ambient: Ambient | None = None,
        log: Logger | None = None,
        give_up: Callable[[Sequence[Message]], None] | None = None,
    ) -> None:
        self._store = store
        self._objects = objects
        self._reading = Reading(Codec.of(store.table, None, store.name), settings or SyncSettings())
        self._ambient = ambient or Ambient()
        self._log = log or Logger()
        self._give_up = give_up

    def handle(self, messages: Sequence[Message]) -> list[str]:
        """The ids of the messages that are to come again: every one with a sale that is not known to be stored."""
        now = self._ambient.now()
        with Outcomes(self._log) as outcomes:
            deliveries = [one for message in messages for one in self._reading.read(message, outcomes, now)]
            self._insert(self._with_pointers(deliveries, now, outcomes), outcomes)
        if self._give_up and (hopeless := [message for message in messages if message.id in outcomes.hopeless]):
            self._give_up(hopeless)
        return [message.id for message in messages if message.id in outcomes.failed]

    def _with_pointers(self, deliveries: Sequence[Delivery], now: datetime, outcomes: Outcomes) -> list[Delivery]:
        """The deliveries whose embeddings are stored, pointing at them, and those that have none."""
        rows: dict[_Content, Vector] = {}
        for delivery in deliveries:
            if delivery.event.embedding is not None:
                rows.setdefault(_content(delivery), Vector(delivery.event.key, delivery.event.embedding))
        if not rows:
            return list(deliveries)
        try:
            written = self._objects.write(list(rows.values()), now.date())
        except (ClientError, BotoCoreError) as error:
            for delivery in deliveries:
                if delivery.event.embedding is not None:
                    _not_stored(outcomes, delivery, error)
            return [delivery for delivery in deliveries if delivery.event.embedding is None]
        pointers = dict(zip(rows, written, strict=True))
        return [
            delivery if delivery.event.embedding is None else delivery.pointing_at(pointers[_content(delivery)])
            for delivery in deliveries
        ]

    def _insert(self, deliveries: Sequence[Delivery], outcomes: Outcomes) -> None:
        taken: list[Delivery] = []
        inserted = self._store.insert_many(delivery.item for delivery in deliveries)
        for delivery, found in zip(deliveries, inserted, strict=True):
            if found.status == "exists":
                taken.append(delivery)
            elif found.status == "inserted":
                _report(outcomes, "written", delivery)
            else:
                _not_stored(outcomes, delivery, found.error or _UNANSWERED)
        for start in range(0, len(taken), MOST_KEYS):
            self._compare(taken[start : start + MOST_KEYS], outcomes)

    def _compare(self, taken: Sequence[Delivery], outcomes: Outcomes) -> None:
        """Tell repeats from conflicts among sales whose keys were taken."""
        try:
            stored = self._store.batch_get((delivery.event.key for delivery in taken), consistent=True)
        except PartialFailure as error:
            for delivery in taken:
                _not_stored(outcomes, delivery, error)
            return
        for delivery, there in zip(taken, stored, strict=True):
            if there is None:
                _not_stored(outcomes, delivery, _GONE)
            elif there.get("fingerprint") == delivery.item["fingerprint"]:
                _report(outcomes, "duplicate", delivery)
            else:
                _report(outcomes, "conflict", delivery, reason=_conflict(there))


_UNANSWERED = Unavailable("DynamoDB said nothing of this sale.")
_GONE = NotFound(
    "The sale that had this key was deleted or has expired meanwhile: the next receipt tells what is there."
)


def _content(delivery: Delivery) -> _Content:
    return (*delivery.event.key.values(), delivery.event.embedding or b"")


def _conflict(there: Item) -> str:
    whose = "from another event" if "fingerprint" in there else "that was not written from an event"
    return (
        f"There is a sale with this key {whose}, recorded {there.get('createdAt')}: give the new one an id of its own."
    )


def _report(outcomes: Outcomes, outcome: Outcome, delivery: Delivery, reason: str | None = None) -> None:
    event = delivery.event
    outcomes.report(
        outcome,
        tenant=event.tenant,
        sale_id=event.sale_id,
        message=delivery.message,
        reason=reason,
        ignored=event.ignored,
    )


def _not_stored(outcomes: Outcomes, delivery: Delivery, error: Exception) -> None:
    event = delivery.event
    outcomes.not_stored(tenant=event.tenant, sale_id=event.sale_id, message=delivery.message, error=error)
