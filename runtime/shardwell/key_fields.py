"""Fields read back out of the keys they were made into, for items of an index that holds little else.

An index that does not project everything has `TENANT#acme` in a key, and no attribute `tenant`. The key says what the
field was: text, or a number where the record says so or the template pads it. A table without a record may have put
either into a key part, and gets text: it makes the same key again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shardwell.fields import fields_of
from shardwell.keys import Key
from shardwell.schema import Shape, Table
from shardwell.template import SHARD, Part, Template
from shardwell.values import AttributeValue, decode_item

_WHOLE = re.compile(r"-?\d+", re.ASCII)


def restorable(shape: Shape, index_name: str) -> frozenset[str]:
    """The fields that the keys of an index's item tell."""
    return frozenset(name for _, template in _templates(shape, index_name) for name in template.fields) - {SHARD}


def key_fields(table: Table, index_name: str, encoded: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """The fields that the keys of an index's item were made of, as a read of the table would give them."""
    key = decode_item({attribute.name: encoded[attribute.name] for attribute in table.key.attributes})
    name = table.shape_of(key)
    if name is None:
        return {}
    shape = table.shapes[name]
    found: dict[str, Any] = {}
    for attribute, template in _templates(shape, index_name):
        texts = template.parse_key(encoded[attribute]["S"]) or {}
        found |= {part.name: _typed(shape, part, texts[part.name]) for part in template if part.name in texts}
    found.pop(SHARD, None)
    return found


def _templates(shape: Shape, index_name: str) -> Iterator[tuple[str, Template]]:
    keys: list[Key] = [shape.key, *([shape.indexes[index_name]] if index_name in shape.indexes else [])]
    return ((a.name, a.template) for key in keys for a in key.attributes if a.template is not None)


def _typed(shape: Shape, part: Part, text: str) -> str | Decimal:
    described = None if shape.record is None else fields_of(shape.record).get(part.name)
    is_number = part.digits is not None if described is None else described.kind in (int, Decimal)
    return Decimal(text) if is_number and _WHOLE.fullmatch(text) else text  # an older record may have put text there
