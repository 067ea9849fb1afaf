"""Values: stored as boto3 stores them, sized as DynamoDB documents it, refused exactly where DynamoDB would refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import example, given
from hypothesis import strategies as st

from shardwell.errors import BadItem, TooLarge
from shardwell.values import MOST_ITEM_BYTES, decode_value, encode_item, encode_value, item_size
from tests.property.evaluator import plain

exact = st.integers(-(10**38) + 1, 10**38 - 1) | st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(map(int, str(digits))), exponent)),
    st.integers(0, 1),
    st.integers(0, 10**38 - 1),
    st.integers(-130, 88),
)
any_number = st.integers() | st.decimals(allow_nan=False) | st.just(Decimal("NaN")) | exact | st.floats()
texts = st.text(max_size=8) | st.just("\ud800") | st.just("é")
scalars = st.none() | st.booleans() | any_number | texts | st.binary(max_size=8)
sets = st.sets(texts | any_number | st.binary(max_size=3), max_size=3) | st.frozensets(exact, max_size=3)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
anything = st.recursive(
    scalars | sets | st.just(object()) | st.just(bytearray(b"a")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(names, inner, max_size=3)
        | st.dictionaries(st.integers(), inner, min_size=1, max_size=1)
    ),
    max_leaves=6,
)


def storable(value: Any) -> bool:
    """Whether DynamoDB keeps this value, and keeps it as it is."""
    if isinstance(value, str):
        return not any(0xD800 <= ord(one) <= 0xDFFF for one in value)
    if value is None or type(value) in (bool, bytes):
        return True
    if type(value) in (int, Decimal):
        return storable_number(Decimal(value))
    if isinstance(value, set | frozenset):
        kinds = {{str: "S", bytes: "B", int: "N", Decimal: "N"}.get(type(one), "?") for one in value}
        return len(kinds) == 1 and kinds <= {"S", "B", "N"} and all(map(storable, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) and storable(one) for name, one in value.items())
    return isinstance(value, list | tuple) and all(map(storable, value))


def storable_number(number: Decimal) -> bool:
    if not number.is_finite() or number == 0:
        return number.is_finite()
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits) <= 38 and -130 <= number.adjusted() <= 125


def documented_size(value: Any) -> int:
    """Bytes of a value by the rules of the developer guide, counted from the Python value."""
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int | Decimal):
        digits = "".join(map(str, Decimal(value).as_tuple().digits)).strip("0")
        return -(-len(digits) // 2) + 1 + (value < 0)
    if isinstance(value, str | bytes):
        return len(value.encode() if isinstance(value, str) else value)
    if isinstance(value, set | frozenset):
        return sum(map(documented_size, value))
    if isinstance(value, dict):
        return 3 + sum(1 + len(name.encode()) + documented_size(one) for name, one in value.items())
    return 3 + sum(1 + documented_size(one) for one in value)


def without_wrappers(value: Any) -> Any:
    """What boto3 gives back, its Binary as the bytes it wraps."""
    if isinstance(value, Binary):
        return value.value
    if isinstance(value, dict):
        return {name: without_wrappers(one) for name, one in value.items()}
    if isinstance(value, list | set):
        return type(value)(without_wrappers(one) for one in value)
    return value


def as_read(value: Any) -> Any:
    """A value as it comes back: every sequence a list, every set a set."""
    if isinstance(value, list | tuple):
        return [as_read(one) for one in value]
    if isinstance(value, dict):
        return {name: as_read(one) for name, one in value.items()}
    return set(value) if isinstance(value, frozenset) else value


@given(anything)
@example(Decimal("1E-130"))
@example(Decimal("9.9999999999999999999999999999999999999E+125"))
@example(Decimal("1E+126"))
@example(Decimal("1E-131"))
@example(Decimal("0E-999"))
@example(Decimal("1" + "0" * 60))
@example(10**38 + 1)
@example(10**5_000)
@example(Decimal("-Infinity"))
@example(1.0)
@example({1, "1"})
@example(set())
@example({"a\ud800"})
@example({True, False})
def test_a_value_is_stored_exactly_or_refused(value: Any) -> None:
    if not storable(value):
        with pytest.raises(BadItem):
            encode_value("field", value)
        return
    encoded = encode_value("field", value)
    back = decode_value(encoded)
    assert back == as_read(value)
    assert plain(encode_value("field", back)) == plain(encoded)
    assert without_wrappers(TypeDeserializer().deserialize(encoded)) == back


@given(anything.filter(storable))
def test_a_value_is_stored_as_boto3_stores_it(value: Any) -> None:
    try:
        theirs = TypeSerializer().serialize(value)
    except Exception:  # noqa: BLE001  # boto3 raises nearly anything for what it does not take
        return
    assert plain(encode_value("field", value)) == plain(theirs)


@given(st.dictionaries(names, anything.filter(storable), max_size=4))
def test_an_items_size_is_what_dynamodb_documents(item: dict[str, Any]) -> None:
    expected = sum(len(name.encode()) + documented_size(value) for name, value in item.items())
    assert item_size(encode_item(item)) == expected


@given(st.sampled_from(["S", "B", "L"]), st.integers(-2, 2))
def test_an_item_is_refused_from_one_byte_over_the_limit_on(kind: str, over: int) -> None:
    room = MOST_ITEM_BYTES + over - len("name") - (4 if kind == "L" else 0)
    value: Any = {"S": "é" * (room // 2) + "a" * (room % 2), "B": b"a" * room, "L": ["a" * room]}[kind]
    if over > 0:
        with pytest.raises(TooLarge, match="name"):
            encode_item({"name": value})
    else:
        assert item_size(encode_item({"name": value})) == MOST_ITEM_BYTES + over


@pytest.mark.parametrize(("levels", "fine"), [(1, True), (32, True), (33, False), (900, False)])
def test_nesting_ends_at_32_levels(levels: int, fine: bool) -> None:
    value: Any = "leaf"
    for _ in range(levels):
        value = [value]
    if fine:
        assert decode_value(encode_value("field", value)) == value
    else:
        with pytest.raises(BadItem, match="32 levels"):
            encode_value("field", value)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"price": 1.5}, r"price is the float 1.5, which is not exact: give Decimal\('1.5'\)"),
        ({"a": {"b": [1, 2.5]}}, r"a\.b\[1\] is the float 2.5"),
        ({"price": Decimal("NaN")}, "price is NaN, and DynamoDB stores finite numbers only"),
        ({"n": 10**5_000}, "n is a number of thousands of digits, and DynamoDB keeps at most 38"),
        ({"tags": set()}, "tags is a set that is empty"),
        ({"tags": {1, "a"}}, "tags is a set that is of several types"),
        ({"when": object}, "when is <class 'object'> of type type, which DynamoDB cannot store"),
        ({"a": {1: "x"}}, "a has a value named 1: DynamoDB takes names of at least 1 character"),
        ({"note": "\ud800"}, "note is '.ud800', which is not valid Unicode"),
        ({"tags": {"\ud800"}}, "tags is .*not valid Unicode"),
        ({"\ud800": 1}, "A name in The item is .*not valid Unicode"),
        ({"a": {"": 1}}, "a has a value named .*at least 1 character"),
    ],
)
def test_a_refusal_names_the_field_the_value_and_the_way_out(item: dict[str, Any], words: str) -> None:
    with pytest.raises(BadItem, match=words):
        encode_item(item)
