"""Time to live: when an item expires, and what cannot be counted from."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from shardwell import Key, Table, Ttl
from shardwell.ambient import Ambient
from shardwell.codec import Codec
from shardwell.creation import create_table_request
from shardwell.errors import AlreadyExists, BadItem
from shardwell.store import Store
from tests.property.memory import MemoryClient

NOW = datetime(2025, 6, 1, 12, 0, 0, tzinfo=UTC)
SALES = Ttl("ttl", days=730, after="saleDate")


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-11-03", "2027-11-03T00:00:00+00:00"),
        ("2023-02-28", "2025-02-27T00:00:00+00:00"),  # a leap day lies between: 730 days, not two calendar years
        ("2025-11-03T10:30:00Z", "2027-11-03T10:30:00+00:00"),
        ("2025-11-03T10:30:00.999999Z", "2027-11-03T10:30:00+00:00"),
        ("1960-01-01", "1961-12-31T00:00:00+00:00"),
    ],
)
def test_an_item_expires_its_days_after_its_field(start: str, end: str) -> None:
    assert SALES.of({"saleDate": start}, NOW) == epoch(end)
    assert SALES.of_start(start) == epoch(end)


def test_without_a_field_it_counts_from_the_first_write() -> None:
    assert Ttl("ttl", days=1).of({}, NOW) == int(NOW.timestamp()) + 86_400


def test_a_start_in_another_zone_is_the_same_moment() -> None:
    assert SALES.of_start(NOW) == SALES.of_start(NOW.astimezone(timezone(timedelta(hours=9))))


@pytest.mark.parametrize("item", [{}, {"saleDate": None}])
def test_an_item_without_the_field_does_not_expire(item: dict[str, Any]) -> None:
    assert SALES.of(item, NOW) is None


@pytest.mark.parametrize("start", ["2025-02-30", "yesterday", "", 5, Decimal(5), None])
def test_what_is_no_date_cannot_be_counted_from(start: Any) -> None:
    with pytest.raises(BadItem, match=r"saleDate .* is no date to count from: write it as YYYY-MM-DD"):
        SALES.of_start(start)


def test_a_date_whose_end_is_past_the_calendar_is_refused() -> None:
    with pytest.raises(BadItem, match="saleDate '9999-01-01' and 730 days are past the year 9999"):
        SALES.of({"saleDate": "9999-01-01"}, NOW)


@pytest.mark.parametrize(
    ("item", "expired"),
    [
        ({"ttl": int(NOW.timestamp()) - 1}, True),
        ({"ttl": int(NOW.timestamp())}, True),
        ({"ttl": Decimal(int(NOW.timestamp()) + 1)}, False),
        ({}, False),
        ({"ttl": None}, False),
        ({"ttl": True}, False),
        ({"ttl": "1"}, False),
    ],
)
def test_an_item_is_expired_from_its_second_on(item: dict[str, Any], expired: bool) -> None:
    assert SALES.expired(item, NOW) is expired


def codec(**further: Any) -> Codec:
    return Codec.of(Table("t-x", key=Key(id=str), ttl=SALES, **further), None, "t")


def test_a_stored_item_gets_its_time_to_live_unless_it_has_one() -> None:
    assert codec().stored({"id": "1", "saleDate": "2025-11-03"}, NOW)["ttl"] == epoch("2027-11-03T00:00:00+00:00")
    assert codec().stored({"id": "1", "saleDate": "2025-11-03", "ttl": 5}, NOW)["ttl"] == 5
    assert "ttl" not in codec().stored({"id": "1"}, NOW)


@pytest.mark.parametrize("ttl", ["soon", 1.5, Decimal("1.5"), True, None])
def test_a_time_to_live_that_is_no_whole_number_is_refused(ttl: object) -> None:
    """DynamoDB would keep such an item for ever, and a query's filter would hide it."""
    with pytest.raises(BadItem, match="ttl is "):
        codec().stored({"id": "1", "ttl": ttl}, NOW)


def test_a_version_that_is_no_whole_number_is_refused() -> None:
    with pytest.raises(BadItem, match="version is 'a', and a version or time to live is a whole number"):
        codec(version="version").stored({"id": "1", "version": "a"}, NOW)


def test_a_change_of_the_field_it_counts_from_changes_the_time_to_live() -> None:
    table = Table("t-x", key=Key(id=str), ttl=SALES)
    client: Any = MemoryClient(create_table_request(table, name="t"))
    store = Store(table, name="t", client=client)
    store.put({"id": "1", "saleDate": "2025-11-03"})
    assert store.update({"id": "1"}, {"saleDate": "2025-11-04"})["ttl"] == epoch("2027-11-04T00:00:00+00:00")
    assert store.update({"id": "1"}, {"saleDate": "2025-11-05", "ttl": 9_999_999_999})["ttl"] == 9_999_999_999
    assert store.update({"id": "1"}, {"other": 1})["ttl"] == 9_999_999_999


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_every_way_to_an_item_agrees_on_the_second_it_expires(seconds: int, there: bool) -> None:
    table = Table("t-x", key=Key(PK="T#{t}", SK="I#{id}"), ttl=Ttl("ttl", days=1))
    client: Any = MemoryClient(create_table_request(table, name="t"))
    key = {"t": "t", "id": "1"}
    Store(table, name="t", client=client).put({**key, "ttl": int(NOW.timestamp())})
    ambient = Ambient(now=lambda: NOW + timedelta(seconds=seconds))
    store = Store(table, name="t", client=client, ambient=ambient)
    assert (store.get(key) is not None) is there
    assert (store.batch_get([key]) != [None]) is there
    assert len(list(store.query(t="t"))) == store.query(t="t").count() == there
    assert sum(len(page.items) for page in store.scan()) == there
    expected = pytest.raises(AlreadyExists) if there else nullcontext()
    with expected:
        store.put(key, if_absent=True)
    if there:
        assert store.delete(key) is not None
    else:
        assert store.update(key, {"a": 1})["a"] == 1, "it has just been put anew"
