"""Shards by golden vectors that any language can check itself against."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shardwell.sharding import Sharding, shard_of

GOLDEN = json.loads(Path(__file__).with_name("golden_shards.json").read_text(encoding="utf-8"))


def crc32(data: bytes) -> int:
    """CRC-32 (IEEE 802.3) bit by bit, as its definition has it."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xEDB88320 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def test_the_check_value_of_the_algorithm() -> None:
    assert crc32(b"123456789") == 0xCBF43926


@pytest.mark.parametrize("vector", GOLDEN["vectors"], ids=lambda vector: ascii(vector["value"]))
def test_shards_are_those_of_the_golden_vectors(vector: dict[str, object]) -> None:
    value, shards = str(vector["value"]), vector["shards"]
    assert vector["crc32"] == crc32(value.encode())
    assert isinstance(shards, dict)
    for count, shard in shards.items():
        assert shard == crc32(value.encode()) % int(count)
        assert shard_of(value, int(count)) == shard
        assert Sharding(int(count), "id").shard(value) == shard


def test_the_golden_vectors_reach_every_shard() -> None:
    for count in GOLDEN["counts"]:
        assert {vector["shards"][str(count)] for vector in GOLDEN["vectors"]} == set(range(count))


def test_composed_and_decomposed_text_share_a_shard() -> None:
    assert Sharding(1_000, "id").shard("e\u0301") == Sharding(1_000, "id").shard("\u00e9") == shard_of("\u00e9", 1_000)


def test_readers_cover_the_current_and_every_former_layout() -> None:
    sharding = Sharding(4, "id", former=(10, 2, 4))
    assert sharding.layouts == (4, 10, 2)
    assert sharding.shards == range(10)
    for value in map(str, range(200)):
        assert sharding.shards_holding(value) == tuple(sorted({crc32(value.encode()) % count for count in (4, 10, 2)}))
        assert sharding.shard(value) in sharding.shards_holding(value)
