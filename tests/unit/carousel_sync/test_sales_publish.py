"""What the publisher sends is what the sync function takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from carousel_sync.publish import publish_sales, publish_sales_singly
from shardwell.errors import TooLarge
from shardwell.queue_events import Message
from tests.support.sold import body, sold
from tests.unit.carousel_sync.scene import Scene


class Bus:
    """A bus whose rule puts each event into a queue."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        for entry in Entries:
            frame = body("DETAIL", source=entry["Source"], **{"detail-type": entry["DetailType"]})
            self.messages.append(Message(f"m{len(self.messages)}", frame.replace('"DETAIL"', entry["Detail"])))
        return {"Entries": [{} for _ in Entries], "FailedEntryCount": 0}


@pytest.mark.parametrize(("publish", "messages"), [(publish_sales, 1), (publish_sales_singly, 60)])
def test_what_is_published_is_stored(scene: Scene, publish: Any, messages: int) -> None:
    bus = Bus()
    sales = [sold(n, salePrice=Decimal("450.10") + n) for n in range(60)]
    assert publish(bus, "main", sales) == messages == len(bus.messages)
    assert scene.deliver(bus.messages) == []
    assert [item["salePrice"] for item in scene.items] == [sale["salePrice"] for sale in sales]
    vectors = [list(scene.bucket.pointed_at(item["embeddingS3Key"]).numbers()) for item in scene.items]
    assert vectors == [sale["embedding"] for sale in sales]


def test_a_sale_that_fits_no_event_is_refused_by_name() -> None:
    bus = Bus()
    with pytest.raises(TooLarge, match="tenantId='north', productId='PROD-2', saleId='S0002'"):
        publish_sales(bus, "main", [sold(1), sold(2, description="x" * 300_000)])
    assert bus.messages == []
