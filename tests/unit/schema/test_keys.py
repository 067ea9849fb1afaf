"""Keys by example: native and composed, sharded, sparse, projected, and the limits of DynamoDB."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shardwell import Key
from shardwell.errors import BadItem, BadKeyPart, TooLarge

SHARDED = Key(pk="T#{t}#S#{shard}", sk="{day}").sharded(10, by="id").when("kind").serves("things by day")


def test_a_composed_key() -> None:
    key = Key(PK="TENANT#{tenant}", SK="SALE#{day}#{pos:03d}")
    assert [(a.name, a.type) for a in key.attributes] == [("PK", "S"), ("SK", "S")]
    assert key.fields == ("tenant", "day", "pos")
    assert key.shards == 1
    assert key.projection == "ALL"
    assert key.values({"tenant": "a", "day": "2025-01-01", "pos": 7}) == {"PK": "TENANT#a", "SK": "SALE#2025-01-01#007"}


def test_a_native_key() -> None:
    key = Key(status=str, priority=Decimal)
    assert [(a.name, a.type) for a in key.attributes] == [("status", "S"), ("priority", "N")]
    assert key.values({"status": "open", "priority": Decimal("1.5")}) == {"status": "open", "priority": Decimal("1.5")}
    assert Key(a=int).partition.type == "N"
    assert Key(a=bytes).partition.type == "B"
    assert Key(a=str).sort is None


def test_a_sharded_key_needs_the_field_it_is_sharded_by_and_those_it_is_sparse_by() -> None:
    assert SHARDED.fields == ("t", "day", "id", "kind")
    assert SHARDED.shards == 10
    assert SHARDED.purpose == "things by day"
    assert SHARDED.missing({"t": "a", "day": "d", "id": None}) == ("id", "kind")
    assert SHARDED.missing({"t": "a", "day": "d", "id": "1", "kind": "k"}) == ()
    assert SHARDED.values({"t": "a", "day": "d", "id": "1", "kind": "k"}) == {"pk": "T#a#S#3", "sk": "d"}


@pytest.mark.parametrize("one", [7, Decimal(7), Decimal("7.0"), "7"])
def test_a_number_is_in_the_shard_of_its_text_however_it_was_read(one: Any) -> None:
    assert SHARDED.values({"t": "a", "day": "d", "id": one, "kind": "k"})["pk"] == "T#a#S#6"


def test_each_step_gives_a_new_key() -> None:
    key = Key(pk="T#{shard}")
    other = key.sharded(3, by="id", former=(2,)).projecting("a", "b")
    assert (key.shards, key.projection, other.shards, other.projection) == (1, "ALL", 3, ("a", "b"))
    assert other.sharding is not None
    assert other.sharding.former == (2,)
    assert key.keys_only().projection == "KEYS_ONLY"
    with pytest.raises(AttributeError):
        key.purpose = "changed"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (str, "", "k is empty, and a key needs at least 1 character"),
        (str, 5, "k is 5 of type int, but that key has the DynamoDB type S: give text"),
        (str, None, "k is None of type NoneType"),
        (str, "\ud800", "which no key can hold"),
        (int, "5", "that key has the DynamoDB type N: give an int or a Decimal"),
        (int, True, "k is True of type bool"),
        (int, 1.5, "k is 1.5 of type float"),
        (int, Decimal("NaN"), "finite numbers only"),
        (Decimal, 10**38 + 1, "at most 38 digits"),
        (bytes, b"", "that key has the DynamoDB type B: give bytes of at least 1 byte"),
        (bytes, "a", "that key has the DynamoDB type B"),
    ],
)
def test_a_value_that_cannot_be_a_native_key_is_refused(kind: type, value: object, words: str) -> None:
    with pytest.raises(BadItem) as caught:
        Key(k=kind).values({"k": value})
    assert words in str(caught.value)


@pytest.mark.parametrize("value", [1.5, True, b"a", Decimal("1.5"), ["a"]])
def test_what_no_shard_can_be_computed_from_is_refused(value: object) -> None:
    with pytest.raises(BadKeyPart, match=r"id is .*, and shards are computed from text or a whole number"):
        SHARDED.values({"t": "a", "day": "d", "id": value, "kind": "k"})


def test_native_text_is_normalised_as_key_parts_are() -> None:
    assert Key(k=str).values({"k": "cafe\u0301#%"}) == {"k": "caf\u00e9#%"}


@pytest.mark.parametrize(("role", "limit"), [("PK", 2_048), ("SK", 1_024)])
def test_a_key_is_refused_from_one_byte_over_its_limit_on(role: str, limit: int) -> None:
    key = Key(PK="A#{a}", SK="B#{b}")
    fields = {"a": "x", "b": "x"}
    name = {"PK": "a", "SK": "b"}[role]
    fits = "é" * ((limit - 2) // 2)
    assert len(key.values({**fields, name: fits})[role].encode()) == limit
    with pytest.raises(TooLarge, match=f"The key {role} would be {limit + 1} bytes .* at most {limit}: shorten {name}"):
        key.values({**fields, name: fits + "x"})
    with pytest.raises(TooLarge, match="k would be 2049 bytes"):
        Key(k=bytes).values({"k": b"x" * 2_049})
