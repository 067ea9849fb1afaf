"""What is refused when a table is described, each with an error that names the mistake."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from shardwell.errors import SchemaError
from shardwell.fields import fields_of
from shardwell.keys import Key
from shardwell.template import SHARD, Template, can_collide

if TYPE_CHECKING:
    from shardwell.schema import Shape, Table

MOST_INDEXES = 20
MOST_PROJECTED = 20
MOST_PROJECTED_IN_ALL = 100
_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_shape(shape: Shape) -> None:
    """Refuse a shape whose keys are incomplete, shared wrongly, or made of fields its record does not have."""
    if shape.key.sharding is not None:
        raise SchemaError("The table's own key is sharded: only an index can be, or an item could not be found.")
    if shape.key.projection != "ALL" or shape.key.only_with:
        raise SchemaError("The table's own key leaves fields or items out: only an index can.")
    for name, key in (("the table", shape.key), *shape.indexes.items()):
        if SHARD in key.partition.fields and key.sharding is None:
            raise SchemaError(f"{name} has {{shard}} in its partition key: say over how many with .sharded(10, by=…).")
        _check_known(shape, name, key)
    _check_composed_attributes(shape)


def check_shapes(table: Table) -> None:
    """Refuse shapes that disagree on the table's keys, or that could make the same key for two items."""
    if not table.shapes:
        raise SchemaError(f"The table {table.name_template!r} has no shapes: describe at least one.")
    first = next(iter(table.shapes.values()))
    seen: dict[str, Key] = {}
    for name, shape in table.shapes.items():
        _check_same(f"the key of {name}", first.key, shape.key)
        for index, key in shape.indexes.items():
            _check_same(f"{index} of {name}", seen.setdefault(index, key), key)
    _check_fields_of_others(table)
    for (one, left), (other, right) in combinations(table.shapes.items(), 2):
        if all(_meet(a.template, b.template) for a, b in zip(left.key.attributes, right.key.attributes, strict=True)):
            raise SchemaError(
                f"The shapes {one} and {other} of {table.name_template!r} can make the same key: begin their keys "
                "with different words."
            )


def check_table(table: Table) -> None:
    """Refuse a table with a name, a number of indexes, or a time to live that DynamoDB would refuse."""
    name = table.name_template
    if not _NAME.fullmatch(name.replace("{stage}", "stage")):
        raise SchemaError(f"The table name {name!r} must be 3 to 255 letters, digits, '_', '-', '.' and {{stage}}.")
    if len(table.indexes) > MOST_INDEXES:
        raise SchemaError(f"{name!r} has {len(table.indexes)} indexes and DynamoDB allows {MOST_INDEXES}: drop some.")
    types: dict[str, str] = {}
    for key in (table.key, *table.indexes.values()):
        for attribute in key.attributes:
            if types.setdefault(attribute.name, attribute.type) != attribute.type:
                raise SchemaError(f"{attribute.name} has two types in the keys of {name!r}: use one.")
    for index in table.indexes:
        if not _NAME.fullmatch(index):
            raise SchemaError(f"The index name {index!r} must be 3 to 255 letters, digits, '_', '-' and '.'.")
    _check_projections(table)
    _check_kept_by_table(table)


def _check_projections(table: Table) -> None:
    projected = {index: len(table.projected(index) or ()) for index in table.indexes}
    for index, count in projected.items():
        if count > MOST_PROJECTED:
            raise SchemaError(
                f"{index} of {table.name_template!r} holds {count} fields with those that reads need, and DynamoDB "
                f"allows {MOST_PROJECTED}: project fewer, or all."
            )
    if sum(projected.values()) > MOST_PROJECTED_IN_ALL:
        raise SchemaError(
            f"The indexes of {table.name_template!r} project {sum(projected.values())} fields together, and DynamoDB "
            f"allows {MOST_PROJECTED_IN_ALL}: let some project all."
        )


def _check_fields_of_others(table: Table) -> None:
    for name, shape in table.shapes.items():
        fields = shape.key_fields | (shape.record_fields or frozenset())
        if clash := fields & table.composed:
            raise SchemaError(
                f"{', '.join(sorted(clash))} is a field of the shape {name} and a composed key attribute of another: "
                "rename one."
            )


def _check_kept_by_table(table: Table) -> None:
    own = [table.version, None if table.ttl is None else table.ttl.attribute]
    for attribute in (name for name in own if name is not None):
        if not _ATTRIBUTE.fullmatch(attribute):
            raise SchemaError(f"The attribute {attribute!r} is not a name of letters, digits and '_'.")
        if attribute in table.attributes:
            raise SchemaError(f"{attribute} of {table.name_template!r} is a key attribute: keep it in one of its own.")
    if own[0] is not None and own[0] == own[1]:
        raise SchemaError(f"{own[0]} of {table.name_template!r} is both version and time to live: use two attributes.")
    for name, shape in table.shapes.items():
        after = None if table.ttl is None else table.ttl.after
        if shape.record is not None and after is not None and after not in fields_of(shape.record):
            raise SchemaError(f"The time to live counts from {after}, which is no field of {name}.")


def _check_known(shape: Shape, name: str, key: Key) -> None:
    for attribute in key.attributes:
        if not _ATTRIBUTE.fullmatch(attribute.name):
            raise SchemaError(f"The key attribute {attribute.name!r} of {name} is not a name.")
    if len({attribute.name for attribute in key.attributes}) != len(key.attributes):
        raise SchemaError(f"{name} has {key.partition.name} as partition and as sort key: use two attributes.")
    if shape.record is None:
        return
    known = fields_of(shape.record)
    for field in key.fields:
        if field not in known:
            raise SchemaError(
                f"{name} is made of {field}, which is no field of {shape.record.__name__}: its fields are "
                f"{', '.join(known)}."
            )
    if name == "the table":
        optional = [field for field in key.fields if not known[field].required]
        if optional:
            raise SchemaError(f"{name} is made of {', '.join(optional)}, which may be missing: make it required.")


def _check_composed_attributes(shape: Shape) -> None:
    made_of: dict[str, object] = {}
    for key in (shape.key, *shape.indexes.values()):
        for attribute in key.attributes:
            made = (attribute.template, key.sharding if SHARD in attribute.fields else None)
            if made_of.setdefault(attribute.name, made) != made:
                raise SchemaError(f"{attribute.name} is made in two ways: give each index attributes of its own.")
    for name, key in shape.indexes.items():
        own = any(attribute.template and attribute.name not in shape.shared for attribute in key.attributes)
        unseen = set(key.fields) - {field for attribute in key.attributes for field in attribute.fields}
        if unseen and not own:
            raise SchemaError(
                f"{name} cannot leave out items without {', '.join(sorted(unseen))}: other keys have its attributes, "
                "or they are fields of every item. Give it a template of its own."
            )
    clash = shape.composed & shape.key_fields
    if shape.record is not None:
        clash |= shape.composed & fields_of(shape.record).keys()
    if clash:
        raise SchemaError(f"{', '.join(sorted(clash))} is both a composed key attribute and a field: rename one.")


def _check_same(what: str, one: Key, other: Key) -> None:
    same = [(a.name, a.type) for a in one.attributes] == [(a.name, a.type) for a in other.attributes]
    if not same or one.projection != other.projection:
        raise SchemaError(f"{what} has other attributes or another projection than an earlier shape: they are shared.")


def _meet(one: object, other: object) -> bool:
    return not (isinstance(one, Template) and isinstance(other, Template)) or can_collide(one, other)
