"""What a picture of a table says about each of its keys, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shardwell import Key, Shape, Table
from shardwell.fields import fields_of
from shardwell.template import SHARD


@dataclass(frozen=True, kw_only=True)
class KeyForm:
    """A key as one shape of item has it; `sparse` are the fields without which an item is not in it."""

    shape: str
    key: Key
    sparse: tuple[str, ...]

    @property
    def partition_fields(self) -> tuple[str, ...]:
        """The fields that a query of the key is given."""
        return tuple(field for field in self.key.partition.fields if field != SHARD)

    @property
    def sort_fields(self) -> tuple[str, ...]:
        """The fields that its answers are in the order of."""
        return self.key.sort.fields if self.key.sort else ()

    @property
    def purpose(self) -> str:
        """The access pattern: the one that was described, or what the key allows."""
        if self.key.purpose:
            return self.key.purpose
        of = f"items of one {listed(self.partition_fields)}" if self.partition_fields else "every item"
        return f"{of} by {listed(self.sort_fields)}" if self.sort_fields else of

    @property
    def pin(self) -> str | None:
        """The field that, given to a query as well, has it read one shard instead of all; None where there is none."""
        sharding = self.key.sharding
        return None if sharding is None or sharding.by in self.partition_fields else sharding.by


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """The table's own key (`index` is None) or an index, with a form for each shape that has it."""

    index: str | None
    forms: tuple[KeyForm, ...]
    holds: str
    partial: bool


def key_facts(table: Table) -> tuple[KeyFacts, ...]:
    """The table's key first, then its indexes in their order."""
    own = tuple(KeyForm(shape=name, key=shape.key, sparse=()) for name, shape in table.shapes.items())
    first = KeyFacts(index=None, forms=own, holds="whole items", partial=False)
    return (first, *(_of_index(table, index) for index in table.indexes))


def facts_of(table: Table) -> Iterator[tuple[str, str]]:
    """What holds for the whole table: a kind (`record`, `ttl`, `stream` or `version`) and a sentence."""
    named = [shape.record.__name__ for shape in table.shapes.values() if shape.record]
    if len(table.shapes) > 1:
        yield "record", f"{len(table.shapes)} shapes of item: {', '.join(table.shapes)}"
    elif named:
        count = len(fields_of(next(iter(table.shapes.values())).record or object))
        yield "record", f"each item is a {named[0]} of {count} fields"
    if table.ttl:
        after = table.ttl.after or "it is first written"
        yield "ttl", f"expires {table.ttl.days:,} days after {after} ({table.ttl.attribute})"
    if table.stream:
        yield "stream", "streams each change, old and new"
    if table.version:
        yield "version", f"counts versions in {table.version}"


def listed(words: tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _of_index(table: Table, index: str) -> KeyFacts:
    forms = tuple(
        KeyForm(shape=name, key=shape.indexes[index], sparse=_sparse(shape, shape.indexes[index]))
        for name, shape in table.shapes.items()
        if index in shape.indexes
    )
    return KeyFacts(index=index, forms=forms, holds=_holds(table, index), partial=len(forms) < len(table.shapes))


def _sparse(shape: Shape, key: Key) -> tuple[str, ...]:
    known = fields_of(shape.record) if shape.record else {}
    lacking = (field for field in key.fields if field not in shape.key.fields)
    return tuple(field for field in lacking if field not in known or not known[field].required)


def _holds(table: Table, index: str) -> str:
    fields = table.projected(index)
    if fields is None:
        return "whole items"
    return f"keys and {', '.join(fields)}" if fields else "keys only"
