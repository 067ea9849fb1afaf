"""What a failed message is: an event, a delivery that failed, a position of a stream, or a call of a function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from operations.redrive.messages import Letter

TARGET = "TARGET_ARN"
"""The attribute in which EventBridge says what it could not deliver to."""
OF_DELIVERY = frozenset(
    {"RULE_ARN", TARGET, "ERROR_CODE", "ERROR_MESSAGE", "EXHAUSTED_RETRY_CONDITION", "RETRY_ATTEMPTS"}
)
"""What EventBridge says of a delivery that failed."""


@dataclass(frozen=True, slots=True)
class Position:
    """A part of a stream's shard that its function could not deal with; the changes themselves are in the stream."""

    stream: str
    shard: str
    first: str
    last: str
    count: int
    arrived: tuple[str, str]
    """When the first and the last of its changes were made, about."""

    @property
    def table(self) -> str:
        """The name of the table that the stream is of."""
        return self.stream.partition(":table/")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function that failed, and what it was called with."""

    function: str
    payload: Any


def content(letter: Letter) -> Any:
    """What a message says, of JSON; its text where it is none."""
    try:
        return json.loads(letter.body)
    except (ValueError, RecursionError):
        return letter.body


def title_of(letter: Letter) -> str:
    """What a message is, in a few words."""
    told = content(letter)
    if isinstance(told, dict) and "detail-type" in told:
        return f"{told['detail-type']} of {told.get('source')}, {told.get('time')}"
    if position := position_of(letter):
        return f"{position.count:,} changes of {position.table}, {' to '.join(position.arrived)}"
    if call := call_of(letter):
        return f"a call of {call.function.rpartition(':')[2]}"
    return f"{len(letter.body.encode()):,} bytes"


def position_of(letter: Letter) -> Position | None:
    """The position in a stream that a message tells of; None where it tells of none."""
    told = content(letter)
    found = told.get("DDBStreamBatchInfo") if isinstance(told, dict) else None
    if not isinstance(found, dict):
        return None
    try:
        return Position(
            stream=found["streamArn"],
            shard=found["shardId"],
            first=found["startSequenceNumber"],
            last=found["endSequenceNumber"],
            count=int(found["batchSize"]),
            arrived=(found["approximateArrivalOfFirstRecord"], found["approximateArrivalOfLastRecord"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def call_of(letter: Letter) -> Call | None:
    """The call that a message tells of; None where it tells of none."""
    told = content(letter)
    if not isinstance(told, dict) or "requestPayload" not in told:
        return None
    function = (told.get("requestContext") or {}).get("functionArn")
    return Call(function, told["requestPayload"]) if isinstance(function, str) else None
