"""The sales of a message, each checked by itself; one that is none is reported, and is nothing to the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from carousel_sync.envelope import sales_in
from carousel_sync.outcomes import Outcomes
from carousel_sync.parse import read_sale
from carousel_sync.records import POINTER, SoldEvent
from carousel_sync.sale import sale_of
from carousel_sync.settings import SyncSettings
from shardwell.codec import Codec
from shardwell.errors import BadItem
from shardwell.fields import to_item
from shardwell.queue_events import Message
from shardwell.vector_objects import Pointer

_LONGEST_POINTER: Final = "s3://" + "b" * 63 + "/vectors/2026-01-01/" + "0" * 64 + ".vec#999999"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A checked sale, the message that it came in, and its item, which has no pointer to the embedding yet."""

    message: str
    event: SoldEvent
    item: Mapping[str, Any]

    def pointing_at(self, pointer: Pointer) -> Delivery:
        """The same delivery, its item with a pointer to its embedding."""
        return replace(self, item={**self.item, POINTER: str(pointer)})


class Reading:
    """Reads messages by the rules of a stage, and by those of the table that the sales are for."""

    def __init__(self, codec: Codec, settings: SyncSettings) -> None:
        self._codec = codec
        self._settings = settings

    def read(self, message: Message, outcomes: Outcomes, now: datetime) -> Iterator[Delivery]:
        """The sales of a message that can be written; each of the others is reported, and nothing else of it."""
        try:
            given = sales_in(message.body)
        except BadItem as error:
            outcomes.report("invalid", tenant=None, sale_id=None, message=message.id, reason=str(error))
            return
        for one in given:
            try:
                event = read_sale(one, self._settings.rules, now)
                item = self._item(event, now)
            except BadItem as error:
                named = one if isinstance(one, dict) else {}
                tenant, sale_id = named.get("tenantId"), named.get("saleId")
                outcomes.report("invalid", tenant=tenant, sale_id=sale_id, message=message.id, reason=str(error))
            else:
                yield Delivery(message.id, event, item)

    def _item(self, event: SoldEvent, now: datetime) -> dict[str, Any]:
        """The item, once the table's own rules were applied: a store refuses a batch as a whole for one bad item."""
        item = to_item(sale_of(event, currency=self._settings.currency, now=now))
        pointed = item if event.embedding is None else {**item, POINTER: _LONGEST_POINTER}
        self._codec.encoded(pointed, now)
        return item
