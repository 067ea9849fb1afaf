"""A shard count changes under traffic: writers and readers of both layouts at once, and no sale missing or repeated."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event
from typing import Any

import pytest

from shardwell import Key, Table
from shardwell.query import Query
from shardwell.store import Store
from tests.support.backends import Backend

BASE = [{"saleId": f"s{n:03d}", "day": f"2026-10-{n % 28 + 1:02d}", "note": "base"} for n in range(60)]
WANTED = sorted((item["day"], item["saleId"]) for item in BASE)


def layout(count: int, *others: int) -> Table:
    """Sales by day: written over `count` shards, read over the others as well."""
    index = Key(GPK="SHARD#{shard}", GSK="DAY#{day}#{saleId}").sharded(count, by="saleId", former=others)
    return Table("reshard-{stage}", key=Key(PK="SALE#{saleId}"), indexes={"ByDay": index})


def iterated(store: Store) -> list[dict[str, Any]]:
    return list(store.query("ByDay"))


def paged(store: Store) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = store.query("ByDay").page(limit=9, cursor=cursor)
        found += page.items
        if (cursor := page.cursor) is None:
            return found


def backwards(store: Store) -> list[dict[str, Any]]:
    return list(store.query("ByDay").newest_first())[::-1]


READERS = {"iterate": iterated, "pages": paged, "newest first": backwards}


def check(read: Callable[[Store], list[dict[str, Any]]], store: Store) -> None:
    """Every sale of the base once and in order, whatever else is there."""
    found = [(item["day"], item["saleId"]) for item in read(store)]
    assert found == sorted(found)
    assert [one for one in found if one[1].startswith("s")] == WANTED


@pytest.mark.parametrize("how", READERS)
def test_no_sale_is_missing_or_repeated_before_during_and_after(emulator: Backend, how: str) -> None:
    read = READERS[how]
    old = emulator.store(layout(4))
    old.batch_put(BASE)
    check(read, old)
    announced = emulator.store_of(layout(4, 16), old.name)
    new = emulator.store_of(layout(16, 4), old.name)
    moved, rounds = Event(), []

    def insert(store: Store, mark: str) -> None:
        chance = Random(mark)
        for number in range(2_000):
            if moved.is_set():
                return
            day = f"2026-10-{chance.randrange(28) + 1:02d}"
            store.put({"saleId": f"{mark}{number:04d}", "day": day, "note": "traffic"})

    def rewrite() -> None:
        try:
            for item in Random(1).sample(BASE, len(BASE)):
                new.put(item)
        finally:
            moved.set()

    def watch(store: Store) -> None:
        while True:
            last = moved.is_set()
            check(read, store)
            rounds.append(store)
            if last:
                return

    with ThreadPoolExecutor(5) as threads:
        work = [threads.submit(insert, announced, "a"), threads.submit(insert, new, "b")]
        work += [threads.submit(watch, announced), threads.submit(watch, new), threads.submit(rewrite)]
        for one in work:
            one.result()
    assert len(rounds) >= 4
    check(read, new)
    assert new.query("ByDay").count() == len(iterated(new))
    after = emulator.store_of(layout(16), old.name)
    mine = [item["saleId"] for item in iterated(after) if item["saleId"].startswith(("s", "b"))]
    assert len(mine) == len(set(mine))
    assert {item["saleId"] for item in BASE} <= set(mine)


TIED = [{"saleId": f"t{n}", "day": f"2026-10-0{1 + n // 6}", "note": "tied"} for n in range(9)]


def tied(count: int, *others: int) -> Table:
    """Sales by day alone: those of one day share their sort key."""
    index = Key(GPK="SHARD#{shard}", GSK="DAY#{day}").sharded(count, by="saleId", former=others)
    return Table("reshard-{stage}", key=Key(PK="SALE#{saleId}"), indexes={"ByDay": index})


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize(("here", "there"), [(2, 3), (3, 2)], ids=["to the new layout", "to the old layout"])
def test_a_sale_that_moves_between_two_pages_of_one_day_is_given_once(
    backend: Backend, here: int, there: int, newest_first: bool
) -> None:
    """Every sale in turn moves at every boundary of pages: given already or not, to a shard before or after its own."""
    before = backend.store(tied(here, there))
    before.batch_put(TIED)
    after = backend.store_of(tied(there, here), before.name)

    def pages() -> Query:
        query = before.query("ByDay")
        return query.newest_first() if newest_first else query

    for mover in TIED:
        for boundary in range(1, 4):
            found, cursor, walked = [], None, 0
            while True:
                page = pages().page(limit=2, cursor=cursor)
                found += [(item["day"], item["saleId"]) for item in page.items]
                if (cursor := page.cursor) is None:
                    break
                walked += 1
                if walked == boundary:
                    after.put(mover)
            before.put(mover)
            wanted = sorted(((item["day"], item["saleId"]) for item in TIED), reverse=newest_first)
            assert found == wanted, f"{mover['saleId']} moved after page {boundary}"
