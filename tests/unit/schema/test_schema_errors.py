"""Every mistake that a description can have, each refused when it is made, with words that name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from shardwell import Key, Shape, Table, Ttl
from shardwell.errors import SchemaError
from shardwell.fields import fields_of

PK = Key(PK="A#{a}", SK="B#{b}")


@dataclass(frozen=True)
class Thing:
    a: str
    b: str
    kind: str | None = None
    made_at: str = ""


def described(**further: Any) -> Table:
    return Table("t-{stage}", **{"key": PK, **further})


def indexed(**indexes: Key) -> Table:
    return described(indexes=indexes)


KEYS: dict[str, tuple[Callable[[], object], str]] = {
    "no attribute": (lambda: Key(), "A key has 0 attributes: give the partition key and at most a sort key"),
    "three attributes": (lambda: Key(a=str, b=str, c=str), "A key has 3 attributes"),
    "a float key": (lambda: Key(a=float), "The key attribute a is described by <class 'float'>: give a template"),
    "a bool key": (lambda: Key(a=bool), "The key attribute a is described by <class 'bool'>"),
    "an instance for a type": (lambda: Key(a=5), "The key attribute a is described by 5"),
    "a list for a type": (lambda: Key(a=["x"]), "The key attribute a is described by ['x']"),
    "shard in the sort key": (lambda: Key(a="A#{a}", b="B#{shard}"), "The sort key b has {shard}"),
    "sharded without {shard}": (lambda: Key(a="A#{a}").sharded(3, by="id"), "its template has no {shard}: add it"),
    "no shards": (
        lambda: Key(a="A#{shard}").sharded(0, by="id"),
        "A shard count is 0: it must be a whole number from 1",
    ),
    "too many shards": (lambda: Key(a="A#{shard}").sharded(1_001, by="id"), "A shard count is 1001"),
    "a true count": (lambda: Key(a="A#{shard}").sharded(True, by="id"), "A shard count is True"),
    "a half count": (lambda: Key(a="A#{shard}").sharded(2.5, by="id"), "A shard count is 2.5"),
    "a former count of 0": (lambda: Key(a="A#{shard}").sharded(3, by="id", former=(0,)), "A shard count is 0"),
    "projecting nothing": (lambda: Key(a=str).projecting(), "a projects 0 fields: an index includes 1 to 20"),
    "projecting too much": (lambda: Key(a=str).projecting(*map(str, range(21))), "a projects 21 fields"),
}

TABLES: dict[str, tuple[Callable[[], object], str]] = {
    "no key": (lambda: Table("t-x"), "needs either a key of its own or shapes"),
    "key and shapes": (lambda: described(shapes={"a": Shape(PK)}), "needs either a key of its own or shapes"),
    "indexes beside shapes": (
        lambda: Table("t-x", shapes={"a": Shape(PK)}, indexes={}),
        "needs either a key of its own",
    ),
    "record beside shapes": (
        lambda: Table("t-x", shapes={"a": Shape(PK)}, record=Thing),
        "needs either a key of its own",
    ),
    "no shapes": (lambda: Table("t-x", shapes={}), "has no shapes: describe at least one"),
    "a short name": (lambda: Table("t", key=PK), "The table name 't' must be 3 to 255 letters"),
    "a name with a space": (lambda: Table("my table", key=PK), "The table name 'my table' must be"),
    "an unknown gap": (lambda: Table("t-{region}", key=PK), "The table name 't-{region}' must be"),
    "a long name": (lambda: Table("t" * 256, key=PK), "must be 3 to 255"),
    "a short index name": (lambda: indexed(I=Key(x=str)), "The index name 'I' must be 3 to 255"),
    "21 indexes": (
        lambda: indexed(**{f"GSI{n}": Key(**{f"k{n}": str}) for n in range(21)}),
        "has 21 indexes and DynamoDB",
    ),
    "a sharded table": (
        lambda: described(key=Key(PK="A#{a}#{shard}").sharded(3, by="a")),
        "The table's own key is sharded: only an index can be",
    ),
    "a projecting table": (lambda: described(key=PK.keys_only()), "The table's own key leaves fields or items out"),
    "a sparse table": (lambda: described(key=PK.when("kind")), "The table's own key leaves fields or items out"),
    "a shard without a count": (
        lambda: indexed(GSI1=Key(x="X#{shard}")),
        "GSI1 has {shard} in its partition key: say over how many with .sharded(10, by=…)",
    ),
    "an attribute with a dash": (lambda: indexed(GSI1=Key(**{"x-y": str})), "The key attribute 'x-y' of GSI1"),
    "an attribute made in two ways": (
        lambda: indexed(GSI1=Key(x="X#{a}"), GSI2=Key(x="Y#{a}")),
        "x is made in two ways: give each index attributes of its own",
    ),
    "an attribute sharded in two ways": (
        lambda: indexed(
            GSI1=Key(x="X#{shard}", y="Y#{a}").sharded(2, by="a"), GSI2=Key(x="X#{shard}", z="Z#{a}").sharded(3, by="a")
        ),
        "x is made in two ways",
    ),
    "a native index that is to leave items out": (
        lambda: indexed(GSI1=Key(PK="A#{a}", priority=int).when("kind")),
        "GSI1 cannot leave out items without kind: other keys have its attributes",
    ),
    "a shared index that is to leave items out": (
        lambda: indexed(GSI1=Key(x="X#{a}"), GSI2=Key(x="X#{a}").when("kind")),
        "GSI2 cannot leave out items without kind",
    ),
    "an attribute composed and native": (
        lambda: indexed(GSI1=Key(x="X#{a}"), GSI2=Key(x=str)),
        "x is made in two ways",
    ),
    "an attribute of two types": (
        lambda: indexed(GSI1=Key(x=str), GSI2=Key(x=int)),
        "x has two types in the keys of 't-{stage}'",
    ),
    "a composed attribute that is a field": (
        lambda: indexed(GSI1=Key(x="X#{PK}")),
        "PK is both a composed key attribute and a field",
    ),
    "a composed attribute that is a record's field": (
        lambda: described(record=Thing, indexes={"GSI1": Key(kind="X#{a}")}),
        "kind is both a composed key attribute and a field: rename one",
    ),
    "a key of an unknown field": (
        lambda: described(key=Key(PK="A#{c}"), record=Thing),
        "the table is made of c, which is no field of Thing: its fields are a, b, kind, madeAt",
    ),
    "a field by its Python name": (
        lambda: described(record=Thing, indexes={"GSI1": Key(x="X#{made_at}")}),
        "GSI1 is made of made_at",
    ),
    "shards by an unknown field": (
        lambda: described(record=Thing, indexes={"GSI1": Key(x="X#{shard}").sharded(2, by="c")}),
        "GSI1 is made of c, which is no field of Thing",
    ),
    "sparse by an unknown field": (
        lambda: described(record=Thing, indexes={"GSI1": Key(x="X#{a}").when("c")}),
        "GSI1 is made of c",
    ),
    "a key of an optional field": (
        lambda: described(key=Key(PK="A#{kind}"), record=Thing),
        "the table is made of kind, which may be missing: make it required",
    ),
    "a record that is none": (lambda: described(record=str), "The record <class 'str'> is not a dataclass"),
    "a version in a key": (
        lambda: described(version="PK"),
        "PK of 't-{stage}' is a key attribute: keep it in one of its own",
    ),
    "a time to live in a key": (lambda: indexed_ttl(), "expires of 't-{stage}' is a key attribute"),
    "a version without a name": (lambda: described(version="a b"), "The attribute 'a b' is not a name"),
    "version and time to live in one": (
        lambda: described(version="v", ttl=Ttl("v", days=1)),
        "v of 't-{stage}' is both version and time to live",
    ),
    "a time to live after no field": (
        lambda: described(record=Thing, ttl=Ttl("ttl", days=1, after="sold")),
        "The time to live counts from sold, which is no field of item",
    ),
    "no days to live": (lambda: Ttl("ttl", days=0), "The time to live is 0 days: it must be a whole number from 1"),
    "half a day to live": (lambda: Ttl("ttl", days=0.5), "The time to live is 0.5 days"),
    "more than 20 fields held": (
        lambda: described(
            ttl=Ttl("ttl", days=1), indexes={"GSI1": Key(x=str).projecting(*(f"f{n}" for n in range(20)))}
        ),
        "GSI1 of 't-{stage}' holds 21 fields with those that reads need, and DynamoDB allows 20",
    ),
    "more than 100 fields held": (
        lambda: indexed(
            **{f"GSI{n}": Key(**{f"k{n}": str}).projecting(*(f"f{m}" for m in range(20))) for n in range(6)}
        ),
        "project 120 fields together, and DynamoDB allows 100",
    ),
}

SHAPES: dict[str, tuple[dict[str, Shape], str]] = {
    "one key for two": (
        {"a": Shape(Key(PK="A#{a}", SK="X#{x}")), "b": Shape(Key(PK="A#{b}", SK="X#{y}"))},
        "The shapes a and b of 't-x' can make the same key: begin their keys with different words",
    ),
    "a word that a field can spell": (
        {"a": Shape(Key(PK="A#{a}", SK="PROFILE")), "b": Shape(Key(PK="A#{b}", SK="{y}"))},
        "can make the same key",
    ),
    "native keys": ({"a": Shape(Key(id=str)), "b": Shape(Key(id=str))}, "can make the same key"),
    "other attributes": (
        {"a": Shape(Key(PK="A#{a}", SK="X")), "b": Shape(Key(PK="B#{b}"))},
        "the key of b has other attributes or another projection than an earlier shape",
    ),
    "another projection of an index": (
        {
            "a": Shape(Key(PK="A#{a}"), {"GSI1": Key(x="X#{a}")}),
            "b": Shape(Key(PK="B#{b}"), {"GSI1": Key(x="Y#{b}").keys_only()}),
        },
        "GSI1 of b has other attributes or another projection",
    ),
    "another's composed attribute as a key": (
        {"a": Shape(Key(PK="A#{a}", SK="X#{x}")), "b": Shape(Key(PK=str, SK="Y#{y}"))},
        "PK is a field of the shape b and a composed key attribute of another: rename one",
    ),
    "another's composed attribute as a field": (
        {"a": Shape(Key(PK="A#{a}"), {"GSI1": Key(kind="K#{k}")}), "b": Shape(Key(PK="B#{b}"), record=Thing)},
        "kind is a field of the shape b and a composed key attribute of another",
    ),
}


def indexed_ttl() -> Table:
    return described(ttl=Ttl("expires", days=1), indexes={"GSI1": Key(expires=int)})


@pytest.mark.parametrize("mistake", list(KEYS))
def test_a_mistake_in_a_key_is_named(mistake: str) -> None:
    make, words = KEYS[mistake]
    with pytest.raises(SchemaError) as caught:
        make()
    assert words in str(caught.value)


@pytest.mark.parametrize("mistake", list(TABLES))
def test_a_mistake_in_a_table_is_named(mistake: str) -> None:
    make, words = TABLES[mistake]
    with pytest.raises(SchemaError) as caught:
        make()
    assert words in str(caught.value)


@pytest.mark.parametrize("mistake", list(SHAPES))
def test_a_mistake_among_shapes_is_named(mistake: str) -> None:
    shapes, words = SHAPES[mistake]
    with pytest.raises(SchemaError) as caught:
        Table("t-x", shapes=shapes)
    assert words in str(caught.value)


@pytest.mark.parametrize("stage", ["", "Prod", "1", "a b", "a_b", "-a"])
def test_a_stage_that_is_no_name_is_refused(stage: str) -> None:
    with pytest.raises(SchemaError, match="a stage is lower-case letters, digits and dashes"):
        described().physical_name(stage)


@dataclass
class FloatMoney:
    price: float


@dataclass
class TwoTypes:
    size: Literal["S", 1]


@dataclass
class Twins:
    sale_date: str
    saleDate: str  # noqa: N815  # the clash that is refused


@dataclass
class Ambiguous:
    colour: str | None = "red"


@dataclass
class Choice:
    value: int | str


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            FloatMoney,
            "The field price of FloatMoney has the type <class 'float'>, which no attribute can hold: use str",
        ),
        (TwoTypes, "The field size of TwoTypes has the type"),
        (Choice, "The field value of Choice has the type int | str"),
        (Twins, "Two fields of Twins are stored in one attribute: rename one"),
        (Ambiguous, "The field colour of Ambiguous may be None, but its default is 'red'"),
    ],
)
def test_a_mistake_in_a_record_is_named(record: type, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        fields_of(record)
    assert words in str(caught.value)
