"""Reading several partitions at once as one ordered stream.

Each round asks all partitions that have run dry at the same time, then gives out every item up to the first sort key
that some partition may still have more of. A partition's items are given out in its own order, so a cursor needs only
the key of the last one given out of each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, sqrt
from operator import itemgetter
from threading import Lock
from typing import Any

from shardwell.client import call
from shardwell.connection import Connection
from shardwell.cursor import Place, Position
from shardwell.values import AttributeValue, decode_value

Encoded = Mapping[str, AttributeValue]
_MOST_ASKED = 1_000


@dataclass(slots=True)
class Meter:
    """What a reading cost: requests sent, items DynamoDB looked at, read units."""

    requests: int = 0
    looked_at: int = 0
    units: Decimal = Decimal(0)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def add(self, answer: Mapping[str, Any]) -> None:
        """Count one answer."""
        with self._lock:
            self.requests += 1
            self.looked_at += answer.get("ScannedCount", 0)
            self.units += Decimal(str(answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of a query: its shard, its request, and the names of the attributes that place an item in it;
    `position` is where to go on, `done` says that there is nothing more, and `keeps` which items are wanted."""

    shard: int
    request: Mapping[str, Any]
    key_names: tuple[str, ...]
    position: Position = None
    done: bool = False
    keeps: Callable[[Encoded], bool] | None = None


class Reader:
    """Reads one partition: what it has read and not given out yet, and where to go on."""

    def __init__(self, connection: Connection, partition: Partition, *, meter: Meter, page: int | None) -> None:
        self.shard = partition.shard
        self.waiting: list[Encoded] = []
        self.position = partition.position
        self._exhausted = partition.done
        self._connection = connection
        self._partition = partition
        self._meter = meter
        self._page = page
        self._ahead: Future[Mapping[str, Any]] | None = None
        self._from: Encoded | None = None
        if self.position:
            self._from = dict(zip(partition.key_names, self.position, strict=True))

    @property
    def open(self) -> bool:
        """Whether DynamoDB may have more of this partition than has been read."""
        return not self._exhausted

    @property
    def key_names(self) -> tuple[str, ...]:
        """The attributes that place an item in the partition."""
        return self._partition.key_names

    @property
    def reached(self) -> Encoded | None:
        """The key that DynamoDB has read up to, where it may have more."""
        return self._from if self.open else None

    @property
    def done(self) -> bool:
        """Whether all that the partition had has been given out."""
        return self._exhausted and not self.waiting

    @property
    def dry(self) -> bool:
        """Whether it must ask before it can say what comes next."""
        return self.open and not self.waiting

    def ask(self) -> None:
        """Send the next request, if none is under way."""
        if self._ahead is None and self.open:
            self._ahead = self._connection.pool.submit(self._send)

    def receive(self) -> None:
        """Wait for the answer that was asked for; when the whole query is wanted, ask for the next page at once."""
        if self._ahead is None:
            raise RuntimeError("receive() comes after ask().")
        answer, self._ahead = self._ahead.result(), None
        keeps = self._partition.keeps
        self.waiting = answer["Items"] if keeps is None else [item for item in answer["Items"] if keeps(item)]
        self._advance(answer)
        if self._from and not self.waiting:  # what a filter dropped need not be looked at again by the next page
            self.position = [self._from[name] for name in self._partition.key_names]
        if self._page is None:
            self.ask()
        else:
            self._page = min(2 * self._page, _MOST_ASKED)

    def give(self, count: int) -> None:
        """Note that the first `count` of the waiting items have been given out."""
        if count:
            last = self.waiting[count - 1]
            self.position = [last[name] for name in self._partition.key_names]
            self.waiting = self.waiting[count:]

    def gave(self, item: Encoded) -> bool:
        """Whether `item` is the last one given out; its partition does not matter, it may have moved since."""
        names = self._partition.key_names[1:]
        return self.position is not None and self.position[1:] == [item[name] for name in names]

    def count(self) -> int:
        """How many items there are, reading to the end."""
        found = 0
        while self.open:
            answer = self._send(Select="COUNT")
            found += answer["Count"]
            self._advance(answer)
        return found

    def _advance(self, answer: Mapping[str, Any]) -> None:
        self._from = answer.get("LastEvaluatedKey")
        self._exhausted = not self._from

    def _send(self, **further: Any) -> Mapping[str, Any]:
        request = {**self._partition.request, **further}
        if self._page is not None:
            request["Limit"] = self._page
        if self._from:
            request["ExclusiveStartKey"] = self._from
        answer: Mapping[str, Any] = call(self._connection.client.query, **request)
        self._meter.add(answer)
        return answer


