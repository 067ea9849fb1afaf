"""What makes an item itself: its table key, as something that can be looked up."""

from __future__ import annotations

from collections.abc import Mapping

from shardwell.codec import Codec
from shardwell.values import AttributeValue, decode_value

Identity = tuple[object, ...]


def key_of(codec: Codec, encoded: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """The table key of an item as DynamoDB has it."""
    return {attribute.name: encoded[attribute.name] for attribute in codec.table.key.attributes}


def identity_of(codec: Codec, encoded: Mapping[str, AttributeValue]) -> Identity:
    """The table key of an item or key as DynamoDB has it; equal numbers are equal however they are spelt."""
    return tuple(decode_value(encoded[attribute.name]) for attribute in codec.table.key.attributes)
