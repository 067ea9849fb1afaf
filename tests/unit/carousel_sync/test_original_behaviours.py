"""What the tests of the original held it to, of the part from the event to the table."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from struct import pack, unpack
from typing import Any

import pytest

from sales_intelligence.keys import get_embedding_shard
from shardwell.errors import Unavailable
from tests.support.backends import Backend
from tests.support.sold import message, plain, sold
from tests.unit.carousel_sync.scene import Scene


def test_writes_both_stores_on_a_new_event(scene: Scene) -> None:
    assert scene.send(sold(1)) == []
    assert [item["saleId"] for item in scene.items] == ["S0001"]
    assert len(scene.bucket.keys("vectors/")) == 1
    assert scene.outcomes == [("north", "S0001", "written")]


def test_skips_duplicates(scene: Scene) -> None:
    scene.send(sold(1))
    assert scene.send(sold(1)) == []
    assert len(scene.table.written) == 1
    assert scene.outcomes[-1] == ("north", "S0001", "duplicate")


def test_a_second_sale_of_a_product_is_no_duplicate(scene: Scene) -> None:
    assert scene.send(sold(1, saleId="A"), sold(1, saleId="B")) == []
    assert scene.send(sold(1, saleId=None), sold(1, saleId=None, soldDate="2025-12-29")) == []
    assert len(scene.items) == 4


def test_builds_keys_with_embedding_shards(scene: Scene, emulator: Backend) -> None:
    store = emulator.store(scene.table.table)
    scene.table = store
    assert scene.deliver([message(n, sold(n, productId=f"P{n}")) for n in range(10)]) == []
    assert scene.deliver([message(10, plain(10))]) == []
    raw = {item["saleId"]["S"]: item for item in emulator.raw(store)}
    for n in range(10):
        item = raw[f"S{n:04d}"]
        assert item["PK"]["S"] == f"TENANT#north#PRODUCT#P{n}"
        assert item["SK"]["S"] == f"SALE#2025-12-30#S{n:04d}"
        assert item["GSI2PK"]["S"] == f"TENANT#north#EMBEDDING#{get_embedding_shard(f'P{n}')}"
        assert item["GSI2SK"]["S"] == "DATE#2025-12-30"
        assert "embedding" not in item
    assert len({item["GSI2PK"]["S"] for item in raw.values() if "GSI2PK" in item}) > 1
    assert "GSI2PK" not in raw["S0010"]


def test_time_to_live_is_two_years_after_the_sale(scene: Scene) -> None:
    scene.send(plain(1, soldDate="2025-12-30"))
    at = datetime.fromtimestamp(int(scene.items[0]["ttl"]), UTC)
    assert at == datetime(2027, 12, 30, tzinfo=UTC)


def test_a_dynamodb_failure_retries(scene: Scene) -> None:
    def refuse(_operation: str) -> None:
        raise Unavailable("DynamoDB did not answer.")

    scene.table.before = refuse
    assert scene.send(sold(1)) == ["m1"]
    scene.table.before = lambda _operation: None
    assert scene.send(sold(1)) == []
    assert len(scene.table.written) == 1


@pytest.mark.parametrize(
    ("day", "season"),
    [
        ("2025-01-01", "Q1"),
        ("2025-03-31", "Q1"),
        ("2025-04-01", "Q2"),
        ("2025-06-30", "Q2"),
        ("2025-07-01", "Q3"),
        ("2025-09-30", "Q3"),
        ("2025-10-01", "Q4"),
        ("2025-12-31", "Q4"),
    ],
)
def test_season_from_the_date(scene: Scene, day: str, season: str) -> None:
    scene.send(plain(1, soldDate=day))
    assert scene.items[0]["season"] == season


def test_embeddings_of_1024_dimensions_survive_bit_for_bit(scene: Scene) -> None:
    chance = Random(1_024)
    given: list[list[Any]] = []
    for _ in range(20):
        bits = pack("<1024I", *(chance.getrandbits(32) & 0xBFFFFFFF for _ in range(1_024)))  # no NaN, no infinity
        given.append(list(unpack("<1024f", bits)))
    assert scene.send(*(sold(n, embedding=numbers) for n, numbers in enumerate(given))) == []
    for item, numbers in zip(scene.items, given, strict=True):
        assert scene.bucket.pointed_at(item["embeddingS3Key"]).data == pack("<1024f", *numbers)