class Merge:
    """The items of several readers in the order of their sort key."""

    def __init__(
        self,
        readers: list[Reader],
        place: Place,
        *,
        ascending: bool,
        sort_name: str | None,
        table_key: tuple[str, ...],
    ) -> None:
        self._readers = readers
        self._ascending = ascending
        self._sort_name = sort_name
        self._table_key = table_key
        self._last = place.last
        self._within = place.within

    def take(self, most: int) -> list[Encoded]:
        """The next `most` items, or as many as there are."""
        found: list[Encoded] = []
        while len(found) < most and (given := self.round(most - len(found))) is not None:
            found.extend(given)
        return found

    def __iter__(self) -> Iterator[Encoded]:
        while (given := self.round(None)) is not None:
            yield from given

    @property
    def place(self) -> Place | None:
        """Where reading goes on after what was given out; None where nothing can follow."""
        done = frozenset(reader.shard for reader in self._readers if reader.done)
        positions = {reader.shard: reader.position for reader in self._readers}
        return None if len(done) == len(self._readers) else Place(positions, self._last, done, self._within)

    def round(self, most: int | None) -> list[Encoded] | None:
        """Ask every reader that has run dry, and give out what is in order for certain; None after the end."""
        dry = [reader for reader in self._readers if reader.dry]
        if not dry and not any(reader.waiting for reader in self._readers):
            return None
        for reader in dry:
            reader.ask()
        for reader in dry:
            reader.receive()
        ready = self._ready()[:most]
        counts = [0] * len(self._readers)
        for _, index, _ in ready:
            counts[index] += 1
        found = self._without_repeated(ready)
        for reader, count in zip(self._readers, counts, strict=True):
            reader.give(count)
        return found

    def _ready(self) -> list[tuple[Any, int, Encoded]]:
        """Sort value, reader and item of all that can be given out, in order.

        Items with the same sort value keep their reader's order: DynamoDB's own, which a cursor goes on in.
        """
        found: list[tuple[Any, int, Encoded]] = []
        for index, reader in enumerate(self._readers):
            found.extend((self._sort_value(item), index, item) for item in reader.waiting)
        if len(self._readers) == 1 or self._sort_name is None:
            return found
        found.sort(key=itemgetter(0), reverse=not self._ascending)
        ends = [self._sort_value(reader.waiting[-1]) for reader in self._readers if reader.open and reader.waiting]
        if any(reader.dry for reader in self._readers):
            return []
        if not ends:
            return found
        if self._ascending:
            return found[: bisect_right(found, min(ends), key=itemgetter(0))]
        end = max(ends)
        return [entry for entry in found if entry[0] >= end]

    def _without_repeated(self, ready: list[tuple[Any, int, Encoded]]) -> list[Encoded]:
        """The items of `ready` but those that had been given out before they moved, or while shards were changing."""
        last = None if self._last is None else decode_value(self._last)
        if self._within is not None or (last is not None and len(self._readers) > 1):
            ready = [entry for entry in ready if not self._was_given(entry, last)]
        if ready and self._sort_name is not None:
            if ready[-1][0] != last:
                self._within = None
            self._last = ready[-1][2][self._sort_name]
        return [item for _, _, item in ready]

    def _was_given(self, entry: tuple[Any, int, Encoded], last: Any) -> bool:
        value, _, item = entry
        if value != last:
            return bool(value < last if self._ascending else value > last)
        return self._is_within(item) or any(reader.gave(item) for reader in self._readers)

    def _is_within(self, item: Encoded) -> bool:
        """Whether a reading that ordered the items of the last sort key by their table key has come past `item`."""
        if self._within is None:
            return False
        key = [decode_value(item[name]) for name in self._table_key]
        within = [decode_value(value) for value in self._within]
        return key <= within if self._ascending else key >= within

    def _sort_value(self, item: Encoded) -> Any:
        return None if self._sort_name is None else decode_value(item[self._sort_name])


def share(page: int, shards: int) -> int:
    """How many items to ask of each shard for a page: its share and three standard deviations, so that one round of
    requests nearly always is enough, without reading a whole page from each."""
    if shards == 1:
        return min(page, _MOST_ASKED)
    mean = page / shards
    return min(page, ceil(mean + 3 * sqrt(mean)) + 1, _MOST_ASKED)
