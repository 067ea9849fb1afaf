"""Publishes sold products to the bus, for producers that are written in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from carousel_sync.records import DETAIL_TYPE, SALES, SOURCE
from shardwell.ambient import Ambient
from shardwell.publish import Publisher

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


def publish_sales(
    client: EventBridgeClient, bus: str, sales: Iterable[Mapping[str, Any]], *, ambient: Ambient | None = None
) -> int:
    """How many events were published, each with as many sales as fit; raises PartialFailure with those that were not.

    A sale is a mapping with the fields of an event: prices as int or Decimal, the embedding as a list of floats. Give
    each its `saleId`: two sales of one product, day, vendor and price are one to the pipeline without.
    """
    return _publisher(client, bus, ambient).publish_packed(sales, field=SALES)


def publish_sales_singly(
    client: EventBridgeClient, bus: str, sales: Iterable[Mapping[str, Any]], *, ambient: Ambient | None = None
) -> int:
    """How many events were published, one a sale, for rules that look into the detail; else as `publish_sales`."""
    return _publisher(client, bus, ambient).publish(sales)


def _publisher(client: EventBridgeClient, bus: str, ambient: Ambient | None) -> Publisher:
    named_by = ("tenantId", "productId", "saleId")
    return Publisher(client, bus=bus, source=SOURCE, detail_type=DETAIL_TYPE, named_by=named_by, ambient=ambient)
