"""What DynamoDB refuses in an item, a key or a value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.support.rules.table_keys import TableKeys
from tests.support.rules.verdict import demand

MOST_ITEM = 400 * 1024
MOST_DIGITS = 38
MOST_DEPTH = 32
MOST_KEY = (2048, 1024)
MOST_VALUES = 2 * 1024 * 1024


def check_item(item: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse an item that is too large, lacks its key, or holds a value or key that cannot be."""
    size = size_of(item)
    demand(size <= MOST_ITEM, f"The item is {size} bytes: Item size has exceeded the maximum allowed size.")
    check_values(item)
    _check_key_attributes(item, keys.table, keys)
    for index in keys.indexes.values():
        _check_key_attributes(item, tuple(name for name in index if name in item), keys, index)


def check_key(key: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse a key that is not exactly the table's."""
    demand(set(key) == set(keys.table), f"The provided key {sorted(key)} does not match the schema {keys.table}.")
    check_values(key)
    _check_key_attributes(key, keys.table, keys)


def check_values(values: Mapping[str, Any]) -> None:
    """Refuse a value that no attribute can have."""
    demand(size_of(values) <= MOST_VALUES, "The values of the expression are over 2 MB.")
    for name, value in values.items():
        _check_value(name, value, 1)


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes of an item, as DynamoDB counts them."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _check_key_attributes(
    item: Mapping[str, Any], needed: tuple[str, ...], keys: TableKeys, schema: tuple[str, ...] | None = None
) -> None:
    for name in needed:
        demand(name in item, f"One of the required keys was not given a value: {name}.")
        ((kind, value),) = item[name].items()
        demand(kind == keys.types[name], f"Type mismatch for key {name}: {keys.types[name]} expected, {kind} given.")
        if kind in "SB":
            size = len(value.encode() if isinstance(value, str) else value)
            most = MOST_KEY[(schema or keys.table).index(name)]
            demand(size > 0, f"The key attribute {name} cannot be empty.")
            demand(size <= most, f"The key attribute {name} is {size} bytes, over {most}.")


def _check_value(name: str, value: Mapping[str, Any], depth: int) -> None:
    ((kind, inner),) = value.items()
    demand(depth <= MOST_DEPTH, f"{name}: nesting levels have exceeded supported limits.")
    match kind:
        case "N":
            _check_number(name, inner)
        case "SS" | "NS" | "BS":
            demand(len(inner) > 0, f"{name}: an attribute cannot be an empty set.")
            plain = [Decimal(one) for one in inner] if kind == "NS" else list(inner)
            demand(len(set(plain)) == len(plain), f"{name}: input collection contains duplicates.")
            for one in inner if kind == "NS" else ():
                _check_number(name, one)
        case "L":
            for one in inner:
                _check_value(name, one, depth + 1)
        case "M":
            for key, one in inner.items():
                _check_value(f"{name}.{key}", one, depth + 1)


def _check_number(name: str, text: str) -> None:
    number = Decimal(text)
    demand(number.is_finite(), f"{name}: {text} cannot be converted to a numeric value.")
    digits = len(number.as_tuple().digits) if number else 1
    trailing = len(str(int("".join(map(str, number.as_tuple().digits)))).rstrip("0")) if number else 1
    demand(min(digits, trailing) <= MOST_DIGITS, f"{name}: attempting to store more than 38 significant digits.")
    demand(not number or -130 <= number.adjusted() <= 125, f"{name}: number overflow or underflow.")


def _size(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "B":
            return len(inner)
        case "N":
            return _number_size(inner)
        case "L":
            return 3 + sum(1 + _size(one) for one in inner)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in inner.items())
        case "SS":
            return sum(len(one.encode()) for one in inner)
        case "BS":
            return sum(len(one) for one in inner)
        case "NS":
            return sum(_number_size(one) for one in inner)
        case _:
            return 1


def _number_size(text: str) -> int:
    digits = "".join(map(str, Decimal(text).as_tuple().digits)).strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")
