"""Lambda's reader of one shard of a stream: in order, one batch at a time, halved on an error, and sometimes again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Record = dict[str, Any]


class Poller:
    """Reads a shard's records, which grow at their end, and gives them to a function."""

    def __init__(self, shard: str, records: Sequence[Record], *, chance: Random, batch: int, again: float) -> None:
        self._shard = shard
        self._records = records
        self._chance = chance
        self._batch = batch
        self._again = again
        """How probable it is, after each success, that records which were read are read again."""
        self._position = 0
        self._left: list[list[Record]] = []
        self._done: list[list[Record]] = []
        self._tries = 0
        self._busy = False
        self.skipped: list[Record] = []
        self.most_tries: int | None = None
        """Of one record alone. None: there is no end to it."""

    @property
    def idle(self) -> bool:
        """Whether all there is has been read."""
        return not self._left and self._position >= len(self._records)

    def poll(self, invoke: Callable[[dict[str, Any]], bool]) -> None:
        """Read on until there is no more, or something fails; `invoke` tells whether a batch was taken."""
        if self._busy:  # A shard is read by one call at a time.
            return
        self._busy = True
        try:
            while not self.idle and self._next(invoke):
                pass
        finally:
            self._busy = False

    def _next(self, invoke: Callable[[dict[str, Any]], bool]) -> bool:
        if not self._left:
            size = self._chance.randint(1, self._batch)
            batch = list(self._records[self._position : self._position + size])
            self._position += len(batch)
            self._left = [batch]
            self._tries = 0
        batch = self._left[0]
        if not invoke(self._event(batch)):
            self._after_failure(batch)
            return False
        self._left.pop(0)
        self._tries = 0
        self._done.append(batch)
        if self._chance.random() < self._again:
            self._read_again(invoke)
        return True

    def _after_failure(self, batch: list[Record]) -> None:
        if len(batch) > 1:
            half = len(batch) // 2
            self._left[:1] = [batch[:half], batch[half:]]
            return
        self._tries += 1
        if self.most_tries is not None and self._tries >= self.most_tries:
            self.skipped += batch
            self._left.pop(0)
            self._tries = 0

    def _read_again(self, invoke: Callable[[dict[str, Any]], bool]) -> None:
        """A batch from before comes once more, late; or reading goes on from an earlier place, in other batches."""
        if self._chance.random() < 0.5:
            invoke(self._event(self._chance.choice(self._done)))
        elif not self._left:
            self._position = max(0, self._position - self._chance.randint(1, self._batch + 1))

    def _event(self, batch: list[Record]) -> dict[str, Any]:
        return {"Records": batch, "shardId": self._shard, "state": {}, "isFinalInvokeForWindow": False}
