"""Tables, described once: plain data that the construct, the store, the documents and the tests all read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from shardwell.errors import BadItem, SchemaError
from shardwell.fields import day_fault, fields_of, instant_fault
from shardwell.keypart import shown
from shardwell.keys import Key, KeyType
from shardwell.schema_checks import check_shape, check_shapes, check_table

_STAGE = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Ttl:
    """When an item expires: `days` after its field `after` (a day or an instant), or after it is first written."""

    attribute: str
    days: int
    after: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.days, bool) or not isinstance(self.days, int) or self.days < 1:
            raise SchemaError(f"The time to live is {self.days!r} days: it must be a whole number from 1.")

    def of(self, item: Mapping[str, Any], now: datetime) -> int | None:
        """Epoch second at which `item` expires, or None where it lacks the field that decides it."""
        if self.after is None:
            return self.of_start(now)
        return None if item.get(self.after) is None else self.of_start(item[self.after])

    def of_start(self, start: str | datetime) -> int:
        """Epoch second at which an item expires that counts from `start`."""
        moment = start if isinstance(start, datetime) else _moment(self.after or "The start", start)
        try:
            return int((moment + timedelta(days=self.days)).timestamp())
        except OverflowError:
            raise BadItem(
                f"{self.after or 'The start'} {shown(start)} and {self.days} days are past the year 9999: give an "
                "earlier date, or the time to live itself."
            ) from None

    def expired(self, item: Mapping[str, Any], now: datetime) -> bool:
        """Whether `item` is past its time, deleted by DynamoDB yet or not."""
        at = item.get(self.attribute)
        return isinstance(at, int | Decimal) and not isinstance(at, bool) and at <= now.timestamp()


@dataclass(frozen=True)
class Shape:
    """One kind of item in a table: how its keys are made, and the dataclass of its record, which checks every write."""

    key: Key
    indexes: Mapping[str, Key] = field(default_factory=dict)
    record: type | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "indexes", MappingProxyType(dict(self.indexes)))
        check_shape(self)

    @cached_property
    def composed(self) -> frozenset[str]:
        """Key attributes that are computed, not fields of the item."""
        keys = (self.key, *self.indexes.values())
        return frozenset(a.name for key in keys for a in key.attributes if a.template is not None)

    @cached_property
    def shared(self) -> frozenset[str]:
        """Key attributes that several keys have: an item that leaves one index needs them for the others."""
        names = Counter(a.name for key in (self.key, *self.indexes.values()) for a in key.attributes)
        return frozenset(name for name, count in names.items() if count > 1)

    @cached_property
    def key_fields(self) -> frozenset[str]:
        """Fields that some key is made of."""
        return frozenset(name for key in (self.key, *self.indexes.values()) for name in key.fields)

    @cached_property
    def record_fields(self) -> frozenset[str] | None:
        """Every attribute a record has, or None where items are free in form."""
        return None if self.record is None else frozenset(fields_of(self.record))


@dataclass(frozen=True, init=False)
class Table:
    """A DynamoDB table: its keys and indexes, shards, time to live and stream, and what its items look like.

    A table of one kind of item gives `key`, `indexes` and `record`; one of several gives `shapes`, by name.
    """

    name_template: str
    """Its name; `{stage}` in it, if it is there, becomes the stage: `acme-{stage}-visits`."""
    shapes: Mapping[str, Shape]
    """Its kinds of items; a table of one kind has one, called `item`."""
    ttl: Ttl | None
    """When items expire; None: never."""
    stream: bool
    """Whether its changes can be followed: each as the item was before and after."""
    version: str | None
    """The attribute that counts an item's writes, for `if_version`; None: they are not counted."""

    def __init__(
        self,
        name: str,
        *,
        key: Key | None = None,
        indexes: Mapping[str, Key] | None = None,
        record: type | None = None,
        shapes: Mapping[str, Shape] | None = None,
        ttl: Ttl | None = None,
        stream: bool = False,
        version: str | None = None,
    ) -> None:
        if (key is None) == (shapes is None) or (shapes is not None and (indexes is not None or record is not None)):
            raise SchemaError(f"The table {name!r} needs either a key of its own or shapes that each have one.")
        one = {} if key is None else {"item": Shape(key, indexes or {}, record)}
        found = MappingProxyType(dict(shapes) if shapes is not None else one)
        values = {"name_template": name, "shapes": found, "ttl": ttl, "stream": stream, "version": version}
        for attribute, value in values.items():
            object.__setattr__(self, attribute, value)
        check_shapes(self)
        check_table(self)

    def physical_name(self, stage: str) -> str:
        """The table's name in a stage."""
        if not _STAGE.fullmatch(stage):
            raise SchemaError(f"The stage is {stage!r}: a stage is lower-case letters, digits and dashes.")
        return self.name_template.replace("{stage}", stage)

    @property
    def key(self) -> Key:
        """The table's key; its attributes are the same in every shape."""
        return next(iter(self.shapes.values())).key

    @cached_property
    def indexes(self) -> Mapping[str, Key]:
        """Every index by name; an index's attributes are the same in every shape that has it."""
        return MappingProxyType({n: key for shape in self.shapes.values() for n, key in shape.indexes.items()})

    @cached_property
    def attributes(self) -> Mapping[str, KeyType]:
        """Type of every attribute that is part of some key."""
        keys = (self.key, *self.indexes.values())
        return MappingProxyType({a.name: a.type for key in keys for a in key.attributes})

    @cached_property
    def composed(self) -> frozenset[str]:
        """Key attributes of any shape that are computed, not fields of an item."""
        return frozenset(name for shape in self.shapes.values() for name in shape.composed)

    def projected(self, index: str) -> tuple[str, ...] | None:
        """Fields that an index holds besides its keys; None where it holds all. Those that reads need are added."""
        projection = self.indexes[index].projection
        if projection == "ALL":
            return None
        every = [shape.indexes[index] for shape in self.shapes.values() if index in shape.indexes]
        extra = [] if self.ttl is None else [self.ttl.attribute]
        extra += [key.sharding.by for key in every if key.sharding is not None]
        keys = {attribute.name for key in (self.key, *every) for attribute in key.attributes}
        fields = dict.fromkeys([*(() if projection == "KEYS_ONLY" else projection), *extra])
        return tuple(name for name in fields if name not in keys)

    def shape_of(self, key: Mapping[str, Any]) -> str | None:
        """The name of the shape that made a stored item's key, or None where none did."""
        return next((name for name, shape in self.shapes.items() if _made(shape.key, key)), None)


def _made(key: Key, stored: Mapping[str, Any]) -> bool:
    return all(a.template is None or a.template.parse_key(str(stored[a.name])) is not None for a in key.attributes)


def _moment(name: str, text: Any) -> datetime:
    if not isinstance(text, str) or (day_fault(text) is not None and instant_fault(text) is not None):
        raise BadItem(f"{name} {shown(text)} is no date to count from: write it as YYYY-MM-DD.")
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
