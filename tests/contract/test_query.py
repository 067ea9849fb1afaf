"""Queries, on every backend: each condition, order, filter and projection."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.query import Query
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import BLOBS, READINGS
from tests.support.sales import sale

DAYS = {number: f"2026-10-{number % 28 + 1:02d}" for number in range(40)}


@pytest.fixture
def store(backend: Backend) -> Store:
    """Forty sales of one category over 28 days and 10 shards, and others beside them."""
    store = backend.store(SALES)
    mine = [sale(number, brand="B" if number % 4 else None, embeddingId="e") for number in range(40)]
    others = [sale(number, tenant="other", brand="B", embeddingId="e") for number in range(5)]
    store.batch_put([*mine, *others, sale(99, category="shoes"), sale(98, season="Q3")])
    return store


@pytest.fixture
def trend(store: Store) -> Query:
    """The forty sales over all shards."""
    return store.query("GSI1", tenant="acme", category="dress", season="Q4")


def ids(query: Any) -> list[int]:
    """The numbers of the sales that a query gives, in its order."""
    return [int(item["saleId"][1:]) for item in query]


def by_date(*days: str) -> list[int]:
    """The numbers of the sales of some days, in the order of a trend."""
    chosen = [number for number in DAYS if not days or DAYS[number] in days]
    return sorted(chosen, key=lambda number: (DAYS[number], number))


def test_a_sharded_index_is_read_as_one(trend: Query) -> None:
    assert ids(trend) == by_date()
    assert trend.count() == 40
    assert ids(trend.newest_first()) == by_date()[::-1]


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        (lambda q: q.equal("2026-10-05"), ["2026-10-05"]),
        (lambda q: q.between("2026-10-05", "2026-10-07"), ["2026-10-05", "2026-10-06", "2026-10-07"]),
        (lambda q: q.between("2026-09-05", "2026-10-01"), ["2026-10-01"]),
        (lambda q: q.before("2026-10-03"), ["2026-10-01", "2026-10-02"]),
        (lambda q: q.after("2026-10-27"), ["2026-10-28"]),
        (lambda q: q.begins_with("2026-10-2"), [f"2026-10-{day}" for day in range(20, 29)]),
        (lambda q: q.begins_with("2026-"), []),
        (lambda q: q.begins_with(""), []),
    ],
)
def test_conditions_on_a_composed_sort_key(trend: Query, condition: Any, days: list[str]) -> None:
    asked = condition(trend)
    assert ids(asked) == by_date(*days)
    assert ids(asked.newest_first()) == by_date(*days)[::-1]
    assert asked.count() == len(by_date(*days))


def test_conditions_on_several_fields_of_a_sort_key(trend: Query) -> None:
    assert ids(trend.equal("2026-10-05", "s0004")) == [4]
    assert ids(trend.begins_with("2026-10-05", "s003")) == [32]
    assert ids(trend.between(("2026-10-05", "s0032"), ("2026-10-06", "s0005"))) == [32, 5]
    assert ids(trend.after("2026-10-28", "s0000")) == [27]
    assert ids(trend.before("2026-10-01", "s0001")) == [0]
    assert ids(trend.equal("2027-01-01")) == []


def test_one_shard_is_enough_for_one_value(backend: Backend, store: Store) -> None:
    backend.wire.clear()
    asked = store.query("GSI2", tenant="acme", productId="p3")
    assert sorted(ids(asked)) == [number for number in range(40) if number % 7 == 3]
    assert len(backend.wire.sent) == 1
    assert store.query("GSI2", tenant="acme").count() == 40


def test_a_sparse_index_holds_what_has_the_field(store: Store) -> None:
    assert ids(store.query("GSI3", tenant="acme", brand="B")) == [n for n in by_date() if n % 4]
    assert ids(store.query("GSI3", tenant="acme", brand="b")) == []


def test_the_table_itself(store: Store) -> None:
    product = store.query(tenant="acme", productId="p3")
    assert ids(product) == sorted((3, 10, 17, 24, 31, 38), key=lambda number: (DAYS[number], number))
    assert ids(product.consistent().after("2026-10-18")) == [24]
    first = product.newest_first().first()
    assert first is not None
    assert first["saleId"] == "s0024"
    assert store.query(tenant="acme", productId="none").first() is None


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (F("brand") == "B", lambda n: n % 4),
        (F("brand").missing(), lambda n: n % 4 == 0),
        (F("brand").exists() & (F("saleId") < "s0010"), lambda n: n % 4 and n < 10),
        (F("saleId").is_in(["s0001", "s0002", "x"]), lambda n: n in (1, 2)),
        (~F("saleId").begins_with("s000"), lambda n: n >= 10),
        ((F("saleId") == "s0001") | (F("saleId") == "s0039"), lambda n: n in (1, 39)),
        (F("saleId").between("s0002", "s0004"), lambda n: 2 <= n <= 4),
        (F("saleId").contains("03"), lambda n: n >= 30 or n == 3),
        (F("salePrice") != Decimal("5.5"), lambda _: False),
    ],
)
def test_filters(trend: Query, condition: Any, wanted: Any) -> None:
    expected = [number for number in by_date() if wanted(number)]
    assert ids(trend.where(condition)) == expected
    assert trend.where(condition).count() == len(expected)
    assert ids(trend.where(condition).page(limit=1000).items) == expected


def test_filters_add_up(trend: Query) -> None:
    assert ids(trend.where(F("saleId") > "s0010").where(F("saleId") < "s0012")) == [11]


def test_only_some_fields(trend: Query) -> None:
    page = trend.only("saleId", "brand").page(limit=3)
    assert page.items == [{"saleId": "s0000"}, {"saleId": "s0028"}, {"saleId": "s0001", "brand": "B"}]
    assert page.cursor is not None


class TestNativeSortKeys:
    """Numbers sort as numbers, and bytes as bytes, in one partition and over pages."""

    LEVELS = tuple(map(Decimal, ("-100", "-9.5", "-1", "0", "0.001", "2", "10", "100", "1E+20")))

    @pytest.fixture
    def readings(self, backend: Backend) -> Store:
        store = backend.store(READINGS)
        store.batch_put(
            {"device": f"d{at}", "at": at, "station": "s", "level": level, "digest": bytes([255 - at * 7])}
            for at, level in enumerate(self.LEVELS)
        )
        return store

    def test_numbers(self, readings: Store) -> None:
        asked = readings.query("ByLevel", station="s")
        assert [item["level"] for item in asked] == list(self.LEVELS)
        assert [item["level"] for item in asked.newest_first()] == list(self.LEVELS[::-1])
        assert [item["level"] for item in asked.between(-10, Decimal("0.001"))] == list(self.LEVELS[1:5])
        assert [item["level"] for item in asked.equal(Decimal("2.0"))] == [2]
        assert [item["level"] for item in asked.before(-1)] == list(self.LEVELS[:2])
        assert [item["level"] for item in asked.after(10)] == list(self.LEVELS[7:])

    def test_numbers_in_pages(self, readings: Store) -> None:
        asked = readings.query("ByLevel", station="s")
        found, cursor = [], None
        while True:
            page = asked.page(limit=2, cursor=cursor)
            found += [item["level"] for item in page.items]
            if (cursor := page.cursor) is None:
                break
        assert found == list(self.LEVELS)

    def test_bytes(self, readings: Store) -> None:
        asked = readings.query("ByDigest", station="s")
        digests = sorted(bytes([255 - at * 7]) for at in range(len(self.LEVELS)))
        assert [item["digest"] for item in asked] == digests
        assert [item["digest"] for item in asked.after(digests[5])] == digests[6:]
        first = asked.page(limit=4)
        assert [item["digest"] for item in asked.page(limit=40, cursor=first.cursor).items] == digests[4:]

    def test_bytes_as_the_tables_key(self, backend: Backend) -> None:
        store = backend.store(BLOBS)
        parts = [b"\x00", b"\x01\x00", b"\x01\xff", b"\x80", b"\xff\xff"]
        store.batch_put({"digest": b"\xfe\x00", "part": part} for part in reversed(parts))
        asked = store.query(digest=b"\xfe\x00")
        assert [item["part"] for item in asked] == parts
        assert [item["part"] for item in asked.begins_with(b"\x01")] == parts[1:3]
        assert [item["part"] for item in asked.between(b"\x01", b"\x80")] == parts[1:4]
        first = asked.page(limit=2)
        assert [item["part"] for item in asked.page(limit=9, cursor=first.cursor).items] == parts[2:]
