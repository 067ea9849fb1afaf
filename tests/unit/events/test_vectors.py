"""Vectors packed into objects: what went in comes out bit for bit, and damage is seen."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import date
from typing import Any

import pytest
from moto import mock_aws

from shardwell.errors import BadItem, Damaged
from shardwell.object_client import make_object_client
from shardwell.vector_objects import Pointer, VectorObjects, object_key, read_pointer
from shardwell.vectors import PREFIX, Vector, float32, header_end, pack, read_header, read_row, unpack
from tests.support.vector_bucket import NAME, empty_bucket

DAY = date(2026, 1, 15)
ODD = struct.pack("<6I", 0x7F800001, 0xFFC00000, 0x80000000, 0x00000001, 0x7F7FFFFF, 0x15AE43FD)
"""Bit patterns that a careless way would change: two kinds of NaN, minus zero, the least and the greatest number."""


def vectors(count: int = 3) -> list[Vector]:
    return [Vector({"tenant": "nörth", "id": f"s{n}"}, float32([n + 0.1] * (n + 1))) for n in range(count)]


def test_what_went_in_comes_out() -> None:
    assert unpack(pack(vectors())) == vectors()


def test_every_bit_is_kept() -> None:
    (found,) = unpack(pack([Vector({}, ODD)]))
    assert found.data == ODD
    assert found.numbers().tobytes() == struct.pack("=6I", *struct.unpack("<6I", ODD))


def test_the_layout_is_the_one_that_is_described() -> None:
    content = pack(vectors(2))
    magic, version, zero, length, crc32 = struct.unpack_from("<8sHHII", content)
    header = content[20 : 20 + length]
    assert (magic, version, zero, crc32) == (b"SHARDVEC", 1, 0, zlib.crc32(header))
    assert (20 + length) % 4 == 0
    assert json.loads(header) == {
        "rows": [
            {"key": {"tenant": "nörth", "id": "s0"}, "dimensions": 1, "crc32": zlib.crc32(float32([0.1]))},
            {"key": {"tenant": "nörth", "id": "s1"}, "dimensions": 2, "crc32": zlib.crc32(float32([1.1, 1.1]))},
        ]
    }
    assert content[20 + length :] == struct.pack("<3f", 0.1, 1.1, 1.1)


def test_rows_can_be_read_alone() -> None:
    content = pack(vectors())
    end = header_end(content[: PREFIX.size])
    rows = read_header(content[:end])
    assert [row.dimensions for row in rows] == [1, 2, 3]
    assert [read_row(row, content[row.start : row.end]) for row in rows] == vectors()


@pytest.mark.parametrize("data", [b"", b"abc", b"abcde"])
def test_what_is_no_float32_is_not_packed(data: bytes) -> None:
    with pytest.raises(BadItem, match="float32 numbers take 4"):
        pack([Vector({"id": "s"}, data)])


def test_nothing_is_not_packed() -> None:
    with pytest.raises(BadItem, match="no vectors to pack"):
        pack([])


def test_every_byte_that_is_changed_is_seen() -> None:
    content = pack(vectors())
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0x40
        if 10 <= place < 12:
            continue  # two bytes that mean nothing yet
        with pytest.raises(Damaged):
            unpack(bytes(damaged))


def test_every_byte_that_is_missing_is_seen() -> None:
    content = pack(vectors())
    for length in range(len(content)):
        with pytest.raises(Damaged):
            unpack(content[:length])
    with pytest.raises(Damaged):
        unpack(content + b"\0")


def test_an_object_of_a_later_version_is_refused_by_its_number() -> None:
    content = bytearray(pack(vectors()))
    content[8] = 2
    with pytest.raises(Damaged, match="version 2, and this program reads 1"):
        unpack(bytes(content))


def test_a_pointer_is_text_and_back() -> None:
    pointer = Pointer("my-bucket", object_key(b"x", DAY), 7)
    assert str(pointer) == (
        "s3://my-bucket/vectors/2026-01-15/2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881.vec#7"
    )
    assert read_pointer(str(pointer)) == pointer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "embeddings/emb-77.bin",
        "s3://b/vectors/2026-01-15/" + "0" * 64 + ".vec#1",
        "s3://bucket/vectors/2026-01-15/" + "0" * 63 + ".vec#1",
        "s3://bucket/vectors/2026-01-15/" + "0" * 64 + ".vec",
        "s3://bucket/vectors/2026-01-15/" + "0" * 64 + ".vec#-1",
        "s3://bucket/vectors/2026-01-15/" + "0" * 64 + ".vec#01",
        "s3://bucket/vectors/2026-01-15/../../secret#1",
        "s3://bucket/vectors/2026-01-15/" + "0" * 64 + ".vec#1\n",
    ],
)
def test_another_text_is_no_pointer(text: str) -> None:
    with pytest.raises(BadItem, match="points at no vector"):
        read_pointer(text)


def test_an_object_that_is_not_what_its_name_says_is_refused() -> None:
    bucket = empty_bucket()
    (pointer, *_) = bucket.vectors().write(vectors(), DAY)
    bucket.put_object(Bucket=NAME, Key=pointer.key, Body=pack(vectors(2)))
    with pytest.raises(Damaged, match="not the one in its name"):
        bucket.vectors().read(pointer.key)


@pytest.mark.parametrize("rows", [1, 3_000])
def test_a_header_is_read_without_the_data(rows: int) -> None:
    bucket = empty_bucket()
    many = [Vector({"id": f"s{n}"}, ODD) for n in range(rows)]
    (pointer, *_) = bucket.vectors().write(many, DAY)
    assert [row.key for row in bucket.vectors().read_rows(pointer.key)] == [one.key for one in many]
    assert [operation for operation, _ in bucket.calls] == ["PutObject"] + ["GetObject"] * (1 if rows == 1 else 2)


def test_a_short_object_has_no_header() -> None:
    bucket = empty_bucket()
    bucket.put_object(Bucket=NAME, Key="vectors/2026-01-15/x.vec", Body=b"x")
    with pytest.raises(Damaged, match="has 1 bytes"):
        bucket.vectors().read_rows("vectors/2026-01-15/x.vec")


def test_the_objects_of_a_day_are_listed_page_by_page() -> None:
    bucket = empty_bucket()
    bucket.page = 2
    keys = [bucket.vectors().write([Vector({"id": f"s{n}"}, ODD)], DAY)[0].key for n in range(5)]
    bucket.vectors().write(vectors(), date(2026, 1, 16))
    assert list(bucket.vectors().list(DAY)) == sorted(keys)
    assert list(bucket.vectors().list(DAY, after=sorted(keys)[1])) == sorted(keys)[2:]
    assert list(bucket.vectors().list(date(2026, 1, 14))) == []


def test_the_same_calls_are_understood_by_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client: Any = make_object_client(region_name="eu-west-1")
        client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        objects = VectorObjects(client, NAME)
        many = [Vector({"id": f"s{n}"}, ODD) for n in range(3_000)]
        (pointer, *_) = objects.write(many, DAY)
        assert objects.write(many, DAY)[0] == pointer
        assert objects.read(pointer.key) == many
        assert len(objects.read_rows(pointer.key)) == 3_000
        assert list(objects.list(DAY)) == [pointer.key]
        assert list(objects.list(DAY, after=pointer.key)) == []
        objects.delete(pointer.key)
        objects.delete(pointer.key)
        assert list(objects.list(DAY)) == []
