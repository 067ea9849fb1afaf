"""Items encoded in one pass, by functions that are made once from the description of their shape.

What the description says of a field (its types, its checks, whether a key is made of it) is looked up when the encoder
is made, and not again for each item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from shardwell.errors import ShardwellError
from shardwell.fields import Check, fields_of
from shardwell.key_encoder import key_encoder, keys_of
from shardwell.keypart import normalise, whole_number
from shardwell.keys import KeyAttribute
from shardwell.schema import Shape, Table, Ttl
from shardwell.values import MOST_ITEM_BYTES, AttributeValue, check_number, check_size, encode_value

ItemEncoder = Callable[[Mapping[str, Any], datetime], dict[str, AttributeValue] | None]
ValueEncoder = Callable[[Any], AttributeValue | None]

_TYPES = (str, int, Decimal, bool, type(None), bytes, list, tuple, dict, set, frozenset)
_SCALARS = {str, int, Decimal, bool}
_MOST_CHARACTER_BYTES = 12
"""4 in UTF-8, and NFC makes of a text at most three times as many."""
_MOST_NUMBER_BYTES = 21
_ALL_DIGITS = 10**38
_DAY_CHARACTERS = len("YYYY-MM-DD")
_DAYS_KEPT = 1_024


def item_encoder(table: Table, shape: Shape) -> ItemEncoder:
    """A function from an item and the time to the item as DynamoDB takes it, checked and completed.

    It gives None for an item that is refused, or of a kind too rare to be provided for: `Codec.stored` is the long way
    to the same item, and has the words for everything that can be wrong with it.
    """
    find = _free_finder(table, shape) if shape.record is None else _record_encoders(table, shape, shape.record).get
    fields = {} if shape.record is None else fields_of(shape.record)
    required = frozenset(name for name, field in fields.items() if field.required)
    add_ttl = _ttl_adder(table.ttl)
    add_keys = key_encoder(shape)
    short = _short_enough(table, shape)

    def encode(item: Mapping[str, Any], now: datetime) -> dict[str, AttributeValue] | None:
        found: dict[str, AttributeValue] = {}
        characters = 0
        try:
            for name, value in item.items():
                encoder = find(name)
                if encoder is None or (encoded := encoder(value)) is None:
                    return None
                found[name] = encoded
                if type(value) is str:
                    characters += len(value)
            item = add_ttl(item, found, now)
            if not found.keys() >= required or not add_keys(item, found):
                return None
            if characters > short:
                check_size(found)
        except ShardwellError:  # the long way raises it again, or that of another fault which it comes upon first
            return None
        return found

    return encode


def own_attributes(table: Table) -> frozenset[str]:
    """Attributes that the table keeps beside the record: version and time to live."""
    return frozenset(name for name in (table.version, table.ttl and table.ttl.attribute) if name)


def _record_encoders(table: Table, shape: Shape, record: type) -> dict[str, ValueEncoder]:
    """What encodes the values of each attribute that an item may have."""
    own = {name: _value_encoder(table, shape, name, (int, Decimal), ()) for name in own_attributes(table)}
    fields = fields_of(record)
    return own | {name: _value_encoder(table, shape, name, one.types, one.checks) for name, one in fields.items()}


def _free_finder(table: Table, shape: Shape) -> Callable[[Any], ValueEncoder | None]:
    """A function from an attribute's name to what encodes its values, for items that are free in form."""
    special = shape.key_fields | table.attributes.keys() | own_attributes(table)
    known = {name: _value_encoder(table, shape, name, _TYPES, ()) for name in special}
    known |= dict.fromkeys(shape.composed, _refused)
    other = _value_encoder(table, shape, "", _TYPES, ())

    def find(name: Any) -> ValueEncoder | None:
        found = known.get(name)
        if found is None and type(name) is str and name and name.isascii():
            return other
        return found

    return find


def _refused(_value: Any) -> None:
    return None


def _value_encoder(
    table: Table, shape: Shape, name: str, types: Iterable[type], checks: tuple[Check, ...]
) -> ValueEncoder:
    """What encodes the values of one attribute, and gives None for those that the description refuses."""
    encoders: dict[type, ValueEncoder] = {kind: _ENCODERS.get(kind, partial(encode_value, name)) for kind in types}
    if name in shape.key_fields and str in encoders:
        encoders[str] = partial(_normalised_text, name)
    if natives := [a for key in keys_of(shape) for a in key.attributes if a.template is None and a.name == name]:
        encoders = {kind: partial(_native, natives, encoder) for kind, encoder in encoders.items()}
    if name in table.attributes or name in own_attributes(table):
        encoders.pop(type(None), None)
    if name in own_attributes(table):
        checks = (_no_whole_number, *checks)

    def encode(value: Any) -> AttributeValue | None:
        encoder = encoders.get(type(value))
        if encoder is None:
            return None
        for check in checks:
            if check(value) is not None:
                return None
        return encoder(value)

    return encode


def _native(attributes: list[KeyAttribute], encoder: ValueEncoder, value: Any) -> AttributeValue | None:
    for attribute in attributes:
        value = attribute.value({attribute.name: value})
    return encoder(value)


def _no_whole_number(value: Any) -> str | None:
    return "is no whole number" if whole_number(value) is None else None


def _text(value: str) -> AttributeValue:
    return {"S": value} if value.isascii() else encode_value("", value)


def _normalised_text(name: str, value: str) -> AttributeValue:
    return {"S": value} if value.isascii() else {"S": normalise(name, value)}


def _int(value: int) -> AttributeValue:
    return {"N": str(value) if -_ALL_DIGITS < value < _ALL_DIGITS else check_number("", value)}


_ENCODERS: Mapping[type, ValueEncoder] = {
    str: _text,
    int: _int,
    Decimal: lambda value: {"N": check_number("", value)},
    bool: lambda value: {"BOOL": value},
}
"""Those of the commonest types; what they refuse is refused again, by name, on the long way."""


def _ttl_adder(
    ttl: Ttl | None,
) -> Callable[[Mapping[str, Any], dict[str, AttributeValue], datetime], Mapping[str, Any]]:
    """A function that adds its time to live to an encoded item without one, and gives the item as it then is."""
    if ttl is None:
        return lambda item, _found, _now: item
    of_day = lru_cache(_DAYS_KEPT)(ttl.of_start)  # items of one day are many; instants are each of their own

    def add(item: Mapping[str, Any], found: dict[str, AttributeValue], now: datetime) -> Mapping[str, Any]:
        if ttl.attribute in found:
            return item
        start = None if ttl.after is None else item.get(ttl.after)
        is_day = type(start) is str and len(start) == _DAY_CHARACTERS
        at = of_day(start) if is_day else ttl.of(item, now)
        if at is None:
            return item
        found[ttl.attribute] = {"N": str(at)}
        return {**item, ttl.attribute: at}

    return add


def _short_enough(table: Table, shape: Shape) -> int:
    """How many characters of text an item may have that need not be measured; -1 where every item is."""
    fields = {} if shape.record is None else fields_of(shape.record)
    if shape.record is None or not all(_SCALARS.issuperset(field.types) for field in fields.values()):
        return -1
    composed = [one for key in keys_of(shape) for one in key.attributes if one.template is not None]
    names = {*fields, *own_attributes(table), *shape.composed}
    fixed = sum(len(name.encode()) + _MOST_NUMBER_BYTES for name in names) + sum(one.most_bytes for one in composed)
    return (MOST_ITEM_BYTES - fixed) // _MOST_CHARACTER_BYTES
