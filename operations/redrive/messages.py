"""Messages of a queue, received to be looked at: each once, hidden from others for a while, and given back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

HIDDEN_SECONDS = 900
"""How long nobody else sees a message that was received, if this process dies before it gives it back."""
WAIT_SECONDS = 2
"""A queue is on many servers: only an answer that was waited for has asked them all."""
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: what it says, and what SQS and its sender say of it."""

    id: str
    receipt: str
    body: str
    system: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sent(self) -> datetime | None:
        """When it was sent."""
        at = self.system.get("SentTimestamp")
        return datetime.fromtimestamp(int(at) / 1000, UTC) if at else None

    @property
    def received(self) -> int:
        """How often it was received."""
        return int(self.system.get("ApproximateReceiveCount", 1))

    def attribute(self, name: str) -> str | None:
        """A text that its sender has put on it."""
        found = self.attributes.get(name, {}).get("StringValue")
        return found if isinstance(found, str) else None


class Holding:
    """The messages of a queue while a block runs. What was not deleted in it is back in the queue when it ends."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._held: dict[str, str] = {}
        """The receipt of each message that has to be given back."""
        self._seen: set[str] = set()

    def __enter__(self) -> Holding:
        return self

    def batches(self) -> Iterator[list[Letter]]:
        """The messages, up to ten at a time, until there are none that were not seen."""
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            letters = [_letter(one) for one in answer.get("Messages", [])]
            self._held.update((letter.id, letter.receipt) for letter in letters)
            new = [letter for letter in letters if letter.id not in self._seen]
            if not new:
                return
            self._seen.update(letter.id for letter in new)
            yield new

    def delete(self, letters: Sequence[Letter]) -> list[Letter]:
        """Delete messages of one batch; those that SQS did not delete, which are still there."""
        if not letters:
            return []
        by_id = {str(number): letter for number, letter in enumerate(letters)}
        entries = [{"Id": number, "ReceiptHandle": self._held[letter.id]} for number, letter in by_id.items()]
        answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for one in answer.get("Successful", []):
            self._held.pop(by_id[one["Id"]].id, None)
        return [by_id[one["Id"]] for one in answer.get("Failed", [])]

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        receipts = list(self._held.values())
        for start in range(0, len(receipts), AT_ONCE):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[start : start + AT_ONCE])
            ]
            # One that is refused is visible already, or will be by itself.
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)


def _letter(given: Mapping[str, Any]) -> Letter:
    return Letter(
        id=given["MessageId"],
        receipt=given["ReceiptHandle"],
        body=given["Body"],
        system=given.get("Attributes", {}),
        attributes=given.get("MessageAttributes", {}),
    )
