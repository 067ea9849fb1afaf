"""Where a failed message goes back to: to its queue, to its function, or, of a stream's position, into the lake."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from carousel_sync.stage import Stager
from operations.redrive.contents import OF_DELIVERY, TARGET, Position, call_of, position_of
from operations.redrive.messages import Letter
from operations.redrive.positions import Lost, changes_at
from operations.redrive.queues import Queue, url_of
from operations.stage import SYNC_SYSTEM, Stage
from sales_intelligence.tables import SALES
from shardwell.errors import ShardwellError
from shardwell.stream_events import batch_of

MOST_BYTES = 262_144
"""What SQS takes at once everywhere, and the most that a message had for many years."""


class Left(Exception):
    """A message stays where it is, and why."""


@dataclass(frozen=True)
class Returning:
    """Sends failed messages of one queue back to where they came from."""

    stage: Stage
    queue: Queue
    sqs: Any
    to: str | None = None
    """The URL of a queue that is named in place of the one that they came from."""
    _targets: dict[str, str] = field(default_factory=dict)

    def place(self, letter: Letter) -> str:
        """Where a message goes, in words; Left where it has nowhere to go to."""
        if self.to is None and position_of(letter):
            return "the lake, read from the stream again"
        if self.to is None and (call := call_of(letter)):
            return f"function {call.function.rpartition(':')[2]}"
        return self._source(letter).rpartition("/")[2]

    def send(self, letters: Sequence[Letter]) -> Iterator[tuple[Letter, str | None]]:
        """Each message once it has arrived, or with the reason why it has not."""
        to_queues: dict[str, list[Letter]] = {}
        for letter in letters:
            try:
                if self.to is None and (position := position_of(letter)):
                    self._stage_changes(position)
                elif self.to is None and (call := call_of(letter)):
                    self._call(call.function, call.payload)
                else:
                    to_queues.setdefault(self._source(letter), []).append(letter)
                    continue
            except Left as left:
                yield letter, str(left)
            else:
                yield letter, None
        for url, some in to_queues.items():
            for pack in packs(some):
                yield from self._send_pack(url, pack)

    def rehearse(self, letter: Letter) -> str:
        """Where a message would go, in words; Left where it would stay, a position's changes read and not staged."""
        place = self.place(letter)
        if self.to is None and (position := position_of(letter)):
            rows = self._read(position, lambda records: len(self._rows(position, records)))
            return f"{place}: {rows:,} rows of {position.count:,} changes"
        return place

    def _send_pack(self, url: str, letters: Sequence[Letter]) -> Iterator[tuple[Letter, str | None]]:
        entries = [{"Id": str(number), **_message(letter)} for number, letter in enumerate(letters)]
        answer = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        failed = {one["Id"]: f"{one.get('Code')}: {one.get('Message', '')}" for one in answer.get("Failed", [])}
        for number, letter in enumerate(letters):
            reason = failed.get(str(number))
            yield letter, None if reason is None else f"SQS refused it ({reason})"

    def _source(self, letter: Letter) -> str:
        if self.to is not None:
            return self.to
        target = letter.attribute(TARGET)
        if target and ":sqs:" not in target:
            raise Left(f"it was for {target}, which is no queue: that is called again by its rule, so drop this")
        sources = (target,) if target else self.queue.sources
        if len(sources) != 1:
            names = ", ".join(arn.rpartition(":")[2] for arn in sources) or "none"
            raise Left(f"where it came from is not known (candidates: {names}): name a queue with --to")
        if sources[0] not in self._targets:
            self._targets[sources[0]] = url_of(self.sqs, sources[0])
        return self._targets[sources[0]]

    def _stage_changes(self, position: Position) -> None:
        def stage(records: Sequence[Mapping[str, Any]]) -> int:
            self._stager.stage(batch_of(records, shard=position.shard), kind="redriven")
            return len(records)

        # Read to its end before the first row is staged: of a position that is lost in part, nothing is.
        self._read(position, len)
        self._read(position, stage)

    def _rows(self, position: Position, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return self._stager.rows(batch_of(records, shard=position.shard).changes)

    def _read(self, position: Position, use: Any) -> int:
        if position.table != SALES.physical_name(self.stage.name):
            raise Left(f"it is of the table {position.table}, which no lake follows")
        try:
            return sum(use(records) for records in changes_at(self._streams, position))
        except Lost as lost:
            raise Left(
                f"{lost}; bring new sales back with `python -m operations.replay`, which reads the table "
                f"(changes of {position.arrived[0]} to {position.arrived[1]})"
            ) from lost
        except ParamValidationError as error:
            raise Left(f"it is no position of a stream: {' '.join(str(error).split())}") from error
        except (ShardwellError, ClientError) as error:
            raise Left(f"its rows cannot be made: {error}") from error

    def _call(self, function: str, payload: Any) -> None:
        try:
            self._functions.invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(payload).encode("utf-8")
            )
        except ClientError as error:
            raise Left(f"{function} was not called: {error}") from error

    @cached_property
    def _stager(self) -> Stager:
        return Stager(self.stage.client("s3"), self.stage.output(SYNC_SYSTEM, "StagingBucket"))

    @cached_property
    def _streams(self) -> Any:
        return self.stage.client("dynamodbstreams")

    @cached_property
    def _functions(self) -> Any:
        return self.stage.client("lambda")


def packs(letters: Sequence[Letter]) -> list[list[Letter]]:
    """The messages in as few requests as SQS takes them in: ten at most, and so many bytes."""
    found: list[list[Letter]] = []
    size = 0
    for letter in letters:
        own = _size(letter)
        if not found or len(found[-1]) == 10 or size + own > MOST_BYTES:
            found.append([])
            size = 0
        found[-1].append(letter)
        size += own
    return found


def _message(letter: Letter) -> dict[str, Any]:
    kept = {name: value for name, value in letter.attributes.items() if name not in OF_DELIVERY}
    return {"MessageBody": letter.body, "MessageAttributes": kept}


def _size(letter: Letter) -> int:
    attributes = sum(
        len(name.encode()) + sum(len(v if isinstance(v, bytes) else str(v).encode()) for v in value.values())
        for name, value in letter.attributes.items()
    )
    return len(letter.body.encode()) + attributes
