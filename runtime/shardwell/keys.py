"""Keys: the partition and sort attribute of a table or an index, as templates over fields or as typed fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal

from shardwell.errors import BadKeyPart, SchemaError, TooLarge
from shardwell.keypart import normalise, shown, whole_number
from shardwell.sharding import Sharding
from shardwell.template import SHARD, Template
from shardwell.values import check_number

TYPES: Final = {str: "S", int: "N", Decimal: "N", bytes: "B"}
KeyType = Literal["S", "N", "B"]
MOST_PARTITION_BYTES = 2_048
MOST_SORT_BYTES = 1_024


@dataclass(frozen=True)
class KeyAttribute:
    """One attribute of a key: a template over fields, or a field used as it is (`template` is None)."""

    name: str
    type: KeyType
    most_bytes: int
    template: Template | None

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that the attribute is made of, the computed `shard` among them."""
        return (self.name,) if self.template is None else self.template.fields

    def value(self, fields: Mapping[str, Any]) -> Any:
        """The attribute's value for these fields; each of them must be there."""
        value = self.template.render(fields) if self.template else _native(self, fields[self.name])
        return self.within_limit(value)

    def within_limit(self, value: Any) -> Any:
        """`value`, unless it is longer than DynamoDB lets a key be."""
        if isinstance(value, str | bytes):
            size = len(value.encode() if isinstance(value, str) else value)
            if size > self.most_bytes:
                raise TooLarge(
                    f"The key {self.name} would be {size} bytes ({shown(value)}), and DynamoDB takes at most "
                    f"{self.most_bytes}: shorten {' or '.join(f for f in self.fields if f != SHARD)}."
                )
        return value


@dataclass(frozen=True, init=False)
class Key:
    """The key of a table or an index: `Key(PK="SALE#{id}", SK="LINE#{pos:03d}")` or `Key(status=str, updatedAt=str)`.

    A keyword is the attribute's name, its value a template over the item's fields or the type of a field of
    that name (str, int, Decimal or bytes). The first attribute is the partition key, the second the sort key.
    """

    partition: KeyAttribute
    sort: KeyAttribute | None
    sharding: Sharding | None
    only_with: tuple[str, ...]
    projection: Literal["ALL", "KEYS_ONLY"] | tuple[str, ...]
    purpose: str

    def __init__(self, **attributes: str | type) -> None:
        if len(attributes) not in (1, 2):
            raise SchemaError(f"A key has {len(attributes)} attributes: give the partition key and at most a sort key.")
        names = list(attributes)
        partition = _attribute(names[0], attributes[names[0]], MOST_PARTITION_BYTES)
        sort = _attribute(names[1], attributes[names[1]], MOST_SORT_BYTES) if len(names) == 2 else None
        if sort is not None and SHARD in sort.fields:
            raise SchemaError(f"The sort key {sort.name} has {{shard}}: a shard belongs in the partition key.")
        values = {"partition": partition, "sort": sort, "sharding": None, "only_with": (), "projection": "ALL"}
        for name, value in {**values, "purpose": ""}.items():
            object.__setattr__(self, name, value)

    def sharded(self, count: int, *, by: str, former: tuple[int, ...] = ()) -> Key:
        """The same key, spread over `count` partitions by a field; `former` are the other counts that readers cover."""
        if SHARD not in self.partition.fields:
            raise SchemaError(f"{self.partition.name} is sharded, but its template has no {{shard}}: add it.")
        return self._with(sharding=Sharding(count, by, tuple(former)))

    def when(self, *fields: str) -> Key:
        """The same index, holding only the items that have these fields, which its key is not made of."""
        return self._with(only_with=tuple(fields))

    def projecting(self, *fields: str) -> Key:
        """The same index, holding only its keys and these fields."""
        if not 1 <= len(fields) <= 20:
            raise SchemaError(f"{self.partition.name} projects {len(fields)} fields: an index includes 1 to 20.")
        return self._with(projection=tuple(fields))

    def keys_only(self) -> Key:
        """The same index, holding only its keys."""
        return self._with(projection="KEYS_ONLY")

    def serves(self, purpose: str) -> Key:
        """The same key, with the access pattern it is there for, in words."""
        return self._with(purpose=purpose)

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """The partition key, and the sort key where there is one."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @property
    def shards(self) -> int:
        """How many partitions a new item may go to."""
        return self.sharding.count if self.sharding else 1

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field an item needs to have this key: those it is made of, sharded by, and in the index `when`."""
        names = [field for attribute in self.attributes for field in attribute.fields if field != SHARD]
        return tuple(dict.fromkeys([*names, *([self.sharding.by] if self.sharding else []), *self.only_with]))

    def missing(self, item: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields of the key that `item` lacks."""
        return tuple(field for field in self.fields if item.get(field) is None)

    def values(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The key's attributes for `item`, which must have every field of it."""
        sharding = self.sharding
        fields = {**item, SHARD: sharding.shard(shard_text(sharding.by, item[sharding.by]))} if sharding else item
        return {attribute.name: attribute.value(fields) for attribute in self.attributes}

    def _with(self, **changes: Any) -> Key:
        copy = Key.__new__(Key)
        for name in ("partition", "sort", "sharding", "only_with", "projection", "purpose"):
            object.__setattr__(copy, name, changes.get(name, getattr(self, name)))
        return copy


def _attribute(name: str, described: str | type, most_bytes: int) -> KeyAttribute:
    if isinstance(described, str):
        return KeyAttribute(name, "S", most_bytes, Template.parse(described))
    if not isinstance(described, type) or described not in TYPES:
        raise SchemaError(
            f"The key attribute {name} is described by {described!r}: give a template, or str, int, Decimal or bytes."
        )
    return KeyAttribute(name, TYPES[described], most_bytes, None)  # type: ignore[arg-type]  # the three letters


def shard_text(field: str, value: Any) -> str:
    """The text that the shard of an item with this value is computed from."""
    number = whole_number(value)
    if number is None and not isinstance(value, str):
        raise BadKeyPart(f"{field} is {shown(value)}, and shards are computed from text or a whole number: convert it.")
    return value if isinstance(value, str) else str(number)


_WANTED = {"S": "text", "N": "an int or a Decimal", "B": "bytes of at least 1 byte"}


def _native(attribute: KeyAttribute, value: Any) -> Any:
    """A field used as a key as it is, refused where DynamoDB would refuse it."""
    if attribute.type == "S" and isinstance(value, str):
        if not value:
            raise BadKeyPart(f"{attribute.name} is empty, and a key needs at least 1 character: give it a value.")
        return normalise(attribute.name, value)
    if attribute.type == "N" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        check_number(attribute.name, value)
        return value
    if attribute.type == "B" and isinstance(value, bytes) and value:
        return value
    raise BadKeyPart(
        f"{attribute.name} is {shown(value)} of type {type(value).__name__}, but that key has the DynamoDB type "
        f"{attribute.type}: give {_WANTED[attribute.type]}."
    )
