"""The encoder made from a description, against the long way: the same item, or the same refusal in the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import event, find, given
from hypothesis import strategies as st

from sales_intelligence.tables import SALES
from shardwell import Day, Key, Table, Ttl
from shardwell.codec import Codec
from shardwell.encoder import item_encoder
from shardwell.errors import ShardwellError, TooLarge
from shardwell.fields import Instant, fields_of
from shardwell.values import MOST_ITEM_BYTES, encode_item, item_size
from tests.property.shop import shop
from tests.property.text import parts
from tests.support.descriptions import BLOBS, INDEXED, PLAIN, PROJECTED, READINGS, SHOP, VERSIONED

NOW = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Everything:
    """A record with every type a field may have."""

    text: str
    day: Day
    since: Instant
    kind: Literal["a", "b"]
    number: int
    price: Decimal | None = None
    flag: bool | None = None
    data: bytes | None = None
    entries: list[str] | None = None
    pair: tuple[str, ...] | None = None
    nested: dict[str, Any] | None = None
    tags: set[str] | None = None
    labels: frozenset[str] | None = None


EVERYTHING = Table(
    "test-everything",
    key=Key(PK="A#{text}#B", SK="N#{number:03d}#{kind}"),
    indexes={
        "ByNumber": Key(NPK="N#{number}#SHARD#{shard}", price=Decimal).sharded(7, by="text", former=(3,)),
        "ByData": Key(data=bytes, day=str).keys_only(),
        "Flagged": Key(FPK="FLAG#{shard}", FSK="{day}#{text}").sharded(4, by="text").when("flag"),
        "Other": Key(OPK="é#{kind}#{shard}", OSK="{since}").sharded(2, by="number"),
    },
    ttl=Ttl("expires", days=3, after="since"),
    version="revision",
    record=Everything,
)
UNDATED = Table(
    "test-undated", key=Key(PK="T#{ttl}", SK="{a}"), indexes={"ByTtl": Key(TPK="{b}#{ttl}")}, ttl=Ttl("ttl", 1)
)
"""Keys made of the time to live itself, which counts from the first write."""

TABLES = (SALES, shop(), VERSIONED, EVERYTHING, SHOP, READINGS, BLOBS, PLAIN, INDEXED, PROJECTED, UNDATED)
CODECS = [Codec.of(table, name, table.name_template) for table in TABLES for name in table.shapes]
NAMES = [f"{table.name_template}-{name}" for table in TABLES for name in table.shapes]
SALE = {
    **dict.fromkeys(("tenant", "productId", "saleId", "currency", "category"), "a"),
    **dict.fromkeys(("salePrice", "originalPrice"), 1),
    **dict.fromkeys(("createdAt", "updatedAt"), "2025-01-31T10:00:00Z"),
    "saleDate": "2025-01-31",
    "season": "Q1",
    "vendorId": "v",
}

numbers = st.integers(-5, 1_200) | st.decimals(-5, 1_200, places=0) | st.sampled_from([10**38 - 1, Decimal("1E+37")])
days = st.sampled_from(["2025-02-28", "2024-02-29", "0001-01-01", "9999-12-31"])
instants = st.sampled_from(["2025-02-28T10:00:00Z", "2025-02-28T10:00:00.25Z"])
texts = parts | st.text(max_size=5)
WRONG = (
    *(None, True, 1.5, "", "\ud800", "\U0010ffff", "2025-02-30", "2025-02-30T10:00:00Z", b"", object()),
    *(10**38, -(10**40), 10**5_000, Decimal("NaN"), Decimal("1.5"), Decimal("-0"), Decimal("1E-131")),
    *((), [], set(), {1: "a"}, {"": 1}, {"a", 1}, [1.5]),
    *("é" * 700, "x" * 2_100, "a" * MOST_ITEM_BYTES, b"b" * MOST_ITEM_BYTES, [["a" * 204_800]] * 2),
)
"""Values that some field refuses, and others take."""
hostile = st.sampled_from(WRONG) | texts | numbers
names = st.sampled_from(["other", "é", "", "\ud800", "saleDate", "PK", "GPK", "SHARD", 7]) | st.text(max_size=3)


USUAL: dict[type, st.SearchStrategy[Any]] = {
    str: parts | days,
    int: numbers,
    Decimal: numbers | st.decimals(-100, 100, places=2),
    bool: st.booleans(),
    bytes: st.binary(min_size=1, max_size=4),
    list: st.lists(texts, max_size=2),
    tuple: st.tuples(texts),
    dict: st.dictionaries(texts, texts | numbers, max_size=2),
    set: st.sets(texts, min_size=1, max_size=2),
    frozenset: st.frozensets(texts, min_size=1, max_size=2),
}
"""Values that a field of a type mostly has."""
RIGHT = {"day": days, "saleDate": days, "since": instants, "createdAt": instants, "updatedAt": instants} | {
    "season": st.sampled_from(["Q1", "Q4"]),
    "kind": st.sampled_from("ab"),
}
"""Of the fields that have checks, values that pass them."""


def usual_values(codec: Codec) -> dict[str, st.SearchStrategy[Any]]:
    """For each field of a shape, values that it mostly has."""
    found: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(sorted(codec.own_attributes), numbers)
    if codec.shape.record is not None:
        found |= {name: USUAL[field.kind] for name, field in fields_of(codec.shape.record).items()}
    else:
        native = {"S": parts, "N": numbers, "B": USUAL[bytes]}
        kinds = codec.table.attributes
        found |= {name: native.get(kinds.get(name, ""), parts | numbers) for name in sorted(codec.shape.key_fields)}
        found["more"] = texts | USUAL[dict] | st.none()
    return {name: RIGHT.get(name, values) for name, values in found.items()}


def required(codec: Codec) -> set[str]:
    """Fields that an item of a shape cannot do without."""
    record = codec.shape.record
    described = set() if record is None else {name for name, one in fields_of(record).items() if one.required}
    return described | set(codec.shape.key.fields)


@st.composite
def right_items(draw: st.DrawFn, codec: Codec) -> dict[Any, Any]:
    """An item that is mostly right."""
    needed = required(codec) - codec.own_attributes
    return {name: draw(values) for name, values in usual_values(codec).items() if name in needed or draw(st.booleans())}


@st.composite
def items(draw: st.DrawFn, codec: Codec) -> dict[Any, Any]:
    """An item that is often wrong, in one place or in several."""
    item = draw(right_items(codec))
    for _ in range(draw(st.integers(0, 2))):
        item[draw(st.sampled_from([*item, *codec.table.attributes]) | names)] = draw(hostile)
    if item and draw(st.integers(0, 3)) == 0:
        del item[draw(st.sampled_from(list(item)))]
    return item


def outcome(encode: Callable[[Mapping[Any, Any], datetime], Any], item: Mapping[Any, Any]) -> Any:
    """The encoded item with the order of its attributes, or the class and the words of its refusal."""
    try:
        return list(encode(item, NOW).items())
    except ShardwellError as error:
        return type(error), str(error)


def the_long_way(codec: Codec) -> Callable[[Mapping[Any, Any], datetime], Any]:
    """An item checked, completed and encoded step by step."""
    return lambda item, now: encode_item(codec.stored(item, now))


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
@given(data=st.data())
def test_an_item_is_encoded_or_refused_as_on_the_long_way(codec: Codec, data: st.DataObject) -> None:
    item = data.draw(items(codec))
    before = dict(item)
    assert outcome(codec.encoded, item) == outcome(the_long_way(codec), item)
    assert item == before


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
def test_an_item_wrong_in_one_place_is_too(codec: Codec) -> None:
    item = find(right_items(codec), lambda item: isinstance(outcome(the_long_way(codec), item), list))
    for name in sorted({*usual_values(codec), *codec.table.attributes, *codec.table.composed, "other"}):
        for wrong in WRONG:
            changed = {**item, name: wrong}
            assert outcome(codec.encoded, changed) == outcome(the_long_way(codec), changed), name


@pytest.mark.parametrize("codec", CODECS, ids=NAMES)
@given(data=st.data())
def test_a_right_item_needs_no_long_way(codec: Codec, data: st.DataObject) -> None:
    item = data.draw(right_items(codec))
    expected = outcome(the_long_way(codec), item)
    event("right" if isinstance(expected, list) else "refused")
    if isinstance(expected, list):
        assert outcome(item_encoder(codec.table, codec.shape), item) == expected


@pytest.mark.parametrize("character", ["a", "é", "\u20ac", "\U0001d160"])  # the last is three times as long in NFC
@pytest.mark.parametrize("field", ["description", "embeddingId"])
@pytest.mark.parametrize("over", [0, 1])
def test_an_item_is_refused_from_one_byte_over_the_limit_on(character: str, field: str, over: int) -> None:
    codec = CODECS[0]
    least = item_size(codec.encoded({**SALE, field: character}, NOW))
    width = item_size(codec.encoded({**SALE, field: character * 2}, NOW)) - least
    count, rest = divmod(MOST_ITEM_BYTES + over - least, width)
    item = {**SALE, field: character * (1 + count), "vendorId": "v" * (1 + rest)}
    if over:
        with pytest.raises(TooLarge, match=field):
            codec.encoded(item, NOW)
    else:
        assert item_size(codec.encoded(item, NOW)) == MOST_ITEM_BYTES
