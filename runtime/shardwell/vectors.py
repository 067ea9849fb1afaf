"""Vectors of many items packed into one object: how it is laid out, and how it is read whole or row by row.

    8 bytes   magic, `SHARDVEC`
    2 bytes   version, 1
    2 bytes   zero
    4 bytes   length of the header
    4 bytes   CRC-32 of the header
    header    JSON: {"rows": [{"key": {...}, "dimensions": 1024, "crc32": 123}, ...]}, filled up with blanks
    data      the rows one after another, each its float32 numbers

Numbers are little-endian, and data begins at a multiple of 4. `key` names the item that a row was written for, by the
fields of its table key. A pointer to a row says where it is and nothing of whose it is: whoever follows one compares
the row's key with the item that it was found in. Each row has its own checksum, so that one can be read alone.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shardwell.errors import BadItem, Damaged
from shardwell.keypart import shown

MAGIC: Final = b"SHARDVEC"
VERSION: Final = 1
PREFIX: Final = struct.Struct("<8sHHII")
FLOAT_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector and the key of the item it is of; `data` is its float32 numbers, little-endian."""

    key: Mapping[str, str]
    data: bytes

    def numbers(self) -> array[float]:
        """Its numbers, bit for bit as they were written."""
        found = array("f")
        found.frombytes(self.data)
        if sys.byteorder == "big":
            found.byteswap()
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """What the header says of one vector: whose it is, how long, and from which byte of the object to which."""

    key: Mapping[str, str]
    dimensions: int
    crc32: int
    start: int

    @property
    def end(self) -> int:
        """The first byte of the object that is not this row's."""
        return self.start + self.dimensions * FLOAT_BYTES


def pack(vectors: Sequence[Vector]) -> bytes:
    """The object of some vectors, in their order; the same vectors always make the same bytes."""
    if not vectors:
        raise BadItem("There are no vectors to pack, and an object has at least 1: write none.")
    rows = []
    for vector in vectors:
        if not vector.data or len(vector.data) % FLOAT_BYTES:
            raise BadItem(
                f"The vector of {shown(dict(vector.key))} has {len(vector.data)} bytes, and float32 numbers take 4 "
                "each: give at least one, whole."
            )
        dimensions = len(vector.data) // FLOAT_BYTES
        rows.append({"key": dict(vector.key), "dimensions": dimensions, "crc32": zlib.crc32(vector.data)})
    header = json.dumps({"rows": rows}, separators=(",", ":")).encode()
    header += b" " * (-(PREFIX.size + len(header)) % FLOAT_BYTES)
    prefix = PREFIX.pack(MAGIC, VERSION, 0, len(header), zlib.crc32(header))
    return b"".join((prefix, header, *(vector.data for vector in vectors)))


def header_end(start: bytes) -> int:
    """How many bytes of an object its header takes, read from its first 20 bytes (`PREFIX.size`) or more."""
    if len(start) < PREFIX.size:
        raise Damaged(f"An object of vectors has {len(start)} bytes, fewer than the {PREFIX.size} it begins with.")
    magic, version, _, length, _ = PREFIX.unpack_from(start)
    if magic != MAGIC:
        raise Damaged(f"An object begins with {magic!r} and not with {MAGIC!r}: it holds no vectors.")
    if version != VERSION:
        raise Damaged(f"An object of vectors has version {version}, and this program reads {VERSION}: update it.")
    return PREFIX.size + int(length)


def read_header(start: bytes) -> list[Row]:
    """The rows of an object, given its first `header_end` bytes or more (the whole object is fine)."""
    end = header_end(start)
    header = start[PREFIX.size : end]
    crc32 = PREFIX.unpack_from(start)[4]
    if len(start) < end or zlib.crc32(header) != crc32:
        raise Damaged(f"The header of an object of vectors is cut off or damaged: it has {len(header)} bytes.")
    rows = []
    for row in json.loads(header)["rows"]:
        rows.append(Row(row["key"], row["dimensions"], row["crc32"], end))
        end = rows[-1].end
    return rows


def read_row(row: Row, data: bytes) -> Vector:
    """The vector of a row, given the bytes of the object from `row.start` to `row.end`."""
    if len(data) != row.end - row.start or zlib.crc32(data) != row.crc32:
        raise Damaged(f"The vector of {shown(dict(row.key))} is cut off or damaged: it has {len(data)} bytes.")
    return Vector(row.key, data)


def unpack(content: bytes) -> list[Vector]:
    """Every vector of a whole object, in order."""
    rows = read_header(content)
    end = rows[-1].end if rows else header_end(content)
    if len(content) != end:
        raise Damaged(f"An object of vectors has {len(content)} bytes, and its header says {end}.")
    return [read_row(row, content[row.start : row.end]) for row in rows]


def float32(numbers: Sequence[Any]) -> bytes:
    """Numbers as float32, little-endian; those too large for it become infinite, and it is for the caller to look."""
    found = array("f", numbers)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()
