"""What an update does to an item: the fields it sets, removes and adds to, and the index keys that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shardwell.codec import Codec, Item
from shardwell.errors import BadItem
from shardwell.expressions import Condition, F, Placeholders, every
from shardwell.fields import fields_of
from shardwell.keypart import shown


@dataclass(frozen=True, slots=True)
class Change:
    """Fields to set, to remove, and numbers to add to fields."""

    set: Mapping[str, Any] = field(default_factory=dict)
    remove: frozenset[str] = frozenset()
    add: Mapping[str, Any] = field(default_factory=dict)

    @property
    def touched(self) -> frozenset[str]:
        """Every field that the change names."""
        return frozenset(self.set) | self.remove | frozenset(self.add)


@dataclass(frozen=True, slots=True)
class Plan:
    """A change with its consequences: attributes to set and to remove, and what it took for granted of the item."""

    set: Mapping[str, Any]
    remove: frozenset[str]
    add: Mapping[str, Any]
    assumed: Condition | None

    def request(self, placeholders: Placeholders, version: str | None) -> str:
        """The update expression."""
        p = placeholders
        sets = [f"{p.name(name)} = {p.value(name, value)}" for name, value in self.set.items()]
        removes = [p.name(name) for name in sorted(self.remove)]
        adds = [f"{p.name(name)} {p.value(name, value)}" for name, value in self.add.items()]
        if version is not None:
            adds.append(f"{p.name(version)} {p.value(version, 1)}")
        clauses = (("SET", sets), ("REMOVE", removes), ("ADD", adds))
        return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses if parts)


def check_change(codec: Codec, change: Change) -> None:
    """Refuse a change that is empty, contradicts itself, or would leave an item that the description refuses."""
    if not change.touched:
        raise BadItem("The update changes nothing: give at least one field to set, remove or add to.")
    if len(change.touched) < len(change.set) + len(change.remove) + len(change.add):
        twice = (set(change.set) & change.remove) | (set(change.add) & (change.remove | set(change.set)))
        raise BadItem(f"The update names {', '.join(sorted(twice))} twice: set, remove or add to a field, one of them.")
    codec.check(change.set, partial=True)
    if computed := change.touched & codec.table.composed:
        raise BadItem(f"{', '.join(sorted(computed))} is computed from other fields: change those.")
    version = codec.table.version
    if version is not None and version in change.touched:
        raise BadItem(f"{version} counts the changes of an item by itself: leave it out, or use if_version.")
    _check_removed(codec, change)
    _check_added(codec, change)


def moves(codec: Codec, key: Mapping[str, Any], change: Change) -> bool:
    """Whether the change gives the item another table key."""
    changed = {name: value for name, value in change.set.items() if name in codec.shape.key.fields}
    return bool(changed) and codec.key({**key, **changed}) != codec.key(key)


def unknown_fields(codec: Codec, change: Change) -> frozenset[str]:
    """Fields that must be read before the change, because index keys that it feeds are made of them too."""
    known = change.touched | set(codec.shape.key.fields)
    needed: set[str] = set()
    for index in codec.shape.indexes.values():
        if change.touched & set(index.fields) and not change.remove & set(index.fields):
            needed |= set(index.fields)
    return frozenset(needed - known)


def plan(codec: Codec, key: Mapping[str, Any], change: Change, current: Mapping[str, Any] | None) -> Plan:
    """The change with the index keys and the time to live it feeds; `current` is the item where it had to be read."""
    unknown = unknown_fields(codec, change)
    if unknown and current is None:
        raise BadItem(f"The update needs the item's {', '.join(sorted(unknown))}: give the current item.")
    given = codec.normalised(change.set)
    known = {name: current[name] for name in unknown if current and current.get(name) is not None}
    fields = {**{name: key[name] for name in codec.shape.key.fields}, **known, **given}
    fields = codec.normalised(fields)
    sets: Item = {name: value for name, value in given.items() if name not in codec.shape.key.fields}
    _follow_ttl(codec, change, sets)
    begun: Item = {}
    ended: set[str] = set()
    for index in codec.shape.indexes.values():
        if not change.touched & set(index.fields):
            continue
        lasting = {name: value for name, value in fields.items() if name not in change.remove}
        attributes = codec.index_attributes(index, lasting)
        composed = [a for a in index.attributes if a.template is not None and a not in codec.shape.key.attributes]
        begun.update({a.name: attributes[a.name] for a in composed if a.name in attributes})
        ended |= {a.name for a in composed if a.name not in codec.shape.shared or change.remove & set(a.fields)}
    seen = current or {}
    guards = [F(name) == seen[name] if name in seen else F(name).missing() for name in sorted(unknown)]
    return Plan({**sets, **begun}, change.remove | (ended - begun.keys()), change.add, every(*guards))


def changed_item(codec: Codec, current: Mapping[str, Any], change: Change) -> Item:
    """The whole item after the change, as a caller has it."""
    item = {name: value for name, value in {**current, **change.set}.items() if name not in change.remove}
    for name, amount in change.add.items():
        item[name] = item.get(name, 0) + amount
    ttl = codec.table.ttl
    if ttl is not None and ttl.after in change.set and ttl.attribute not in change.set:
        item.pop(ttl.attribute, None)
    return item


def unchanged(codec: Codec, current: Mapping[str, Any]) -> Condition:
    """The condition that the stored item still is `current`, in every field."""
    version = codec.table.version
    if version is not None:
        return F(version) == current[version] if version in current else F(version).missing()
    if codec.shape.record_fields is None:
        raise BadItem(f"An item of {codec.name} cannot get another key safely: describe its record or a version.")
    known = codec.shape.record_fields | codec.own_attributes | set(current)
    found = every(*(F(n) == current[n] if n in current else F(n).missing() for n in sorted(known)))
    if found is None:
        raise BadItem("The record has no fields: nothing tells whether it is unchanged.")
    return found


def _follow_ttl(codec: Codec, change: Change, sets: Item) -> None:
    ttl = codec.table.ttl
    if ttl is None or ttl.after is None or ttl.attribute in change.touched or ttl.after not in change.set:
        return
    sets[ttl.attribute] = ttl.of_start(change.set[ttl.after])


def _check_removed(codec: Codec, change: Change) -> None:
    needed = set(codec.shape.key.fields)
    if codec.shape.record is not None:
        known = fields_of(codec.shape.record)
        needed |= {name for name, one in known.items() if one.required}
        unknown = change.remove - known.keys() - codec.own_attributes
        if unknown:
            raise BadItem(f"{', '.join(sorted(unknown))} cannot be removed: the fields are {', '.join(known)}.")
    if lost := change.remove & needed:
        raise BadItem(f"{', '.join(sorted(lost))} cannot be removed: every item needs it.")


def _check_added(codec: Codec, change: Change) -> None:
    for name, amount in change.add.items():
        if isinstance(amount, bool) or type(amount).__name__ not in ("int", "Decimal"):
            raise BadItem(f"{name} cannot be added {shown(amount)} to: give an int or a Decimal.")
        ttl = codec.table.ttl
        if name in codec.shape.key_fields or (ttl is not None and name == ttl.after):
            raise BadItem(f"{name} cannot be added to, because a key or the time to live is made of it: set it.")
        if codec.shape.record is not None and name not in codec.own_attributes:
            codec.check({name: amount}, partial=True)
