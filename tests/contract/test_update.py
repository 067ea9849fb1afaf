"""Updates, on every backend: what follows a change, what moves, what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import AlreadyExists, BadItem, BadQuery, ConditionFailed, NotFound, TooLarge, VersionConflict
from tests.support.backends import Backend
from tests.support.descriptions import INDEXED, PLAIN, READINGS, VERSIONED
from tests.support.sales import key, sale

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T", "author": "Ann", "reads": 1, "price": Decimal("1.50")}
KEY = {"docId": "d1", "folder": "in"}
WHOLE = sale(1, brand="B", embeddingId="e")


def entries(backend: Backend, store: Any) -> set[str]:
    """The index keys of the one item in a store's table."""
    (item,) = backend.raw(store)
    return {value["S"] for name, value in item.items() if name.startswith("GSI") and name.endswith("PK")}


def test_an_update_gives_the_item_after_it(backend: Backend) -> None:
    store = backend.store(SALES)
    stored = store.put(WHOLE)
    after = store.update(key(WHOLE), {"salePrice": Decimal(4), "vendorId": "v"}, remove=["embeddingId"])
    expected = {**stored, "salePrice": Decimal(4), "vendorId": "v"}
    del expected["embeddingId"]
    assert after == expected == store.get(WHOLE)


@pytest.mark.parametrize(
    ("changes", "remove", "gone", "new"),
    [
        ({"category": "shoes"}, [], "TENANT#acme#CATEGORY#dress#SEASON#Q4", "TENANT#acme#CATEGORY#shoes#SEASON#Q4"),
        ({"season": "Q1"}, [], "TENANT#acme#CATEGORY#dress#SEASON#Q4", "TENANT#acme#CATEGORY#dress#SEASON#Q1"),
        ({"brand": "C#"}, [], "TENANT#acme#BRAND#B", "TENANT#acme#BRAND#C%23"),
        ({}, ["brand"], "TENANT#acme#BRAND#B", None),
        ({}, ["embeddingId"], "TENANT#acme#EMBEDDING", None),
    ],
)
def test_index_keys_follow_the_fields_they_are_made_of(
    backend: Backend, changes: dict[str, Any], remove: list[str], gone: str, new: str | None
) -> None:
    store = backend.store(SALES)
    store.put(WHOLE)
    before = entries(backend, store)
    store.update(key(WHOLE), changes, remove=remove)
    after = entries(backend, store)
    lost, won = before - after, after - before
    assert [one.startswith(gone) for one in lost] == [True]
    assert [one.startswith(new or "nothing") for one in won] == ([True] if new else [])


