"""Reading several partitions as one ordered stream while items move between them.

As long as an index has more than one shard count, writing an item anew may move it to another shard. A reader that
looks into the new shard before the move and into the old one after it would miss the item. So each round looks into
all shards twice, one look after the other: an item that moves once is where it was during the whole first look, or
where it will be during the whole second. Seen in both places, it is given out once. Nothing is kept from one round to
the next but where to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from shardwell.cursor import Place, Position
from shardwell.fanout import Encoded, Reader
from shardwell.values import decode_value

Sighting = tuple[Any, int, Encoded]
"""Sort value, shard and item."""


class MovingMerge:
    """The items of a query in the order of their sort key, each once, though they move."""

    def __init__(
        self,
        readers: Callable[[Place], list[Reader]],
        place: Place,
        *,
        ascending: bool,
        sort_name: str,
        table_key: tuple[str, ...],
    ) -> None:
        self.place: Place | None = place
        self._readers = readers
        self._ascending = ascending
        self._sort_name = sort_name
        self._table_key = table_key
        self._tied: set[tuple[Any, ...]] = set()

    def take(self, most: int) -> list[Encoded]:
        """The next `most` items, or as many as there are."""
        found: list[Encoded] = []
        while self.place is not None and len(found) < most:
            found.extend(self._round(self.place, most - len(found)))
        return found

    def __iter__(self) -> Iterator[Encoded]:
        while self.place is not None:
            yield from self._round(self.place, None)

    def _round(self, place: Place, most: int | None) -> list[Encoded]:
        looks = [self._look(place), self._look(place)]
        sightings = [sighting for look in looks for reader in look for sighting in self._sightings(reader)]
        sightings.sort(key=itemgetter(0), reverse=not self._ascending)
        reached = [self._value(reader.reached) for look in looks for reader in look if reader.reached is not None]
        certain = self._up_to(sightings, reached)
        fresh = self._fresh(certain, place)
        given = fresh[:most]
        if len(given) < len(fresh):
            certain = certain[: certain.index(given[-1]) + 1]
        self.place = self._onward(place, looks, certain, sightings, whole=len(given) == len(fresh))
        self._remember(given)
        return [item for _, _, item in given]

    def _look(self, place: Place) -> list[Reader]:
        readers = self._readers(place)
        for reader in readers:
            reader.ask()
        for reader in readers:
            if reader.open:
                reader.receive()
        return readers

    def _sightings(self, reader: Reader) -> Iterator[Sighting]:
        return ((self._value(item), reader.shard, item) for item in reader.waiting)

    def _up_to(self, sightings: list[Sighting], reached: list[Any]) -> list[Sighting]:
        """The sightings that no shard can have something before: those up to where each shard has been read."""
        if not reached:
            return sightings
        end = min(reached) if self._ascending else max(reached)
        return [one for one in sightings if (one[0] <= end if self._ascending else one[0] >= end)]

    def _fresh(self, certain: list[Sighting], place: Place) -> list[Sighting]:
        """One sighting of each item that has not been given out before."""
        last = None if place.last is None else decode_value(place.last)
        known = set(self._tied) | {tuple(map(str, p[-len(self._table_key) :])) for p in place.positions.values() if p}
        fresh = []
        for one in certain:
            before = last is not None and (one[0] < last if self._ascending else one[0] > last)
            if not before and (identity := self._identity(one[2])) not in known:
                known.add(identity)
                fresh.append(one)
        return fresh

    def _onward(
        self, place: Place, looks: list[list[Reader]], certain: list[Sighting], seen: list[Sighting], *, whole: bool
    ) -> Place | None:
        """Where the next round begins; None where every shard has been read to its end and all of it given out."""
        positions: dict[int, Position] = dict(place.positions)
        for _, shard, item in certain:
            positions[shard] = [item[name] for name in looks[0][0].key_names]
        ended = not any(reader.open for look in looks for reader in look)
        if ended and whole and len(certain) == len(seen):
            return None
        if whole:
            self._pass_by(looks, positions)
        last = certain[-1][2][self._sort_name] if certain else place.last
        return Place(positions, last)

    def _pass_by(self, looks: list[list[Reader]], positions: dict[int, Position]) -> None:
        """Go on after what a filter dropped, in the shards that were read least far: they decide what is certain."""
        found = [reader for look in looks for reader in look if reader.reached is not None]
        ends = [self._value(reader.reached) for reader in found if reader.reached is not None]
        if not ends:
            return
        end = min(ends) if self._ascending else max(ends)
        for reader, reached in zip(found, ends, strict=True):
            if reached == end and reader.reached is not None:
                positions[reader.shard] = [reader.reached[name] for name in reader.key_names]

    def _remember(self, given: list[Sighting]) -> None:
        """Keep the items given out that share the last sort value: those alone can turn up again."""
        if given:
            last = given[-1][0]
            if not all(one[0] == last for one in given):
                self._tied.clear()
            self._tied |= {self._identity(one[2]) for one in given if one[0] == last}

    def _identity(self, item: Encoded) -> tuple[str, ...]:
        return tuple(str(item[name]) for name in self._table_key)

    def _value(self, item: Encoded) -> Any:
        return decode_value(item[self._sort_name])
