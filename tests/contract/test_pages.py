"""Pages over shards, on every backend: at every size they are the whole, in order, each item once."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F, Key, Table
from shardwell.errors import BadCursor
from shardwell.query import Query
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.sales import key, sale

SIZES = (1, 4, 7, 20, 1000)


def pages(query: Query, limit: int) -> list[list[str]]:
    """The sale ids of each page."""
    found, cursor = [], None
    for _ in range(500):
        page = query.page(limit=limit, cursor=cursor)
        found.append([item["saleId"] for item in page.items])
        if (cursor := page.cursor) is None:
            return found
    raise AssertionError(f"The walk of pages of {limit} does not end.")


@pytest.fixture
def store(backend: Backend) -> Store:
    """Twenty sales on two days, so that in GSI2 each sort key is shared by ten, over all shards."""
    store = backend.store(SALES)
    store.batch_put(sale(n, saleDate=f"2026-10-{n % 2 + 1:02d}", embeddingId="e", brand="B") for n in range(20))
    return store


def trend(store: Store) -> Query:
    return store.query("GSI1", tenant="acme", category="dress", season="Q4")


def embeddings(store: Store) -> Query:
    return store.query("GSI2", tenant="acme")


QUERIES = {
    "distinct": trend,
    "ties": embeddings,
    "descending": lambda store: trend(store).newest_first(),
    "descending ties": lambda store: embeddings(store).newest_first(),
    "range": lambda store: embeddings(store).between("2026-10-02", "2026-10-02"),
    "filtered": lambda store: embeddings(store).where(F("saleId").is_in([f"s{n:04d}" for n in range(0, 20, 4)])),
    "nothing": lambda store: trend(store).where(F("brand") == "none"),
    "unsharded": lambda store: store.query("GSI3", tenant="acme", brand="B"),
    "one shard": lambda store: store.query("GSI2", tenant="acme", productId="p1"),
    "some fields": lambda store: embeddings(store).only("saleId"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_pages_of_every_size_are_the_whole(store: Store, name: str) -> None:
    query = QUERIES[name](store)
    whole = [item["saleId"] for item in query]
    assert len(set(whole)) == len(whole) == query.count()
    for size in SIZES:
        found = pages(query, size)
        assert [one for page in found for one in page] == whole
        assert all(len(page) <= size for page in found)


def test_a_page_costs_few_requests(backend: Backend, store: Store) -> None:
    page = trend(store).page(limit=5)
    assert page.read.requests <= 2 * 10
    assert page.read.looked_at <= 20


def test_items_written_during_a_walk_are_not_lost_or_repeated(store: Store) -> None:
    asked = embeddings(store)
    first = asked.page(limit=8)
    store.batch_delete([sale(4, saleDate="2026-10-01"), sale(5, saleDate="2026-10-02")])
    store.put(sale(50, saleDate="2026-10-02", embeddingId="e"))
    rest = asked.page(limit=1000, cursor=first.cursor)
    found = [item["saleId"] for item in (*first.items, *rest.items)]
    assert len(set(found)) == len(found)
    assert {f"s{n:04d}" for n in range(20) if n not in (4, 5)} <= set(found)


def sharded(count: int, *former: int) -> Table:
    """One index over a number of shards, and the numbers it had before."""
    return Table(
        "test-resharded",
        key=Key(PK="ITEM#{saleId}"),
        indexes={"ByDay": Key(GPK="SHARD#{shard}", GSK="DAY#{day}").sharded(count, by="saleId", former=former)},
    )


@pytest.mark.parametrize("limit", [1, 3, 7])
@pytest.mark.parametrize("ascending", [True, False], ids=["ascending", "descending"])
def test_a_walk_during_a_reshard_gives_each_item_once(backend: Backend, limit: int, ascending: bool) -> None:
    old = backend.store(sharded(2))
    old.batch_put({"saleId": f"s{n:02d}", "day": f"{n // 4:02d}{n % 4}"} for n in range(24))
    new = backend.store_of(sharded(7, 2), old.name)
    query = new.query("ByDay") if ascending else new.query("ByDay").newest_first()
    found: list[str] = []
    cursor = None
    moving = iter(range(24) if ascending else range(23, -1, -1))
    for _ in range(200):
        page = query.page(limit=limit, cursor=cursor)
        found += [item["saleId"] for item in page.items]
        for number in islice(moving, 2 * limit):
            new.put({"saleId": f"s{number:02d}", "day": f"{number // 4:02d}{number % 4}"})
        if (cursor := page.cursor) is None:
            break
    assert sorted(found) == [f"s{n:02d}" for n in range(24)]
    assert found == sorted(found, reverse=not ascending)


class TestCursors:
    """A cursor goes on in its own query alone."""

    def test_of_another_query_is_refused(self, store: Store) -> None:
        cursor = trend(store).page(limit=3).cursor
        others: list[Any] = [
            store.query("GSI1", tenant="other", category="dress", season="Q4"),
            store.query("GSI1", tenant="acme", category="dress", season="Q3"),
            embeddings(store),
            trend(store).newest_first(),
            trend(store).between("2026-10-01", "2026-10-02"),
            trend(store).where(F("brand") == "B"),
            trend(store).only("saleId"),
        ]
        for other in others:
            with pytest.raises(BadCursor, match="another query"):
                other.page(limit=3, cursor=cursor)

    def test_another_limit_is_no_other_query(self, store: Store) -> None:
        first = trend(store).page(limit=3)
        rest = trend(store).page(limit=1000, cursor=first.cursor)
        assert [*first.items, *rest.items] == list(trend(store))

    def test_keys_can_be_changed_one_after_the_other(self, backend: Backend, store: Store) -> None:
        cursor = trend(store).page(limit=3).cursor
        both = backend.store_of(SALES, store.name, cursor_keys=(b"new" * 11, b"k" * 32))
        assert len(trend(both).page(limit=1000, cursor=cursor).items) == 17
        new = backend.store_of(SALES, store.name, cursor_keys=(b"new" * 11,))
        with pytest.raises(BadCursor):
            trend(new).page(limit=3, cursor=cursor)

    def test_goes_on_after_its_item_is_gone(self, store: Store) -> None:
        first = trend(store).page(limit=3)
        for item in first.items:
            store.delete(key(item))
        assert len(trend(store).page(limit=1000, cursor=first.cursor).items) == 17
