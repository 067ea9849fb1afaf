"""Events of sold products, and the messages that bring them: valid, distinct, and the same in every run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any
from uuid import UUID

from carousel_sync.records import DETAIL_TYPE, SALES, SOURCE
from shardwell.queue_events import Message
from shardwell.vectors import Vector, float32


def numbers(seed: int, dimensions: int = 4) -> list[float]:
    """An embedding, every number of it exactly a float32."""
    chance = Random(seed)
    return list(Vector({}, float32([chance.gauss(0, 0.05) for _ in range(dimensions)])).numbers())


def sold(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The detail of the event of a number, with some fields changed; None leaves a field out."""
    detail: dict[str, Any] = {
        "saleId": f"S{number:04d}",
        "productId": f"PROD-{number % 7}",
        "tenantId": "north",
        "category": "handbags",
        "brand": "Aurelle",
        "condition": "like_new",
        "listedPrice": 500,
        "salePrice": 450,
        "soldDate": "2025-12-30",
        "imageS3Key": f"s3://images/products/{number}.jpg",
        "embeddingId": f"emb-{number}",
        "embedding": numbers(number),
        "description": "A bag",
        "vendorId": "VENDOR-789",
        "daysToSell": 12,
        **changes,
    }
    return {name: value for name, value in detail.items() if value is not None}


def plain(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The same without an embedding."""
    return sold(number, embedding=None, embeddingId=None, **changes)


def body(detail: Any, **changes: Any) -> str:
    """What EventBridge puts into a queue for an event with this detail."""
    return json.dumps(
        {
            "version": "0",
            "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "detail-type": DETAIL_TYPE,
            "source": SOURCE,
            "account": "000000000000",
            "time": "2026-01-15T12:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": detail,
            **changes,
        }
    )


def packed(sales: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The detail of a packed event."""
    return {SALES: list(sales)}


def message(number: int, detail: Any) -> Message:
    """The message of a number with this detail."""
    return Message(f"m{number}", body(detail))


def queue_event(*messages: Message) -> dict[str, Any]:
    """The Lambda event of these messages."""
    return {
        "Records": [
            {
                "messageId": one.id,
                "receiptHandle": str(UUID(int=place)),
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:sales",
            }
            for place, one in enumerate(messages)
        ]
    }
