"""Indexes that do not hold everything, on every backend: what is asked of them, and what their keys tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shardwell import F
from shardwell.errors import BadQuery
from shardwell.query import Query
from shardwell.scan import Checkpoint
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import PROJECTED, SHOP

LIVE = [f"i{n}" for n in range(5, 9)]
"""At noon of 15 January the items of the 6th and later are within their ten days."""


@pytest.fixture
def store(backend: Backend) -> Store:
    """Nine items of nine days, of which the first five have expired and are still stored."""
    store = backend.store(PROJECTED)
    store.batch_put(
        {"tenant": "a", "itemId": f"i{n}", "kind": "k#1", "day": f"2026-01-{n + 1:02d}", "title": f"t{n % 2}"}
        for n in range(9)
    )
    return store


def asked(store: Store, index: str) -> Query:
    return store.query(index, tenant="a", kind="k#1")


def names(items: Any) -> list[str]:
    return [item["itemId"] for item in items]


CONDITIONS: dict[str, Callable[[], Any]] = {
    "a field": lambda: F("note") == "x",
    "a path into one": lambda: F("note.inner[0]") == "x",
    "a field that must be missing": lambda: F("note").missing(),
    "one of several": lambda: (F("expires") > 0) & ~(F("note").contains("x") | F("title").exists()),
    "a part of the index's own key": lambda: F("kind") == "k#1",
}


@pytest.mark.parametrize("index", ["Keys", "Some"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_on_what_the_index_does_not_hold_is_refused(store: Store, index: str, condition: str) -> None:
    """Before anything is sent: DynamoDB would answer that there is no such item."""
    with pytest.raises(BadQuery, match=f"{index} does not hold (note|kind|note, title), it holds .*project it"):
        asked(store, index).where(CONDITIONS[condition]())
    with pytest.raises(BadQuery, match=f"{index} does not hold"):
        store.scan(index, where=CONDITIONS[condition]())


def test_a_condition_on_what_the_index_holds_is_met(store: Store) -> None:
    assert names(asked(store, "Some").where(F("title") == "t1")) == ["i5", "i7"]
    assert names(asked(store, "Some").where(F("itemId") == "i6")) == ["i6"]
    latest = max(int(item["expires"]) for item in asked(store, "Keys"))
    assert names(asked(store, "Keys").where(F("expires") == latest)) == ["i8"]
    assert names(asked(store, "Keys").where(F("PK") == "TENANT#a#ITEM#i7")) == ["i7"]


@pytest.mark.parametrize("index", ["Keys", "Some"])
def test_expired_items_are_not_in_an_index_that_holds_little(store: Store, index: str) -> None:
    """The time to live is in every index, whatever it projects."""
    assert names(asked(store, index)) == LIVE
    assert asked(store, index).count() == len(LIVE)
    assert sorted(names(item for page in store.scan(index) for item in page.items)) == LIVE
    everything = [item for page in store.scan(index, expired_too=True) for item in page.items]
    assert len(everything) == 9


@pytest.mark.parametrize("index", ["Keys", "Some"])
def test_items_have_the_fields_of_their_keys(store: Store, index: str) -> None:
    fields = ("tenant", "itemId", "kind", "day", "expires")
    stored = {item["itemId"]: item for page in store.scan() for item in page.items}
    for item in asked(store, index):
        assert {name: item[name] for name in fields} == {name: stored[item["itemId"]][name] for name in fields}
        assert store.get(item) == stored[item["itemId"]]
    scanned = [item for page in store.scan(index, only=["itemId", "day"]) for item in page.items]
    assert sorted(item["itemId"] for item in scanned) == LIVE
    assert all(item.keys() == {"itemId", "day"} for item in scanned)


def test_only_takes_what_the_keys_tell_and_nothing_else(store: Store) -> None:
    assert list(asked(store, "Keys").only("kind", "itemId").after("2026-01-08")) == [{"kind": "k#1", "itemId": "i8"}]
    page = asked(store, "Keys").only("itemId").page(limit=3)
    assert names(page.items) == LIVE[:3]
    assert names(asked(store, "Keys").only("itemId").page(limit=3, cursor=page.cursor).items) == LIVE[3:]
    with pytest.raises(BadQuery, match="Keys does not hold title, it holds expires: project more"):
        asked(store, "Keys").only("title", "itemId")
    with pytest.raises(BadQuery, match="Keys does not hold title"):
        store.scan("Keys", only=["title"])


def test_an_index_that_holds_everything_takes_any_condition(backend: Backend) -> None:
    store = backend.store(SHOP)
    store.put({"customerId": "c", "city": "x", "note": {"a": [1]}})
    assert len(list(store.query("ByCity", city="x").where(F("note.a[0]") == 1))) == 1
    with pytest.raises(BadQuery, match="no index 'None'"):
        store.scan("None", resume=Checkpoint(1))
