"""Two tenants whose names try to break isolation: no call of one sees, changes or deletes what is the other's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_intelligence.factory import new_sale
from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.ambient import Ambient
from shardwell.errors import BadCursor, BadKeyPart, ShardwellError
from shardwell.store import Store
from shardwell.transaction import transact
from tests.property.shop import KEY_FIELDS, PARTITION_FIELDS, Clock, memory_of, opened, shop
from tests.property.text import HOSTILE, parts, same

DAY = "2025-01-05"
OTHERS = [name for name in HOSTILE if not same(name, "a")]

Tenants = tuple[str, str]


def sale(tenant: str, product: str, sale_id: str, **further: Any) -> dict[str, Any]:
    fields = {"category": product, "brand": product, "embeddingId": "e", "price": 1, "quantity": 1}
    return {"tenant": tenant, "productId": product, "saleDate": DAY, "saleId": sale_id, **fields, **further}


def key(tenant: str, product: str, sale_id: str) -> dict[str, str]:
    return {"tenant": tenant, "productId": product, "saleDate": DAY, "saleId": sale_id}


def rows(store: Store, tenant: str) -> list[Any]:
    """What the table really holds of a tenant."""
    client: Any = store._connection.client
    return sorted(str(item) for item in client.items.values() if item["tenant"]["S"] == tenant)


def swapped(one: Tenants) -> list[tuple[str, str]]:
    return [one, one[::-1]]


tenants = st.tuples(parts, parts).filter(lambda pair: not same(*pair))
products = st.sampled_from(["p", "a", "p#SALE", "#", "PRODUCT#p", "a%23"])


@given(tenants, products, st.lists(parts, min_size=1, max_size=3), st.integers(1, 3))
def test_no_query_of_one_tenant_gives_an_item_of_the_other(
    pair: Tenants, product: str, sale_ids: list[str], limit: int
) -> None:
    store = opened(shop(2), memory_of(shop(2), page=3), Clock())
    for tenant in pair:
        store.batch_put([sale(tenant, product, sale_id) for sale_id in sale_ids])
    expected = len({item["saleId"] for item in (store.get(key(pair[0], product, one)) for one in sale_ids) if item})
    for me, other in swapped(pair):
        for index, names in PARTITION_FIELDS.items():
            item = sale(me, product, sale_ids[0])
            query = store.query(index, **{name: item[name] for name in names})
            found, cursor = [], None
            while True:
                page = query.page(limit=limit, cursor=cursor)
                found += page.items
                cursor = page.cursor
                if cursor is None:
                    break
                theirs = store.query(index, **{**{name: item[name] for name in names}, "tenant": other})
                with pytest.raises(BadCursor):
                    theirs.page(limit=limit, cursor=cursor)
            assert len(found) == expected == query.count() == len(list(query))
            assert all(same(one.get("tenant", me), me) for one in found)


METHODS: dict[str, Callable[[Store, dict[str, str]], Any]] = {
    "put": lambda store, mine: store.put(sale(mine["tenant"], mine["productId"], mine["saleId"], quantity=7)),
    "put if absent": lambda store, mine: store.put(sale(mine["tenant"], mine["productId"], "new"), if_absent=True),
    "put if version": lambda store, mine: store.put(
        sale(mine["tenant"], mine["productId"], mine["saleId"]), if_version=1
    ),
    "update": lambda store, mine: store.update(mine, {"category": "other", "quantity": 9}),
    "update that ends entries": lambda store, mine: store.update(mine, remove=["brand", "embeddingId"]),
    "update that moves": lambda store, mine: store.update(mine, {"saleDate": "2025-01-06"}),
    "delete": lambda store, mine: store.delete(mine),
    "batch_put": lambda store, mine: store.batch_put(
        [sale(mine["tenant"], mine["productId"], mine["saleId"], brand="z")]
    ),
    "batch_delete": lambda store, mine: store.batch_delete([mine]),
    "insert_many": lambda store, mine: store.insert_many([sale(mine["tenant"], mine["productId"], "new")]),
    "to_put": lambda store, mine: transact(store.to_put(sale(mine["tenant"], mine["productId"], "1", brand="z"))),
    "to_update": lambda store, mine: transact(store.to_update(mine, {"price": 2})),
    "to_delete": lambda store, mine: transact(store.to_delete(mine)),
    "to_check": lambda store, mine: transact(store.to_check(mine)),
    "get": lambda store, mine: store.get(mine),
    "batch_get": lambda store, mine: store.batch_get([mine]),
}


@pytest.mark.parametrize("method", list(METHODS))
def test_no_method_touches_an_item_of_the_other_tenant(method: str) -> None:
    for other in OTHERS:
        for me, them in swapped(("a", other)):
            store = opened(shop(2), memory_of(shop(2)), Clock())
            mine, theirs = key(me, "p", "1"), key(them, "p", "1")
            for tenant in (me, them):
                store.put(sale(tenant, "p", "1"))
            before = rows(store, store.get(theirs)["tenant"])
            assert len(before) == 1
            METHODS[method](store, mine)
            assert rows(store, store.get(theirs)["tenant"]) == before, (me, them)


def test_every_method_of_the_store_that_names_an_item_is_tried() -> None:
    tried = {name.split(" ")[0] for name in METHODS} | {"query", "scan", "of"}
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert public == tried


def test_a_read_gives_the_tenants_own_item_alone() -> None:
    for one, other in combinations(HOSTILE, 2):
        if same(one, other):
            continue
        store = opened(shop(2), memory_of(shop(2)), Clock())
        store.put(sale(one, "p", "1"))
        assert store.get(key(other, "p", "1")) is None
        assert store.batch_get([key(other, "p", "1")]) == [None]
        assert store.delete(key(other, "p", "1")) is None
        assert store.get(key(one, "p", "1")) is not None, (one, other)


@pytest.mark.parametrize("name", ["", None, 0.5, b"a", ["a"], "\ud800", "\U0010ffff"])
def test_what_cannot_name_a_tenant_is_refused_before_anything_is_sent(name: Any) -> None:
    store = opened(shop(2), memory_of(shop(2)), Clock())
    client: Any = store._connection.client
    for attempt in (
        lambda: store.put(sale(name, "p", "1")),
        lambda: store.get(key(name, "p", "1")),
        lambda: store.delete(key(name, "p", "1")),
        lambda: store.query(tenant=name, productId="p").page(),
        lambda: store.query("ByCategory", tenant=name, category="p").page(),
        lambda: store.batch_put([sale("a", "p", "1"), sale(name, "p", "1")]),
    ):
        with pytest.raises(ShardwellError):
            attempt()
    assert client.requests == []
    if isinstance(name, str) and name:
        with pytest.raises(BadKeyPart, match=r"tenant .*no key can hold"):
            store.get(key(name, "p", "1"))


def repository() -> tuple[Sales, Any]:
    client = memory_of(SALES, page=3)
    clock = Clock()
    ambient = Ambient(now=clock, sleep=lambda _seconds: None)
    store = Store(SALES, name="shop", client=client, cursor_keys=(b"k" * 32,), ambient=ambient)
    return Sales(store, ambient=ambient), client


def sold(tenant: str, sale_id: str, product: str = "p") -> Any:
    return new_sale(
        tenant=tenant,
        product_id=product,
        sale_id=sale_id,
        sale_date=DAY,
        sale_price=Decimal(5),
        original_price=Decimal(10),
        currency="EUR",
        category="dress",
        brand="x",
        embedding_id="e",
        now=Clock()(),
    )


CALLS: dict[str, Callable[[Sales, str], Any]] = {
    "put_sale": lambda sales, me: sales.put_sale(sold(me, "1")),
    "get_sale": lambda sales, me: sales.get_sale(me, "p", DAY, "1"),
    "update_sale": lambda sales, me: sales.update_sale(me, "p", DAY, "1", {"sale_date": "2025-02-01", "brand": None}),
    "delete_sale": lambda sales, me: sales.delete_sale(me, "p", DAY, "1"),
    "batch_write_sales": lambda sales, me: sales.batch_write_sales([sold(me, "1"), sold(me, "2")]),
    "query_product_sales": lambda sales, me: sales.query_product_sales(me, "p"),
    "query_category_season": lambda sales, me: sales.query_category_season(me, "dress", "Q1"),
    "query_product_embeddings": lambda sales, me: sales.query_product_embeddings(me),
    "query_brand_sales": lambda sales, me: sales.query_brand_sales(me, "x"),
    "query_brand_pricing": lambda sales, me: sales.query_brand_pricing(me, "x"),
    "brand_statistics": lambda sales, me: sales.brand_statistics(me, "x"),
}


def test_every_method_of_the_repository_that_names_a_tenant_is_tried() -> None:
    public = inspect.getmembers(Sales, inspect.isfunction)
    with_a_tenant = {n for n, f in public if not n.startswith("_") and "tenant" in inspect.signature(f).parameters}
    writes = {"put_sale", "batch_write_sales"}
    assert with_a_tenant | writes == set(CALLS)


def seen(answer: Any) -> list[Any]:
    """The sales in an answer of any kind."""
    if answer is None or isinstance(answer, int):
        return []
    if isinstance(answer, list):  # statistics: of the tenant's one sale
        assert [one.count for one in answer] == [1]
        return []
    found = getattr(answer, "items", None) or getattr(answer, "records", None)
    return [answer] if found is None else list(found)


@pytest.mark.parametrize("method", list(CALLS))
def test_no_method_of_the_repository_sees_or_touches_a_sale_of_the_other_tenant(method: str) -> None:
    for other in OTHERS:
        for me, them in swapped(("a", other)):
            sales, client = repository()
            for tenant in (me, them):
                sales.put_sale(sold(tenant, "1"))
            theirs = sales.get_sale(them, "p", DAY, "1")
            before = [item for item in client.items.values() if item["tenant"]["S"] == theirs.tenant]
            assert len(before) == 1
            assert all(same(sale.tenant, me) for sale in seen(CALLS[method](sales, me))), (me, them)
            assert before[0] in client.items.values(), (me, them)
            assert sales.get_sale(them, "p", DAY, "1") == theirs


def test_the_repository_never_takes_anothers_cursor() -> None:
    sales, _ = repository()
    for tenant in ("a", "a#PRODUCT"):
        sales.batch_write_sales(sold(tenant, str(n)) for n in range(5))
    cursor = sales.query_category_season("a", "dress", "Q1", limit=2).cursor
    with pytest.raises(BadCursor):
        sales.query_category_season("a#PRODUCT", "dress", "Q1", limit=2, cursor=cursor)


def test_the_fields_of_a_key_are_those_that_the_tests_try() -> None:
    assert shop().key.fields == KEY_FIELDS
