"""Queries, built step by step and read by page, one by one, or counted.

store.query("GSI1", tenant="a", category="dress", season="Q4").between("2025-10-01", "2025-12-31").page(limit=50)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from shardwell.codec import Codec, Item
from shardwell.connection import Connection
from shardwell.cursor import Place, binding_of, read_cursor, write_cursor
from shardwell.errors import BadQuery
from shardwell.expressions import Condition, F, Placeholders, every
from shardwell.fanout import Merge, Meter, Partition, Reader, share
from shardwell.keypart import shown
from shardwell.keys import Key, shard_text
from shardwell.moving import MovingMerge, Ordering
from shardwell.projection import Projection
from shardwell.sort_range import SortRange, native_range
from shardwell.template import SHARD, Template

MOST_LIMIT = 10_000
_MOVING_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a query in order, and the cursor to the next ones; None where there are no more.

    `read` says what it cost: requests, items looked at, and read units. A page may hold fewer items than asked for.
    """

    items: list[Item]
    cursor: str | None
    read: Meter


@dataclass(frozen=True)
class Query:
    """A question to a table or an index. Each method gives a new query; nothing is read before the last one."""

    connection: Connection
    codec: Codec
    index_name: str | None
    index: Key
    partitions: Mapping[int, Any]
    binding: tuple[Any, ...]
    pinned: Condition | None
    sort: SortRange | None = None
    ascending: bool = True
    filter: Condition | None = None
    fields: tuple[str, ...] = ()
    strongly: bool = False
    every_shape_too: bool = False

    def equal(self, *values: Any) -> Query:
        """Items whose sort key has these values in its leading fields."""
        return self._sorted("equal", values)

    def begins_with(self, *values: Any) -> Query:
        """Items whose sort key begins so: whole leading fields, and the beginning of the next as the last value."""
        return self._sorted("begins_with", values)

    def between(self, low: Any, high: Any) -> Query:
        """Items whose leading sort field is from `low` to `high`, both included; tuples give several fields."""
        return self._sorted("between", low, high)

    def before(self, *values: Any) -> Query:
        """Items whose leading sort fields come before these values."""
        return self._sorted("before", values)

    def after(self, *values: Any) -> Query:
        """Items whose leading sort fields come after these values."""
        return self._sorted("after", values)

    def newest_first(self) -> Query:
        """The same items in descending order of the sort key."""
        return replace(self, ascending=False)

    def where(self, condition: Condition) -> Query:
        """Only items for which `condition` holds; DynamoDB reads, and charges for, the others too."""
        self._projection.check_condition(condition)
        return replace(self, filter=every(self.filter, condition))

    def only(self, *fields: str) -> Query:
        """Items with these fields alone."""
        self._projection.check_fields(fields)
        return replace(self, fields=fields)

    def consistent(self) -> Query:
        """Read what was written last, at twice the price; an index cannot."""
        if self.index_name is not None:
            raise BadQuery(
                f"{self.index_name} is an index, and indexes follow the table with a delay: query the table."
            )
        return replace(self, strongly=True)

    def every_shape(self) -> Query:
        """Items of every shape that share the partition, not of this shape alone."""
        return replace(self, every_shape_too=True)

    def page(self, *, limit: int = 100, cursor: str | None = None) -> Page:
        """The first `limit` items, or those after `cursor`."""
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_LIMIT:
            raise BadQuery(f"The limit is {limit!r}: it must be a whole number from 1 to {MOST_LIMIT}.")
        binding = binding_of(self.connection.table_name, *self._bound())
        keys = self.connection.cursor_keys
        place = Place() if cursor is None else read_cursor(cursor, binding, keys)
        meter = Meter()
        merge = self._merge(place, meter, share(limit, len(self.partitions)))
        items = [self._item(encoded) for encoded in merge.take(limit)]
        onward = merge.place
        return Page(items, None if onward is None else write_cursor(onward, binding, keys), meter)

    def __iter__(self) -> Iterator[Item]:
        return map(self._item, self._merge(Place(), Meter(), None))

    def first(self) -> Item | None:
        """The first item, or None."""
        found = self._merge(Place(), Meter(), 1).take(1)
        return self._item(found[0]) if found else None

    def count(self) -> int:
        """How many items there are; each is read, and charged for, but none is sent.

        Their keys are, where the table has several shapes or the index is changing its shard count.
        """
        if self._of_one_shape_among_several or self._moving:
            keys = replace(self, fields=self.codec.key_attributes(self.index))
            return sum(1 for _ in keys._merge(Place(), Meter(), None))
        readers = replace(self, fields=())._readers(Place(), Meter(), None)
        return sum(self.connection.pool.map(Reader.count, readers))

    def _merge(self, place: Place, meter: Meter, page: int | None) -> Merge | MovingMerge:
        sort_name = None if self.index.sort is None else self.index.sort.name
        table_key = tuple(attribute.name for attribute in self.codec.table.key.attributes)
        if not self._moving:
            readers = self._readers(place, meter, page)
            return Merge(readers, place, ascending=self.ascending, sort_name=sort_name, table_key=table_key)
        size = page or share(_MOVING_PAGE, len(self.partitions))
        ordering = Ordering(sort_name, table_key, self.codec.key_attributes(self.index), self.ascending)
        return MovingMerge(lambda here: self._readers(here, meter, size), place, ordering)

    @cached_property
    def _projection(self) -> Projection:
        return Projection(self.codec, self.index_name)

    def _item(self, encoded: Mapping[str, Any]) -> Item:
        return self._projection.item(encoded, self.fields)

    def _sorted(self, relation: str, *values: Any) -> Query:
        if self.index.sort is None:
            raise BadQuery(f"{self.index_name or 'The table'} has no sort key: leave out {relation}.")
        if self.sort is not None:
            raise BadQuery(
                f"The query has a condition on {self.index.sort.name} already: DynamoDB takes one; use where."
            )
        template = self.index.sort.template
        if template is None:
            return replace(self, sort=native_range(self.index.sort, relation, values))
        given = [value if isinstance(value, tuple) else (value,) for value in values]
        asked = _template_range(template, relation, given)
        for value in asked.values:
            self.index.sort.within_limit(value)
        return replace(self, sort=asked)

    def _bound(self) -> tuple[Any, ...]:
        placeholders = Placeholders()
        text = "" if self.filter is None else self.filter.text(placeholders)
        filtered = (text, sorted(placeholders.names.items()), sorted(map(str, placeholders.values.items())))
        sort = self.sort and (self.sort.operator, [str(value) for value in self.sort.values])
        return (self.index_name, self.binding, sort, self.ascending, filtered, self.fields, self.every_shape_too)

    def _readers(self, place: Place, meter: Meter, page: int | None) -> list[Reader]:
        placeholders = Placeholders()
        request: dict[str, Any] = {"TableName": self.connection.table_name, "ReturnConsumedCapacity": "TOTAL"}
        if self.index_name is not None:
            request["IndexName"] = self.index_name
        if self.strongly:
            request["ConsistentRead"] = True
        request["ScanIndexForward"] = self.ascending
        sort = self._sort_condition(placeholders)
        wanted = every(self.pinned, self.filter, self.codec.alive(self.connection.ambient.now()))
        if wanted is not None:
            request["FilterExpression"] = wanted.text(placeholders)
        if self.fields:
            names = map(placeholders.name, self._projection.request_names(self.fields))
            request["ProjectionExpression"] = ", ".join(names)
        partition_name = placeholders.name(self.index.partition.name)
        key_names = self.codec.key_attributes(self.index)
        keeps = self.codec.owns if self._of_one_shape_among_several else None
        readers = []
        for shard, value in self.partitions.items():
            own = Placeholders(placeholders.names, dict(placeholders.values))
            condition = f"{partition_name} = {own.value(self.index.partition.name, value)}{sort}"
            asked = {**request, "KeyConditionExpression": condition, **own.request()}
            done = shard in place.done and not self._moving
            partition = Partition(shard, asked, key_names, place.positions.get(shard), done, keeps)
            readers.append(Reader(self.connection, partition, meter=meter, page=page))
        return readers

    @property
    def _of_one_shape_among_several(self) -> bool:
        return len(self.codec.table.shapes) > 1 and not self.every_shape_too

    @property
    def _moving(self) -> bool:
        """Whether items may move into a shard that has been read to its end: the shard count has changed."""
        return self.index.sharding is not None and bool(self.index.sharding.former)

    def _sort_condition(self, placeholders: Placeholders) -> str:
        sort = self.sort or self._range_of_shape()
        if sort is None or self.index.sort is None:
            return ""
        return " AND " + sort.text(self.index.sort.name, placeholders)

    def _range_of_shape(self) -> SortRange | None:
        """In a table of several shapes, the part of the partition where this one's items are."""
        if not self._of_one_shape_among_several or self.index.sort is None:
            return None
        template = self.index.sort.template
        return SortRange.within(*template.range_of((), ())) if template is not None and template.prefix else None


