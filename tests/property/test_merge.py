"""Pages of a sharded index: put together they are the whole, in order, nothing missing and nothing twice."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shardwell import F, Key, Table
from shardwell.creation import create_table_request
from shardwell.fanout import share
from shardwell.query import Page, Query
from shardwell.store import Store
from tests.property.memory import MemoryClient
from tests.property.shop import opened

MOST_SHARDS = 12


def group_in(shard: int, shards: int) -> str:
    """A text that is in a shard."""
    return next(str(n) for n in range(10_000) if crc32(str(n).encode()) % shards == shard)


def table(shards: int, *, former: tuple[int, ...] = (), sort: str | type = "DAY#{day}") -> Table:
    """Items by day, of which many have the same, in the shard that their group is in."""
    index = Key(days="DAYS#{shard}", **{"at": sort} if isinstance(sort, str) else {"day": sort})
    return Table("t-{stage}", key=Key(id=str), indexes={"ByDay": index.sharded(shards, by="group", former=former)})


def filled(
    sizes: list[int], days: list[int], *, page: int, native: bool = False, keep: int = 1
) -> tuple[Store, list[dict[str, Any]]]:
    """A store with `sizes[n]` items in shard n; one in `keep` items is to be kept by a filter."""
    described = table(len(sizes), sort=int if native else "DAY#{day}")
    client = MemoryClient(create_table_request(described, name="shop"), page=page)
    items = []
    for shard, size in enumerate(sizes):
        group = group_in(shard, len(sizes))
        for n in range(size):
            number = days[(shard + n) % len(days)]
            day = number if native else f"{number:03d}"
            items.append({"id": f"{shard}-{n}", "group": group, "day": day, "keep": n % keep == 0})
    store = opened(described, client)
    store.batch_put(items)
    return store, items


def all_pages(query: Query, limit: int) -> list[Page]:
    """Every page of a query."""
    pages = [query.page(limit=limit)]
    while pages[-1].cursor is not None:
        pages.append(query.page(limit=limit, cursor=pages[-1].cursor))
        assert len(pages) < 1_000, "paging does not come to an end"
    return pages


sizes = st.lists(st.integers(0, 12) | st.just(0) | st.just(40), min_size=1, max_size=MOST_SHARDS)
days = st.lists(st.integers(0, 5), min_size=1, max_size=6)


@given(sizes, days, st.integers(1, 9), st.integers(1, 60), st.booleans(), st.booleans(), st.sampled_from([1, 2, 7, 50]))
@example([40, 0, 1], [1], 1, 3, True, False, 1)
@example([40, 40], [1, 1, 1], 3, 1, False, True, 50)
def test_pages_put_together_are_the_whole_in_order(
    sizes: list[int], days: list[int], page: int, limit: int, forward: bool, native: bool, keep: int
) -> None:
    store, items = filled(sizes, days, page=page, native=native, keep=keep)
    query = store.query("ByDay")
    query = query if forward else query.newest_first()
    query = query if keep == 1 else query.where(F("keep") == True)  # noqa: E712  # builds a condition
    expected = sorted(item["day"] for item in items if item["keep"])
    expected = expected if forward else expected[::-1]
    whole = list(query)
    assert [item["day"] for item in whole] == expected
    assert sorted(item["id"] for item in whole) == sorted(item["id"] for item in items if item["keep"])
    pages = all_pages(query, limit)
    assert all(len(one.items) <= limit for one in pages)
    together = [item for one in pages for item in one.items]
    assert [item["day"] for item in together] == expected
    assert sorted(item["id"] for item in together) == sorted(item["id"] for item in whole)
    assert all(len(one.items) == limit for one in pages[:-2]), "a page is full while there is more"
    assert query.count() == len(whole)
    first = query.first()
    assert first is None if not whole else first is not None and first["day"] == whole[0]["day"]


@given(sizes, days, st.integers(1, 60))
def test_a_page_looks_at_little_more_than_it_gives(sizes: list[int], days: list[int], limit: int) -> None:
    store, _ = filled(sizes, days, page=1_000)
    shards = len(sizes)
    for page in all_pages(store.query("ByDay"), limit):
        assert page.read.looked_at <= 2 * limit + shards * share(limit, shards)
        assert page.read.requests <= 2 * shards + limit


def test_shards_of_one_size_are_asked_about_once_a_page() -> None:
    even, _ = filled([40] * 10, list(range(100)), page=1_000)
    assert [page.read.requests for page in all_pages(even.query("ByDay"), 100)] == [10, 10, 10, 10]


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_items_that_a_filter_drops_are_not_looked_at_again_for_every_page(limit: int) -> None:
    """One shard holds many dropped items before its only kept one: pages must not begin before them each time."""
    described = table(2)
    client = MemoryClient(create_table_request(described, name="shop"))
    store = opened(described, client)
    poor, rich = group_in(0, 2), group_in(1, 2)
    items = [{"id": f"dropped-{n}", "group": poor, "day": f"{n:03d}", "keep": False} for n in range(500)]
    items += [{"id": "late", "group": poor, "day": "999", "keep": True}]
    items += [{"id": f"kept-{n}", "group": rich, "day": f"{n:03d}", "keep": True} for n in range(200)]
    store.batch_put(items)
    pages = all_pages(store.query("ByDay").where(F("keep") == True), limit)  # noqa: E712  # builds a condition
    assert sum(len(page.items) for page in pages) == 201
    in_the_poor_shard = sum(
        1 for operation, request in client.requests
        if operation == "Query" and "DAYS#0" in str(request["ExpressionAttributeValues"])
    )  # fmt: skip
    assert in_the_poor_shard <= 20 + 2 * len(pages)
    assert sum(page.read.looked_at for page in pages) <= 3 * len(items) + 10 * len(pages)


@given(
    st.lists(st.integers(0, 20), min_size=2, max_size=4),
    st.integers(1, 8),
    st.integers(1, 5),
    st.booleans(),
    st.lists(st.integers(0, 80), max_size=30),
)
@example([0, 6], 1, 1, True, list(range(6)))
@example([3, 3], 2, 2, False, list(range(6)))
def test_items_that_move_to_a_new_shard_between_pages_are_seen_once(
    sizes: list[int], new: int, limit: int, forward: bool, moved: list[int]
) -> None:
    """The shard count changes after the first page, and between pages items are rewritten into the new layout.

    Their sort keys differ: the first cursor is of the old description, and ends at a position in each shard. For items
    of one sort key see test_moving.py.
    """
    sort = "DAY#{day}#{id}"
    _, items = filled(sizes, list(range(80)), page=5)
    before, after = table(len(sizes), sort=sort), table(new, former=(len(sizes),), sort=sort)
    client = MemoryClient(create_table_request(before, name="shop"), page=5)
    opened(before, client).batch_put(items)
    todo = [items[number] for number in moved if number < len(items)]
    found, cursor, store = [], None, opened(before, client)
    while True:
        query = store.query("ByDay") if forward else store.query("ByDay").newest_first()
        page = query.page(limit=limit, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
        store = opened(after, client)
        store.batch_put([todo.pop() for _ in range(min(3, len(todo)))])
    days = [item["day"] for item in found]
    assert sorted(item["id"] for item in found) == sorted(item["id"] for item in items)
    assert days == sorted(days, reverse=not forward)
