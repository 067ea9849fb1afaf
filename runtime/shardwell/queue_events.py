"""A batch of messages from an SQS queue, and the answer that says which of them are to come again.

The function's event source must have `ReportBatchItemFailures`: without it Lambda reads no answer, and deletes all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its id, and what it says; the receipt is that of this delivery, from the queue of that ARN."""

    id: str
    body: str
    receipt: str = field(default="", compare=False)
    queue: str = field(default="", compare=False)


def messages_of(event: Mapping[str, Any]) -> list[Message]:
    """The messages of an SQS event, in order; ValueError where it is an event of anything else."""
    records = event.get("Records")
    if not isinstance(records, list) or any(record.get("eventSource") != "aws:sqs" for record in records):
        raise ValueError("The event is none of an SQS queue: make the queue the function's only event source.")
    return [
        Message(record["messageId"], record["body"], record["receiptHandle"], record["eventSourceARN"])
        for record in records
    ]


def failures_answer(failed: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The answer after which SQS delivers the messages of these ids again, and deletes the others."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in dict.fromkeys(failed)]}