def start_query(connection: Connection, codec: Codec, index_name: str | None, fields: Mapping[str, Any]) -> Query:
    """The query of one partition, over all of its shards or, where the field that decides it is given, over one."""
    index = codec.index(index_name)
    sharding = index.sharding
    wanted = [name for name in index.partition.fields if name != SHARD]
    pins = {sharding.by} - set(wanted) if sharding is not None else set()
    missing = [name for name in wanted if fields.get(name) is None]
    unknown = fields.keys() - set(wanted) - pins
    if missing or unknown:
        wrong = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(sorted(unknown))} besides"
        raise BadQuery(f"A query of {index_name or 'the table'} needs {', '.join(wanted)}, and this one {wrong}.")
    if sharding is None:
        return Query(connection, codec, index_name, index, {0: index.partition.value(fields)}, _binding(fields), None)
    pin = fields.get(sharding.by)
    shards = sharding.shards if pin is None else sharding.shards_holding(shard_text(sharding.by, pin))
    pinned = F(sharding.by) == codec.normalised({sharding.by: pin})[sharding.by] if pins and pin is not None else None
    partitions = {shard: index.partition.value({**fields, SHARD: shard}) for shard in shards}
    return Query(connection, codec, index_name, index, partitions, _binding(fields), pinned)


def _binding(fields: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, str(value)) for name, value in fields.items()))


def _template_range(template: Template, relation: str, given: list[tuple[Any, ...]]) -> SortRange:
    for values in given:
        if not 1 <= len(values) <= len(template.fields):
            raise BadQuery(
                f"The sort key {template.source!r} is compared with {len(values)} values: give 1 to "
                f"{len(template.fields)}, for {', '.join(template.fields)}."
            )
    match relation:
        case "equal":
            return SortRange.within(*template.range_equal(given[0]))
        case "begins_with":
            *whole, beginning = given[0]
            if not isinstance(beginning, str):
                raise BadQuery(f"The beginning of a sort key is {shown(beginning)}: give text.")
            return SortRange.within(*template.range_beginning(tuple(whole), beginning))
        case "before":
            return SortRange.within(*template.range_before(given[0]))
        case "after":
            return SortRange.within(*template.range_after(given[0]))
        case _:
            return SortRange.within(*template.range_of(given[0], given[1]))
