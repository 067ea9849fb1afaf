"""Items as they are stored: checked, with their computed keys, time to live and version; and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from shardwell.encoder import ItemEncoder, item_encoder, own_attributes
from shardwell.errors import BadItem, BadKeyPart, BadQuery, SchemaError
from shardwell.expressions import Condition, F
from shardwell.fields import check_fields, fields_of
from shardwell.keypart import normalise, shown, whole_number
from shardwell.keys import Key
from shardwell.schema import Shape, Table
from shardwell.values import AttributeValue, decode_item, encode_item

Item = dict[str, Any]
Encoded = dict[str, AttributeValue]


@dataclass(frozen=True)
class Codec:
    """One shape of a table, as a translator between a caller's items and DynamoDB's."""

    table: Table
    shape: Shape
    name: str

    @classmethod
    def of(cls, table: Table, shape: str | None, name: str) -> Codec:
        """The codec of a table's shape by name, or of its first; `name` is what errors call the table."""
        if shape is None:
            return cls(table, next(iter(table.shapes.values())), name)
        if shape not in table.shapes:
            raise SchemaError(f"{table.name_template} has no shape {shape!r}: it has {', '.join(table.shapes)}.")
        return cls(table, table.shapes[shape], name)

    def index(self, name: str | None) -> Key:
        """The key of an index by name, or of the table where `name` is None."""
        if name is None:
            return self.shape.key
        if name not in self.shape.indexes:
            known = ", ".join(self.shape.indexes) or "none"
            raise BadQuery(f"{self.name} has no index {name!r}: it has {known}.")
        return self.shape.indexes[name]

    def key(self, fields: Mapping[str, Any]) -> Item:
        """The table key of the item with these fields; further fields do not matter."""
        missing = self.shape.key.missing(fields)
        if missing:
            raise BadKeyPart(
                f"The key of {self.name} needs {', '.join(missing)}, and {shown(dict(fields))} has not: "
                f"give {', '.join(self.shape.key.fields)}."
            )
        return self.shape.key.values(fields)

    def encoded_key(self, fields: Mapping[str, Any]) -> Encoded:
        """The table key as DynamoDB takes it."""
        return encode_item(self.key(fields))

    def stored(self, item: Mapping[str, Any], now: datetime) -> Item:
        """`item` checked and completed as it is stored: keys, and time to live where it has none."""
        self.check(item)
        found = self.normalised(item)
        self.complete_ttl(found, now)
        found.update(self.key(found))
        for index in self.shape.indexes.values():
            found.update(self.index_attributes(index, found))
        return found

    def encoded(self, item: Mapping[str, Any], now: datetime) -> Encoded:
        """`item` as DynamoDB takes it, checked and completed."""
        return self._encode(item, now) or encode_item(self.stored(item, now))

    @cached_property
    def _encode(self) -> ItemEncoder:
        return item_encoder(self.table, self.shape)

    def item(self, encoded: Mapping[str, AttributeValue]) -> Item:
        """The caller's item of what DynamoDB returned: without its computed keys."""
        return decode_item(encoded, without=self.table.composed)

    def owns(self, encoded: Mapping[str, AttributeValue]) -> bool:
        """Whether what DynamoDB returned is of this shape, as its table key says."""
        if len(self.table.shapes) == 1:
            return True
        name = self.table.shape_of(decode_item({a.name: encoded[a.name] for a in self.table.key.attributes}))
        return name is not None and self.table.shapes[name] is self.shape

    def check(self, item: Mapping[str, Any], *, partial: bool = False) -> None:
        """Refuse an item, or part of one, that is not what the description says."""
        computed = self.shape.composed & item.keys()
        if computed:
            raise BadItem(f"{', '.join(sorted(computed))} is computed from other fields: leave it out.")
        for name in item.keys() & (self.table.attributes.keys() | self.own_attributes):
            if item[name] is None:
                raise BadItem(f"{name} is None, and a key, version or time to live cannot be: leave it out.")
            if name in self.own_attributes and whole_number(item[name]) is None:
                raise BadItem(f"{name} is {shown(item[name])}, and a version or time to live is a whole number.")
        if self.shape.record is None:
            return
        own = self.own_attributes - fields_of(self.shape.record).keys()
        check_fields(
            self.shape.record, {k: v for k, v in item.items() if k not in own} if own else item, partial=partial
        )

    @cached_property
    def own_attributes(self) -> frozenset[str]:
        """Attributes that the table keeps beside the record: version and time to live."""
        return own_attributes(self.table)

    def normalised(self, item: Mapping[str, Any]) -> Item:
        """A copy of `item`, the fields that keys are made of in their one Unicode form."""
        found = dict(item)
        for name in self.shape.key_fields & found.keys():
            if isinstance(found[name], str):
                found[name] = normalise(name, found[name])
        return found

    def complete_ttl(self, item: Item, now: datetime) -> None:
        """Give `item` its time to live where it has none."""
        ttl = self.table.ttl
        if ttl is not None and item.get(ttl.attribute) is None and (at := ttl.of(item, now)) is not None:
            item[ttl.attribute] = at

    def index_attributes(self, index: Key, item: Mapping[str, Any]) -> Item:
        """The attributes that put `item` into an index; none of the computed ones where it lacks a field of it."""
        if not index.missing(item):
            return index.values(item)
        return {a.name: a.value(item) for a in index.attributes if a.template is None and item.get(a.name) is not None}

    def expired(self, item: Mapping[str, Any], now: datetime) -> bool:
        """Whether `item` is past its time, though DynamoDB may not have deleted it yet."""
        return self.table.ttl is not None and self.table.ttl.expired(item, now)

    def alive(self, now: datetime) -> Condition | None:
        """The condition that an item is not past its time; None where nothing expires."""
        if self.table.ttl is None:
            return None
        attribute = F(self.table.ttl.attribute)
        return attribute.missing() | (attribute > int(now.timestamp()))

    def absent(self, now: datetime) -> Condition:
        """The condition that no live item has the key."""
        missing = F(self.table.key.partition.name).missing()
        alive = self.alive(now)
        return missing if alive is None else missing | ~alive

    def present(self, now: datetime) -> Condition:
        """The condition that a live item has the key."""
        exists = F(self.table.key.partition.name).exists()
        alive = self.alive(now)
        return exists if alive is None else exists & alive

    def key_attributes(self, index: Key) -> tuple[str, ...]:
        """The attributes that say where in an index an item is."""
        return tuple(dict.fromkeys(a.name for key in (index, self.table.key) for a in key.attributes))

    def described_key(self, fields: Mapping[str, Any]) -> str:
        """An item's key as an error shows it."""
        return ", ".join(f"{name}={shown(fields.get(name))}" for name in self.shape.key.fields)
