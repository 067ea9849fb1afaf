"""Values as DynamoDB stores them: Python to attribute values and back, exact, and refused where DynamoDB would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal, Underflow
from typing import Any

from shardwell.errors import BadItem, TooLarge
from shardwell.keypart import shown

AttributeValue = dict[str, Any]

MOST_ITEM_BYTES = 409_600
MOST_DEPTH = 32
MOST_DIGITS = 38
_OUT_OF_RANGE = (Inexact, InvalidOperation, Overflow, Subnormal, Underflow)
_EXACT = Context(prec=MOST_DIGITS, Emin=-130, Emax=125, traps=[*_OUT_OF_RANGE])


def encode_item(item: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """`item` as DynamoDB takes it; its size is checked."""
    for name in item:
        _check_name("The item", name)
    encoded = {name: encode_value(name, value) for name, value in item.items()}
    check_size(encoded)
    return encoded


def encode_value(name: str, value: Any, depth: int = 0) -> AttributeValue:
    """One value as DynamoDB takes it; `name` is what an error calls it."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise BadItem(_refusal(name, value))
    if depth > MOST_DEPTH:
        raise BadItem(f"{name} is nested more than {MOST_DEPTH} levels deep, which DynamoDB refuses: flatten it.")
    return encoder(name, value, depth)


def decode_item(encoded: Mapping[str, AttributeValue], *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The Python values of an item that DynamoDB returned, but for some attributes; numbers are Decimal."""
    item = {}
    for name, value in encoded.items():
        if name not in without:
            text = value.get("S")  # most values are text: the shorter way for them halves the time of a page
            item[name] = decode_value(value) if text is None else text
    return item


def decode_value(encoded: AttributeValue) -> Any:
    """The Python value of one attribute value."""
    ((kind, value),) = encoded.items()
    return _DECODERS[kind](value)


def check_number(name: str, value: int | Decimal) -> str:
    """The number as DynamoDB spells it, refused where DynamoDB would round or refuse it."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadItem(f"{name} is {value}, and DynamoDB stores finite numbers only: leave it out instead.")
    if value == 0:
        return "0"  # boto3 cannot read a zero of many decimal places
    try:
        return str(_EXACT.create_decimal(value))
    except _OUT_OF_RANGE:
        raise BadItem(
            f"{name} is {shown(value)}, and DynamoDB keeps at most {MOST_DIGITS} digits between 1E-130 and 9.9E+125: "
            "round it first."
        ) from None


def check_size(encoded: Mapping[str, AttributeValue]) -> int:
    """Bytes of an item as DynamoDB counts them, or TooLarge."""
    size = item_size(encoded)
    if size > MOST_ITEM_BYTES:
        name, biggest = max(((n, _size(v)) for n, v in encoded.items()), key=lambda pair: pair[1])
        raise TooLarge(
            f"The item is {size:,} bytes and DynamoDB takes at most {MOST_ITEM_BYTES:,}: shorten it or keep its "
            f"largest field, {name} ({biggest:,} bytes), in S3."
        )
    return size


def item_size(encoded: Mapping[str, AttributeValue]) -> int:
    """Bytes of an item as DynamoDB counts them."""
    return sum(len(name.encode()) + _size(value) for name, value in encoded.items())


def _encode_text(name: str, value: str, _depth: int) -> AttributeValue:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadItem(f"{name} is {shown(value)}, which is not valid Unicode (a lone surrogate): remove it.") from None
    return {"S": value}


def _encode_list(name: str, value: list[Any] | tuple[Any, ...], depth: int) -> AttributeValue:
    return {"L": [encode_value(f"{name}[{index}]", one, depth + 1) for index, one in enumerate(value)]}


def _encode_map(name: str, value: dict[str, Any], depth: int) -> AttributeValue:
    for key in value:
        _check_name(name, key)
    return {"M": {key: encode_value(f"{name}.{key}", one, depth + 1) for key, one in value.items()}}


def _check_name(where: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        raise BadItem(f"{where} has a value named {shown(name)}: DynamoDB takes names of at least 1 character of text.")
    _encode_text(f"A name in {where}", name, 0)


def _encode_set(name: str, value: set[Any] | frozenset[Any], _depth: int) -> AttributeValue:
    kinds = {_kind_in_set(name, one) for one in value}
    if len(kinds) != 1:
        what = "empty" if not kinds else "of several types"
        raise BadItem(
            f"{name} is a set that is {what}, and DynamoDB keeps sets of one type, never empty: leave it out."
        )
    (kind,) = kinds
    if kind == "NS":
        return {kind: sorted({check_number(name, one) for one in value})}
    return {kind: sorted(value)}


def _kind_in_set(name: str, value: Any) -> str:
    kind = {str: "SS", bytes: "BS", int: "NS", Decimal: "NS"}.get(type(value))
    if kind is None:
        raise BadItem(_refusal(name, value))
    if kind == "SS":
        _encode_text(name, value, 0)
    return kind


def _refusal(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{name} is the float {value!r}, which is not exact: give Decimal({str(value)!r}) or an int."
    return (
        f"{name} is {shown(value)} of type {type(value).__name__}, which DynamoDB cannot store: give str, int, "
        "Decimal, bool, bytes, None, list, dict or a set."
    )


_ENCODERS: dict[type, Callable[[str, Any, int], AttributeValue]] = {
    str: _encode_text,
    int: lambda name, value, _depth: {"N": check_number(name, value)},
    Decimal: lambda name, value, _depth: {"N": check_number(name, value)},
    bool: lambda _name, value, _depth: {"BOOL": value},
    type(None): lambda _name, _value, _depth: {"NULL": True},
    bytes: lambda _name, value, _depth: {"B": value},
    list: _encode_list,
    tuple: _encode_list,
    dict: _encode_map,
    set: _encode_set,
    frozenset: _encode_set,
}

_DECODERS: dict[str, Callable[[Any], Any]] = {
    "S": lambda value: value,
    "N": Decimal,
    "BOOL": lambda value: value,
    "NULL": lambda _value: None,
    "B": lambda value: value,
    "L": lambda value: [decode_value(one) for one in value],
    "M": decode_item,
    "SS": set,
    "NS": lambda value: {Decimal(one) for one in value},
    "BS": set,
}

_OVERHEAD = 3
"""Bytes DynamoDB adds to a list or map, beside one for each element."""


def _size(encoded: AttributeValue) -> int:
    ((kind, value),) = encoded.items()
    match kind:
        case "S":
            return len(value) if value.isascii() else len(value.encode())
        case "N":
            return _number_size(value)
        case "BOOL" | "NULL":
            return 1
        case "B":
            return len(value)
        case "L":
            return _OVERHEAD + sum(1 + _size(one) for one in value)
        case "M":
            return _OVERHEAD + sum(1 + len(name.encode()) + _size(one) for name, one in value.items())
        case "NS":
            return sum(map(_number_size, value))
        case _:
            return sum(len(one.encode() if isinstance(one, str) else one) for one in value)


def _number_size(text: str) -> int:
    """At most 21 bytes: about one for two significant digits, one for the exponent, one for a sign."""
    digits = text.partition("E")[0].replace(".", "").lstrip("-").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")
