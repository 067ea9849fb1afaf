"""Reading several partitions as one ordered stream while items move between them.

As long as an index has more than one shard count, writing an item anew may move it to another shard. A reader that
looks into the new shard before the move and into the old one after it would miss the item. So each round looks into
all shards twice, one look after the other: an item that moves once is where it was during the whole first look, or
where it will be during the whole second. Seen in both places, it is given out once.

The order must not depend on the shard either, or an item could move past the place where a page ended. Items that
share a sort key are in the order of their table key, and the place is the last item's sort key and table key. DynamoDB
keeps no such order, so a round that ends among items of one sort key has read all of them: it remembers only as many
as it may give out. Nothing is kept from one round to the next but where to go on.

Three gaps remain. An item that moves twice while one round looks can be missed. A cursor of a reader that knew one
count only holds a position in each shard: an item that moves behind one of them, before the walk has come past its sort
key, can be missed, and one of the cursor's last sort key repeated; so nothing must move before those cursors are out of
use. And an index follows its table by two writes, out of one partition and into the other: DynamoDB does not say in
which order, and a reader that comes between them may find the item in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shardwell.cursor import Place, Position
from shardwell.fanout import Encoded, Reader
from shardwell.values import decode_value

Spot = tuple[Any, ...]
"""Where an item is in the order: its sort value, then its table key."""

_ROUND = 1_000
_LARGEST_ROUND = 10_000


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of the items: the attributes it is made of, and its direction."""

    sort_name: str | None
    table_key: tuple[str, ...]
    key_names: tuple[str, ...]
    ascending: bool

    def spot(self, item: Encoded) -> Spot:
        """Where `item` is in the order."""
        return (*self.value(item), *(decode_value(item[name]) for name in self.table_key))

    def value(self, item: Encoded) -> Spot:
        """The part of the order that DynamoDB keeps in each shard: the sort value."""
        return () if self.sort_name is None else (decode_value(item[self.sort_name]),)

    def value_of(self, spot: Spot) -> Spot:
        """The sort value of a spot."""
        return spot[: len(spot) - len(self.table_key)]

    def item_at(self, position: Position) -> Encoded:
        """The key attributes that a shard's position stands for."""
        return dict(zip(self.key_names, position or (), strict=True))

    def after(self, one: Spot, other: Spot) -> bool:
        """Whether `one` comes later than `other`."""
        return one > other if self.ascending else one < other

    def sorted(self, spots: Iterable[Spot]) -> list[Spot]:
        """The spots in this order."""
        return sorted(spots, reverse=not self.ascending)


class MovingMerge:
    """The items of a query in the order of their sort key, each once, though they move."""

    def __init__(self, readers: Callable[[Place], list[Reader]], place: Place, ordering: Ordering) -> None:
        self.place: Place | None = place
        self._readers = readers
        self._ordering = ordering

    def take(self, most: int) -> list[Encoded]:
        """The next `most` items, or as many as there are."""
        found: list[Encoded] = []
        while self.place is not None and len(found) < most:
            found.extend(self._round(self.place, most - len(found)))
        return found

    def __iter__(self) -> Iterator[Encoded]:
        size = _ROUND
        while (place := self.place) is not None:
            yield from self._round(place, size)
            among_one_sort_key = self.place is not None and self.place.last == place.last
            size = min(2 * size, _LARGEST_ROUND) if among_one_sort_key else _ROUND

    def _round(self, place: Place, most: int) -> list[Encoded]:
        seen = _Seen(self._ordering, place, most)
        unread = [self._look(seen), self._look(seen)]
        self.place = seen.onward() if any(unread) or seen.more else None
        return seen.given()

    def _look(self, seen: _Seen) -> bool:
        """Read every shard as far as the round needs it; whether some shard may have more."""
        readers = self._readers(seen.place)
        asked = readers
        while asked:
            for reader in asked:
                reader.ask()
            for reader in asked:
                reader.receive()
                seen.note(reader)
            asked = [reader for reader in asked if reader.reached is not None and not seen.enough(reader.reached)]
        return any(reader.open for reader in readers)


class _Seen:
    """What one round has seen after its place: the first items in order, and how far each shard has been read."""

    def __init__(self, ordering: Ordering, place: Place, most: int) -> None:
        self.place = place
        self._ordering = ordering
        self._most = most
        self._items: dict[Spot, Encoded] = {}
        self._passed: dict[int, dict[Spot, Position]] = {}
        self._last = () if place.last is None else (decode_value(place.last),)
        self._within = None if place.within is None else tuple(map(decode_value, place.within))
        self._known = {ordering.spot(ordering.item_at(p)) for p in place.positions.values() if p}

    @property
    def more(self) -> bool:
        """Whether more items have been seen than the round may give out."""
        return len(self._items) > self._most

    def note(self, reader: Reader) -> None:
        """Take in what a reader has just received."""
        passed = self._passed.setdefault(reader.shard, {})
        for item in reader.waiting:
            spot = self._ordering.spot(item)
            passed[self._ordering.value_of(spot)] = self._position(item)
            if self._is_ahead(spot):
                self._items[spot] = item
        if reader.reached is not None:
            passed[self._ordering.value(reader.reached)] = self._position(reader.reached)
        if self.more:  # one over the most is enough to know that there are more
            kept = self._ordering.sorted(self._items)[: self._most + 1]
            self._items = {spot: self._items[spot] for spot in kept}

    def enough(self, reached: Encoded) -> bool:
        """Whether a shard that has been read up to here can have nothing more that this round gives out."""
        if len(self._items) < self._most:
            return False
        last = self._ordering.sorted(self._items)[self._most - 1]
        return self._ordering.after(self._ordering.value(reached), self._ordering.value_of(last))

    def given(self) -> list[Encoded]:
        """The items that the round gives out; one that was rewritten under another sort key meanwhile, once."""
        found: dict[Spot, Encoded] = {}
        for spot in self._chosen():
            found.setdefault(spot[len(self._ordering.value_of(spot)) :], self._items[spot])
        return list(found.values())

    def onward(self) -> Place:
        """Where the next round begins: each shard's position is before the items that share the last sort key."""
        last = self._chosen()[-1]
        positions = dict(self.place.positions)
        for shard, passed in self._passed.items():
            before = [value for value in passed if self._ordering.after(self._ordering.value_of(last), value)]
            if before:
                positions[shard] = passed[self._ordering.sorted(before)[-1]]
        item, name = self._items[last], self._ordering.sort_name
        within = [item[one] for one in self._ordering.table_key]
        return Place(positions, None if name is None else item[name], within=within)

    def _chosen(self) -> list[Spot]:
        return self._ordering.sorted(self._items)[: self._most]

    def _is_ahead(self, spot: Spot) -> bool:
        if spot in self._known:
            return False
        if self._within is not None:
            return self._ordering.after(spot, (*self._last, *self._within))
        return not self._last or not self._ordering.after(self._last, self._ordering.value_of(spot))

    def _position(self, item: Encoded) -> Position:
        return [item[name] for name in self._ordering.key_names]
