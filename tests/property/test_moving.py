"""Walks while a shard count changes: items that share a sort key move between pages, and each is given out once."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import example, given
from hypothesis import strategies as st

from shardwell import F, Key, Table
from shardwell.creation import create_table_request
from shardwell.query import Query
from shardwell.store import Store
from tests.property.memory import MemoryClient
from tests.property.shop import opened

Sort = Literal["template", "number", "none"]
SORTS: tuple[Sort, ...] = ("template", "number", "none")


def table(shards: int, *former: int, sort: Sort = "template") -> Table:
    """Items by day, of which many have the same; or by nothing at all."""
    attributes: dict[str, Any] = {"template": {"at": "DAY#{day}"}, "number": {"day": int}, "none": {}}[sort]
    index = Key(days="DAYS#{shard}", **attributes).sharded(shards, by="id", former=former)
    return Table("t-{stage}", key=Key(PK="ITEM#{id}"), indexes={"ByDay": index})


def items_on(days: list[int], sort: Sort) -> list[dict[str, Any]]:
    """An item on each of these days; every other is to be kept by a filter."""
    return [
        {"id": f"i{n:02d}", "day": day if sort == "number" else f"{day}", "keep": n % 2 == 0}
        for n, day in enumerate(days)
    ]


def asked(store: Store, forward: bool, filtered: bool) -> Query:
    query = store.query("ByDay")
    query = query.where(F("keep") == True) if filtered else query  # noqa: E712  # builds a condition
    return query if forward else query.newest_first()


def check(found: list[dict[str, Any]], items: list[dict[str, Any]], sort: Sort, forward: bool, filtered: bool) -> None:
    """Each item that is wanted once; in order, and in that of the table key among items of one sort key."""
    wanted = sorted(
        (0 if sort == "none" else int(item["day"]), item["id"]) for item in items if item["keep"] or not filtered
    )
    assert sorted(item["id"] for item in found) == sorted(name for _, name in wanted)
    if sort != "none":
        days = [int(item["day"]) for item in found]
        assert days == sorted(days, reverse=not forward)


days = st.lists(st.integers(0, 2), min_size=1, max_size=24)
counts = st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] != pair[1])
moves = st.lists(st.tuples(st.integers(0, 23), st.booleans()), max_size=40)


@given(days, counts, st.integers(1, 7), st.booleans(), st.booleans(), st.sampled_from(SORTS), st.integers(1, 9), moves)
@example([0] * 12, (2, 3), 2, True, False, "template", 2, [(n, n % 2 == 0) for n in range(12)])
@example([0] * 12, (4, 1), 3, False, True, "number", 5, [(n, True) for n in range(12)] * 2)
@example([0] * 12, (1, 5), 1, True, False, "none", 5, [(n, n < 6) for n in range(12)] * 2)
def test_items_of_one_sort_key_are_seen_once_though_they_move_between_pages(
    on: list[int],
    counts: tuple[int, int],
    limit: int,
    forward: bool,
    filtered: bool,
    sort: Sort,
    page: int,
    moved: list[tuple[int, bool]],
) -> None:
    """Between two pages up to three items are rewritten, each by a writer of the one or of the other layout."""
    old, new = table(counts[0], counts[1], sort=sort), table(counts[1], counts[0], sort=sort)
    client = MemoryClient(create_table_request(old, name="shop"), page=page)
    stores = opened(old, client), opened(new, client)
    items = items_on(on, sort)
    stores[0].batch_put(items)
    todo = [(items[number], to_new) for number, to_new in moved if number < len(items)]
    found, cursor, walked = [], None, 0
    while True:
        given_out = asked(stores[walked % 2], forward, filtered).page(limit=limit, cursor=cursor)
        assert len(given_out.items) <= limit
        found += given_out.items
        if (cursor := given_out.cursor) is None:
            break
        walked += 1
        assert walked < 200, "paging does not come to an end"
        for _ in range(min(3, len(todo))):
            item, to_new = todo.pop()
            stores[to_new].put(item)
    check(found, items, sort, forward, filtered)
    if sort != "none":
        expected = sorted(((int(one["day"]), one["id"]) for one in found), reverse=not forward)
        assert [(int(one["day"]), one["id"]) for one in found] == expected
    assert len(list(asked(stores[1], forward, filtered))) == len(found) == asked(stores[0], forward, filtered).count()


@given(
    days,
    counts,
    st.integers(1, 7),
    st.booleans(),
    st.booleans(),
    st.sampled_from(SORTS),
    st.lists(st.booleans(), min_size=1, max_size=12),
)
@example([0] * 12, (3, 2), 2, True, False, "template", [False, True])
@example([0] * 12, (3, 2), 2, False, False, "template", [True, False])
@example([0] * 12, (3, 2), 2, True, True, "none", [True, False, False])
@example([0] * 12, (1, 2), 2, True, False, "template", [True, False, True])
def test_a_walk_goes_on_over_a_deployment_that_names_a_second_count_or_no_more(
    on: list[int],
    counts: tuple[int, int],
    limit: int,
    forward: bool,
    filtered: bool,
    sort: Sort,
    both: list[bool],
) -> None:
    """While nothing moves, pages read by processes of one count and of both can take turns, inside ties as well."""
    one, two = table(counts[0], sort=sort), table(counts[0], counts[1], sort=sort)
    client = MemoryClient(create_table_request(one, name="shop"), page=5)
    stores = opened(one, client), opened(two, client)
    items = items_on(on, sort)
    stores[0].batch_put(items)
    found, cursor, walked = [], None, 0
    while True:
        given_out = asked(stores[both[walked % len(both)]], forward, filtered).page(limit=limit, cursor=cursor)
        found += given_out.items
        if (cursor := given_out.cursor) is None:
            break
        walked += 1
        assert walked < 200, "paging does not come to an end"
    check(found, items, sort, forward, filtered)


def test_a_cursor_does_not_grow_with_the_items_that_share_a_sort_key() -> None:
    sizes = []
    for count in (50, 1_000):
        described = table(3, 2)
        store = opened(described, MemoryClient(create_table_request(described, name="shop")))
        store.batch_put({"id": f"i{n:04d}", "day": "1", "keep": True} for n in range(count))
        cursor = None
        for _ in range(3):
            cursor = store.query("ByDay").page(limit=count // 5, cursor=cursor).cursor
        assert cursor is not None
        sizes.append(len(cursor))
    assert sizes[1] <= sizes[0] + 8


def test_items_before_and_after_those_of_one_sort_key_are_not_read_again_for_each_page() -> None:
    described = table(2, 3)
    store = opened(described, MemoryClient(create_table_request(described, name="shop")))
    store.batch_put({"id": f"i{n:04d}", "day": "1" if n < 500 else "2", "keep": True} for n in range(520))
    cursor = store.query("ByDay").page(limit=505).cursor
    page = store.query("ByDay").page(limit=5, cursor=cursor)
    assert [item["day"] for item in page.items] == ["2"] * 5
    assert page.read.looked_at <= 2 * 20
