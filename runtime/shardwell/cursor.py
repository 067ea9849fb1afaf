"""Cursors: where a reader is in a query, opaque, signed, and bound to that query.

A cursor holds, for each shard, the key of the last item that was given out. While items may move between shards it
holds that of one before the last sort key, and the table key of the last item: its size does not depend on how many
items share a sort key. Its signature covers the query too, so the cursor of another tenant, index or range is refused
like a forged one.
"""

from __future__ import annotations

import hmac
import json
import zlib
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from shardwell.errors import BadCursor, SchemaError
from shardwell.values import AttributeValue

_SIGNATURE_BYTES = 16

Position = list[AttributeValue] | None
"""Key values of an item that a shard goes on after, or None where it begins."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a query: each shard's position, the sort key of the last item given out, shards read to the end.

    `within` is the table key of an item of that sort key: those up to it, in the order of their table keys, have been
    given out too. None where the positions alone say what has been.
    """

    positions: Mapping[int, Position] = field(default_factory=dict)
    last: AttributeValue | None = None
    done: frozenset[int] = frozenset()
    within: Position = None


def write_cursor(place: Place, binding: bytes, keys: Sequence[bytes]) -> str:
    """The cursor for a place in the query that `binding` stands for."""
    if not keys:
        raise SchemaError("A cursor needs a key to be signed with: give the store cursor_keys=(…,) of 32 random bytes.")
    positions = {str(shard): _plain(position) for shard, position in place.positions.items()}
    plain = {"p": positions, "l": _plain_value(place.last), "d": sorted(place.done), "w": _plain(place.within)}
    payload = zlib.compress(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode(), 9)
    return _text(_sign(keys[0], binding, payload) + payload)


def read_cursor(cursor: str, binding: bytes, keys: Sequence[bytes]) -> Place:
    """The place a cursor stands for, if it was written for this query with one of the keys."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, TypeError):
        raw = b""
    if _text(raw) != cursor:  # base64 has several spellings of the same bytes
        raw = b""
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not any(hmac.compare_digest(signature, _sign(key, binding, payload)) for key in keys):
        raise BadCursor("The cursor is damaged or belongs to another query: send the query again without a cursor.")
    plain = json.loads(zlib.decompress(payload))
    positions = {int(shard): _position(p) for shard, p in plain["p"].items()}
    within = _position(plain.get("w"))  # earlier releases wrote none
    return Place(positions, _value(plain["l"]), frozenset(plain["d"]), within)


def binding_of(*parts: Any) -> bytes:
    """Bytes that stand for a query: equal for equal parts alone."""
    return sha256(json.dumps(parts, default=str, ensure_ascii=False).encode()).digest()


def _sign(key: bytes, binding: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, binding + payload, "sha256")[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _plain(position: Position) -> Any:
    return None if position is None else [_plain_value(one) for one in position]


def _plain_value(value: AttributeValue | None) -> Any:
    if value is None:
        return None
    ((kind, inner),) = value.items()
    return {kind: b64encode(inner).decode()} if kind == "B" else inner if kind == "S" else {kind: inner}


def _position(plain: Any) -> Position:
    return None if plain is None else [_given(_value(one)) for one in plain]


def _value(plain: Any) -> AttributeValue | None:
    if isinstance(plain, dict):
        ((kind, inner),) = plain.items()
        return {kind: b64decode(inner) if kind == "B" else inner}
    return None if plain is None else {"S": plain}


def _given(value: AttributeValue | None) -> AttributeValue:
    if value is None:
        raise BadCursor("The cursor is damaged: send the query again without a cursor.")
    return value
