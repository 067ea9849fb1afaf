"""A queue in memory, as SQS delivers: at least once, in no order, in batches made anew, up to some receipts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.support.pipeline.line import Request, response

VISIBILITY = timedelta(seconds=370)
_JSON = "application/x-amz-json-1.0"


@dataclass
class Queued:
    """A message in the queue."""

    id: str
    body: str
    visible: datetime
    receipts: int = 0


class Queue:
    """Messages until they are deleted, or received too often."""

    def __init__(self, *, now: Callable[[], datetime], chance: Random, batch: int, again: float) -> None:
        self._now = now
        self._chance = chance
        self._batch = batch
        self._again = again
        """How probable it is that a deleted message is delivered once more."""
        self._deleted: list[Queued] = []
        self._sent = 0
        self.messages: dict[str, Queued] = {}
        self.dead: list[str] = []
        self.most_receipts: int | None = None
        """None: there is no end to it."""

    def send(self, body: str) -> None:
        """A message more."""
        self._sent += 1
        name = f"m{self._sent}"
        self.messages[name] = Queued(name, body, self._now())

    def limit(self, most_receipts: int) -> None:
        """From here on a message is dead after so many receipts."""
        self.most_receipts = most_receipts
        for one in self.messages.values():
            one.receipts = 0

    def batches(self) -> list[list[Queued]]:
        """All that can be seen now, received, in batches of chance's making."""
        self._bury()
        seen = [one for one in self.messages.values() if one.visible <= self._now()]
        seen += [one for one in self._deleted if self._chance.random() < self._again]
        self._chance.shuffle(seen)
        found: list[list[Queued]] = []
        while seen:
            size = self._chance.randint(1, self._batch)
            found.append(seen[:size])
            seen = seen[size:]
        for one in (one for batch in found for one in batch):
            one.receipts += 1
            one.visible = self._now() + VISIBILITY
        return found

    def delete(self, ids: Iterable[str]) -> None:
        """These are done with."""
        for one in ids:
            if (found := self.messages.pop(one, None)) is not None:
                self._deleted.append(found)

    def answer(self, request: Request) -> AWSResponse:
        """As SQS does, of the one request that a function makes: a message is shown again."""
        if request.operation != "ChangeMessageVisibility":
            raise NotImplementedError(request.operation)
        asked = json.loads(request.body)
        name, _, receipt = asked["ReceiptHandle"].rpartition("-")
        found = self.messages.get(name)
        if found is None or found.receipts != int(receipt) or found.visible <= self._now():
            return _error("MessageNotInflight")
        found.visible = self._now() + timedelta(seconds=asked["VisibilityTimeout"])
        return response(200, b"{}", content_type=_JSON)

    def refusal(self) -> AWSResponse:
        """Too much was asked of the queue."""
        return _error("RequestThrottled")

    def _bury(self) -> None:
        for one in list(self.messages.values()):
            if self.most_receipts is not None and one.receipts >= self.most_receipts and one.visible <= self._now():
                self.dead.append(one.body)
                del self.messages[one.id]


def queue_event(batch: Iterable[Queued]) -> dict[str, Any]:
    """The Lambda event of a batch."""
    return {
        "Records": [
            {
                "messageId": one.id,
                "receiptHandle": f"{one.id}-{one.receipts}",
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": str(one.receipts)},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:sales",
            }
            for one in batch
        ]
    }


def _error(code: str) -> AWSResponse:
    refused = {"__type": f"com.amazonaws.sqs#{code}", "message": "refused by the test"}
    return response(400, json.dumps(refused).encode(), content_type=_JSON)