def test_an_item_enters_a_sparse_index_by_an_update(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(sale(1))
    assert len(entries(backend, store)) == 1
    store.update(sale(1), {"brand": "B", "embeddingId": "e"})
    assert len(entries(backend, store)) == 3
    assert store.query("GSI2", tenant="acme", productId="p1").count() == 1


@pytest.mark.parametrize("date", ["2026-11-30", "2020-02-29"])
def test_another_date_moves_the_item_with_everything_it_has(backend: Backend, date: str) -> None:
    backend.surroundings.forward(days=-3650)  # so that neither has expired
    store = backend.store(SALES)
    store.put(WHOLE)
    moved = store.update(key(WHOLE), {"saleDate": date, "condition": "worn"}, remove=["brand"])
    wanted = store.put({**sale(1, saleDate=date, condition="worn", embeddingId="e")})
    assert moved == wanted == store.get(wanted)
    (item,) = backend.raw(store)
    assert item["SK"] == {"S": f"SALE#{date}#s0001"}
    assert item["GSI1SK"] == {"S": f"DATE#{date}#s0001"}
    assert item["GSI2SK"] == {"S": f"DATE#{date}"}
    assert "GSI3PK" not in item


def test_a_move_onto_a_taken_key_changes_nothing(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(WHOLE)
    store.put({**WHOLE, "saleDate": "2026-11-30", "brand": "other"})
    before = sorted(map(str, backend.raw(store)))
    with pytest.raises(AlreadyExists, match="2026-11-30"):
        store.update(key(WHOLE), {"saleDate": "2026-11-30"})
    assert sorted(map(str, backend.raw(store))) == before


def test_a_move_under_a_condition(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(WHOLE)
    with pytest.raises(ConditionFailed):
        store.update(key(WHOLE), {"saleDate": "2026-11-30"}, condition=F("brand") == "other")
    assert store.get(WHOLE) is not None
    store.update(key(WHOLE), {"saleDate": "2026-11-30"}, condition=F("brand") == "B")
    assert store.get(WHOLE) is None


def test_what_is_not_there_cannot_be_updated(backend: Backend) -> None:
    store = backend.store(SALES)
    for change in ({"brand": "B"}, {"category": "shoes"}, {"saleDate": "2026-11-30"}):
        with pytest.raises(NotFound, match="s0001"):
            store.update(sale(1), change)
    assert backend.raw(store) == []


def test_versions_count_each_change(backend: Backend) -> None:
    store = backend.store(VERSIONED)
    store.put(DOCUMENT, if_absent=True)
    assert store.update(KEY, {"title": "U"})["version"] == 2
    assert store.update(KEY, {"title": "V"}, if_version=2)["version"] == 3
    with pytest.raises(VersionConflict, match="has version 3, not 2"):
        store.update(KEY, {"title": "W"}, if_version=2)
    with pytest.raises(VersionConflict, match="has version 3, not 2"):
        store.update(KEY, {"folder": "out"}, if_version=2)
    assert store.update(KEY, {"folder": "out"}, if_version=3)["version"] == 4
    assert store.get({**KEY, "folder": "out"}, only=("title", "version")) == {"title": "V", "version": 4}


def test_numbers_are_added_to(backend: Backend) -> None:
    store = backend.store(VERSIONED)
    store.put({**DOCUMENT, "price": Decimal(1)})
    after = store.update(KEY, {"title": "U"}, add={"reads": 2, "price": Decimal("0.10")})
    assert (after["reads"], after["price"], after["title"]) == (3, Decimal("1.1"), "U")
    assert [item["title"] for item in store.query("ByAuthor", author="Ann")] == ["U"]


def test_the_time_to_live_follows_the_date(backend: Backend) -> None:
    store = backend.store(SALES)
    before = store.put(WHOLE)
    after = store.update(key(WHOLE), {"saleDate": "2026-10-03"})
    assert after["ttl"] - before["ttl"] == 86_400


def test_native_index_keys_are_set_and_end(backend: Backend) -> None:
    store = backend.store(READINGS)
    store.put({"device": "d", "at": 1, "station": "s", "level": Decimal("1.5"), "minute": 7})
    assert store.query("ByMinute", minute=7).count() == 1
    store.update({"device": "d", "at": 1}, {"level": 9}, remove=["minute"])
    assert [item["level"] for item in store.query("ByLevel", station="s").after(8)] == [9]
    assert store.query("ByMinute", minute=7).count() == 0


def test_a_field_that_is_null_counts_as_missing_in_an_index(backend: Backend) -> None:
    store = backend.store(INDEXED)
    store.put({"id": "x", "a": None, "b": "b"})
    store.update({"id": "x"}, {"b": "c"})
    assert store.get({"id": "x"}) == {"id": "x", "a": None, "b": "c"}
    store.update({"id": "x"}, {"a": "a"})
    assert [item["id"] for item in store.query("ByA", a="a")] == ["x"]
    store.update({"id": "x"}, {"a": None})
    assert store.query("ByA", a="a").count() == 0


def test_an_update_that_would_make_the_item_too_large(backend: Backend) -> None:
    store = backend.store(PLAIN)
    store.put({"id": "x", "a": "x" * 250_000})
    with pytest.raises(TooLarge, match="maximum allowed size"):
        store.update({"id": "x"}, {"b": "x" * 250_000})
    assert "b" not in (store.get({"id": "x"}) or {})


class TestRefusedByDynamoDB:
    """What only DynamoDB can tell about a caller's values is an error of ours all the same."""

    def test_adding_to_text(self, backend: Backend) -> None:
        store = backend.store(PLAIN)
        store.put({"id": "x", "n": "text"})
        with pytest.raises(BadItem, match="data type"):
            store.update({"id": "x"}, add={"n": 1})

    @pytest.mark.diverges("moto", "stores numbers of any size")
    def test_adding_up_to_more_than_a_number_holds(self, backend: Backend) -> None:
        store = backend.store(PLAIN)
        store.put({"id": "x", "n": Decimal("9E+125")})
        with pytest.raises(BadItem, match="refuses"):
            store.update({"id": "x"}, add={"n": Decimal("9E+125")})

    @pytest.mark.diverges("moto", "compares the beginning of a number's digits")
    def test_a_filter_that_cannot_hold(self, backend: Backend) -> None:
        store = backend.store(PLAIN)
        store.put({"id": "x", "n": 1})
        with pytest.raises(BadQuery, match="begins_with"):
            list(store.query(id="x").where(F("n").begins_with(1)))
