"""The errors a caller can act on. Every message names the value, the limit and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class ShardwellError(Exception):
    """Anything this library refuses or could not do."""


class SchemaError(ShardwellError):
    """A table description, or the use made of it, contradicts itself."""


class BadItem(ShardwellError):
    """An item or a field of it is not what the description says: nothing was written."""


class BadKeyPart(BadItem):
    """A value cannot be part of a key: nothing was read or written."""


class TooLarge(BadItem):
    """An item, a key or a request is over a limit of DynamoDB: nothing was written."""


class BadQuery(ShardwellError):
    """A query asks for something its index or its limits cannot give."""


class BadCursor(ShardwellError):
    """A cursor is forged, damaged, or belongs to another query or tenant."""


class Damaged(ShardwellError):
    """Stored bytes are not what was once written, or nothing of ours."""


class NotFound(ShardwellError):
    """No live item has this key."""


class AlreadyExists(ShardwellError):
    """A live item has this key already: nothing was written."""


class ConditionFailed(ShardwellError):
    """The item is there, but the condition of the write does not hold: nothing was written."""


class VersionConflict(ConditionFailed):
    """Somebody else changed the item since it was read: nothing was written."""


class TransactionFailed(ShardwellError):
    """A transaction was cancelled as a whole; `reasons` has one entry a write, None where it was fine."""

    def __init__(self, message: str, reasons: Sequence[ShardwellError | None]) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


class Throttled(ShardwellError):
    """DynamoDB refused for lack of capacity, and went on refusing after the retries."""


class Unavailable(ShardwellError):
    """DynamoDB could not be reached, answered with a fault of its own, or its answer was lost."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One item of a batch that was not done, and why."""

    item: Any
    error: Exception


class PartialFailure(ShardwellError):
    """Part of a batch was not done: `failures` has each item that failed, `succeeded` counts the others."""

    def __init__(self, succeeded: int, failures: Sequence[Failure]) -> None:
        super().__init__(
            f"{len(failures)} of {succeeded + len(failures)} items failed, the first with: {failures[0].error}; "
            "`failures` lists each, and they alone need to be sent again."
        )
        self.succeeded = succeeded
        self.failures = tuple(failures)
