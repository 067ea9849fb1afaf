"""Several kinds of items in one table, and indexes that hold less than everything, on every backend."""

from __future__ import annotations

from typing import Any

import pytest

from shardwell.errors import BadQuery
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import PROJECTED, SHOP

CUSTOMER = {"customerId": "c1", "name": "Ann", "city": "Oslo"}
ORDERS = [{"customerId": "c1", "orderId": f"o{n}", "total": n} for n in range(3)]
LINES = [{"customerId": "c1", "orderId": "o1", "position": n, "sku": "x"} for n in (1, 2, 10)]


class TestShapes:
    """A store of one shape sees this shape alone."""

    @pytest.fixture
    def shop(self, backend: Backend) -> Store:
        customers = backend.store(SHOP, shape="customer")
        customers.put(CUSTOMER)
        customers.put({**CUSTOMER, "customerId": "c2"})
        customers.of("order").batch_put(ORDERS)
        customers.of("line").batch_put(LINES)
        return customers

    def test_each_is_found_by_its_own_key(self, shop: Store) -> None:
        assert shop.get({"customerId": "c1"}) == CUSTOMER
        assert shop.of("order").get(ORDERS[1]) == ORDERS[1]
        assert shop.of("line").get(LINES[2]) == LINES[2]
        assert shop.of("order").get({"customerId": "c1", "orderId": "o9"}) is None

    def test_a_query_gives_one_shape(self, shop: Store) -> None:
        assert list(shop.query(customerId="c1")) == [CUSTOMER]
        assert list(shop.of("order").query(customerId="c1")) == ORDERS
        assert list(shop.of("order").query(customerId="c1").newest_first()) == ORDERS[::-1]
        assert list(shop.of("line").query(customerId="c1").equal("o1")) == LINES
        assert list(shop.of("line").query(customerId="c1").between(("o1", 2), ("o1", 10))) == LINES[1:]
        assert shop.of("line").query(customerId="c1").count() == 3

    def test_or_every_shape_of_the_partition(self, shop: Store) -> None:
        everything = shop.query(customerId="c1").every_shape()
        assert list(everything) == [*LINES, *ORDERS, CUSTOMER]
        first = everything.page(limit=4)
        assert [*first.items, *everything.page(limit=4, cursor=first.cursor).items] == [*LINES, *ORDERS, CUSTOMER]

    def test_an_index_of_one_shape(self, shop: Store) -> None:
        assert [item["customerId"] for item in shop.query("ByCity", city="Oslo")] == ["c1", "c2"]
        with pytest.raises(BadQuery, match="ByCity"):
            shop.of("order").query("ByCity", city="Oslo")

    def test_a_scan_gives_one_shape(self, shop: Store) -> None:
        def scanned(store: Store) -> list[Any]:
            return [item for page in store.scan(segments=2) for item in page.items]

        assert sorted(scanned(shop.of("order")), key=lambda item: item["orderId"]) == ORDERS
        assert sorted(scanned(shop.of("line")), key=lambda item: item["position"]) == LINES
        assert len(scanned(shop)) == 2

    def test_changes_stay_within_the_shape(self, backend: Backend, shop: Store) -> None:
        shop.of("order").update(ORDERS[0], {"total": 9})
        shop.of("line").update(LINES[0], {"sku": "y"})
        shop.of("order").delete(ORDERS[2])
        keys = [f"{item['PK']['S']} {item['SK']['S']}" for item in backend.raw(shop)]
        assert sorted(keys) == [
            "CUSTOMER#c1 LINE#o1#001",
            "CUSTOMER#c1 LINE#o1#002",
            "CUSTOMER#c1 LINE#o1#010",
            "CUSTOMER#c1 ORDER#o0",
            "CUSTOMER#c1 ORDER#o1",
            "CUSTOMER#c1 PROFILE",
            "CUSTOMER#c2 PROFILE",
        ]


class TestProjections:
    """An index gives what it holds."""

    @pytest.fixture
    def store(self, backend: Backend) -> Store:
        store = backend.store(PROJECTED)
        store.batch_put(
            {
                "tenant": "a",
                "itemId": f"i{n}",
                "kind": "k",
                "day": f"2026-01-{n + 1:02d}",
                "title": f"t{n}",
                "text": "x",
            }
            for n in range(9)
        )
        return store

    def test_keys_only(self, store: Store) -> None:
        asked = store.query("Keys", tenant="a", kind="k")
        assert asked.count() == 4
        assert [item["expires"] for item in asked] == sorted(item["expires"] for item in asked)
        assert all("title" not in item and "text" not in item for item in asked)

    def test_keys_and_some_fields(self, store: Store) -> None:
        asked = store.query("Some", tenant="a", kind="k")
        assert [item["title"] for item in asked] == ["t5", "t6", "t7", "t8"]
        assert all("text" not in item for item in asked)
        assert [item["title"] for item in asked.after("2026-01-08")] == ["t8"]

    def test_reads_of_one_shard(self, store: Store) -> None:
        assert [item["title"] for item in store.query("Some", tenant="a", kind="k", itemId="i7")] == ["t7"]

    def test_pages(self, store: Store) -> None:
        for name in ("Keys", "Some"):
            asked = store.query(name, tenant="a", kind="k")
            found, cursor = [], None
            while True:
                page = asked.page(limit=1, cursor=cursor)
                found += page.items
                if (cursor := page.cursor) is None:
                    break
            assert found == list(asked)

    def test_a_field_that_the_index_does_not_hold_is_refused(self, store: Store) -> None:
        with pytest.raises(BadQuery, match="text"):
            list(store.query("Some", tenant="a", kind="k").only("text"))
        assert list(store.query("Some", tenant="a", kind="k").only("title").after("2026-01-08")) == [{"title": "t8"}]
