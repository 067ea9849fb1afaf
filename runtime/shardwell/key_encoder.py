"""Composed key attributes of an item, by a function that is made once from the keys of a shape.

A field is written as a key part once for all the keys it is in, and each key attribute is filled in like a form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shardwell.keys import Key, KeyAttribute, shard_text
from shardwell.schema import Shape
from shardwell.sharding import Sharding
from shardwell.template import SHARD, Part, Template
from shardwell.values import AttributeValue

KeyEncoder = Callable[[Mapping[str, Any], dict[str, AttributeValue]], bool]
_Form = tuple[str, str, int, KeyAttribute]
"""A key attribute's name, its template as Python fills it in, how long it is never too long, and the attribute."""

_MOST_CHARACTER_BYTES = 4


def key_encoder(shape: Shape) -> KeyEncoder:
    """A function that adds its composed key attributes to an encoded item, unless it lacks the table's key: then False.

    The item is as the caller has it. Raises as the keys themselves do where a value cannot be part of a key.
    """
    keys = keys_of(shape)
    fields = tuple(shape.key_fields)
    parts = tuple({_slot(part): part for key in keys for part in _parts(key)}.items())
    shards = tuple({_shard_slot(key.sharding): key.sharding for key in keys if key.sharding}.items())
    (whole, of_table), *of_indexes = [(frozenset(key.fields), _forms(key)) for key in keys]

    def add_keys(item: Mapping[str, Any], found: dict[str, AttributeValue]) -> bool:
        present = {field for field in fields if item.get(field) is not None}
        if not whole <= present:
            return False
        texts = {slot: part.text(item[part.name]) for slot, part in parts if part.name in present}
        for slot, sharding in shards:
            if sharding.by in present:
                texts[slot] = str(sharding.shard(shard_text(sharding.by, item[sharding.by])))
        _fill(of_table, texts, found)
        for needed, forms in of_indexes:
            if needed <= present:
                _fill(forms, texts, found)
        return True

    return add_keys


def keys_of(shape: Shape) -> tuple[Key, ...]:
    """The key of the table, then that of each index."""
    return (shape.key, *shape.indexes.values())


def _fill(forms: tuple[_Form, ...], texts: Mapping[str, str], found: dict[str, AttributeValue]) -> None:
    for name, form, short, attribute in forms:
        text = form % texts
        if len(text) > short:
            attribute.within_limit(text)
        found[name] = {"S": text}


def _forms(key: Key) -> tuple[_Form, ...]:
    return tuple(
        (one.name, _form(one.template, key.sharding), one.most_bytes // _MOST_CHARACTER_BYTES, one)
        for one in key.attributes
        if one.template is not None
    )


def _form(template: Template, sharding: Sharding | None) -> str:
    """A template as Python fills it in: `%` never stands in its fixed text."""
    slots = (_shard_slot(sharding) if sharding and part.name == SHARD else _slot(part) for part in template)
    return "".join(f"{part.before}%({slot})s" for part, slot in zip(template, slots, strict=True)) + template.after


def _parts(key: Key) -> list[Part]:
    found = [part for one in key.attributes if one.template is not None for part in one.template]
    return [part for part in found if part.name != SHARD]


def _slot(part: Part) -> str:
    return part.name if part.digits is None else f"{part.name}:{part.digits}"


def _shard_slot(sharding: Sharding) -> str:
    return f"{SHARD} {sharding.by} {sharding.count}"
