"""The store against a plain dict: any sequence of writes, moves, expiries, restarts and new shard counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shardwell.errors import AlreadyExists, ConditionFailed, NotFound, VersionConflict
from shardwell.fields import to_item
from shardwell.transaction import transact
from shardwell.values import decode_item
from tests.property.shop import (
    INDEX_FIELDS,
    KEY_FIELDS,
    PARTITION_FIELDS,
    Clock,
    Sale,
    expiry,
    index_keys,
    memory_of,
    opened,
    shop,
    table_keys,
)

DATES = ("2025-01-01", "2025-01-02", "2025-01-31", "2025-03-01")
TENANTS = ("a", "a#PRODUCT")
PRODUCTS = ("p", "q%23")
SALE_IDS = ("1", "10", "é", "#")
CATEGORIES = ("dress", "shoe")
BRANDS = (None, "x", "x#DATE")
EMBEDDINGS = (None, "e1")

sales = st.builds(
    Sale,
    tenant=st.sampled_from(TENANTS),
    product_id=st.sampled_from(PRODUCTS),
    sale_id=st.sampled_from(SALE_IDS),
    sale_date=st.sampled_from(DATES),
    category=st.sampled_from(CATEGORIES),
    price=st.decimals(0, 100, places=2),
    quantity=st.integers(0, 3),
    brand=st.sampled_from(BRANDS),
    embedding_id=st.sampled_from(EMBEDDINGS),
).map(to_item)
keys = st.fixed_dictionaries(
    {
        "tenant": st.sampled_from(TENANTS),
        "productId": st.sampled_from(PRODUCTS),
        "saleDate": st.sampled_from(DATES),
        "saleId": st.sampled_from(SALE_IDS),
    }
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(CATEGORIES),
        "brand": st.sampled_from(BRANDS),
        "saleDate": st.sampled_from(DATES),
        "embeddingId": st.sampled_from(EMBEDDINGS),
        "quantity": st.integers(0, 3),
        "price": st.decimals(0, 100, places=2),
    },
).filter(bool)
indexes = st.sampled_from((None, *INDEX_FIELDS))

choices = st.none() | st.integers(0, 50)
"""Which of the items that are there a rule is about; None where it is about any."""

Identity = tuple[str, ...]


def identity_of(item: Mapping[str, Any]) -> Identity:
    return tuple(item[name] for name in KEY_FIELDS)


class StoreMachine(RuleBasedStateMachine):
    """`model` has what the table holds, expired items too; `fed` the shard count each index key was computed with."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = (3,)
        self.clock = Clock()
        self.client = memory_of(shop(), page=4)
        self.store = opened(shop(), self.client, self.clock)
        self.model: dict[Identity, dict[str, Any]] = {}
        self.fed: dict[Identity, dict[str, int]] = {}

    def live(self) -> dict[Identity, dict[str, Any]]:
        now = self.clock().timestamp()
        return {identity: item for identity, item in self.model.items() if item["ttl"] > now}

    def chosen(self, fields: dict[str, Any], choice: int | None) -> dict[str, Any]:
        """The same fields, but with the key of an item that is there, expired or not."""
        if choice is None or not self.model:
            return fields
        return {**fields, **dict(zip(KEY_FIELDS, sorted(self.model)[choice % len(self.model)], strict=True))}

    def note(self, item: Mapping[str, Any], version: int | None) -> dict[str, Any]:
        """What a whole item written now is stored as."""
        stored = {"ttl": expiry(item["saleDate"]), **item}
        if version is not None:
            stored["version"] = version
        self.model[identity_of(item)] = stored
        self.fed[identity_of(item)] = dict.fromkeys(INDEX_FIELDS, self.counts[0])
        return stored

    def drop(self, identity: Identity) -> None:
        self.model.pop(identity, None)
        self.fed.pop(identity, None)

    @rule(item=sales)
    def put(self, item: dict[str, Any]) -> None:
        assert self.store.put(item) == self.note(item, 1)

    @rule(item=sales, choice=choices)
    def put_if_absent(self, item: dict[str, Any], choice: int | None) -> None:
        item = self.chosen(item, choice)
        if identity_of(item) in self.live():
            with pytest.raises(AlreadyExists):
                self.store.put(item, if_absent=True)
        else:
            assert self.store.put(item, if_absent=True) == self.note(item, 1)

    @rule(item=sales, version=st.integers(0, 3), choice=choices)
    def put_if_version(self, item: dict[str, Any], version: int, choice: int | None) -> None:
        item = self.chosen(item, choice)
        found = self.live().get(identity_of(item))
        if found is None or found.get("version") != version:
            expected = VersionConflict if identity_of(item) not in self.model or found else ConditionFailed
            with pytest.raises(expected):
                self.store.put(item, if_version=version)
        else:
            assert self.store.put(item, if_version=version) == self.note(item, version + 1)

    @rule(item=sales, choice=choices)
    def put_what_was_read(self, item: dict[str, Any], choice: int | None) -> None:
        item = self.chosen(item, choice)
        found = self.store.get(item)
        if found is not None:
            assert (
                self.store.put({**found, "quantity": 2}, if_version=int(found.get("version", 0)) or None)["quantity"]
                == 2
            )
            version = int(found.get("version", 0)) + 1
            self.note({**self.model[identity_of(item)], "quantity": 2}, version)

    @rule(key=keys, change=changes, views=st.integers(0, 2), version=st.none() | st.integers(1, 3), choice=choices)
    def update(
        self, key: dict[str, Any], change: dict[str, Any], views: int, version: int | None, choice: int | None
    ) -> None:
        key = self.chosen(key, choice)
        given = {name: value for name, value in change.items() if value is not None}
        removed = [name for name, value in change.items() if value is None]
        add = {"views": views} if views else {}
        before, target = self.live().get(identity_of(key)), identity_of({**key, **given})
        arguments = {"remove": removed, "add": add, "if_version": version}
        if before is None:
            self._refused(NotFound, key, given, arguments)
        elif version is not None and before.get("version") != version:
            self._refused(VersionConflict, key, given, arguments)
        elif target != identity_of(key) and target in self.live():
            self._refused(AlreadyExists, key, given, arguments)
        else:
            after = {**before, **given, "version": before.get("version", 0) + 1}
            after = {name: value for name, value in after.items() if name not in removed}
            if views:
                after["views"] = before.get("views", 0) + views
            if "saleDate" in given:
                after["ttl"] = expiry(given["saleDate"])
            fed = self.fed[identity_of(key)]
            assert self.store.update(key, given, **arguments) == after
            self.drop(identity_of(key))
            moved = target != identity_of(key)
            touched = {name for name, fields in INDEX_FIELDS.items() if moved or change.keys() & fields}
            self.model[target] = after
            self.fed[target] = {name: self.counts[0] if name in touched else fed[name] for name in INDEX_FIELDS}

    def _refused(self, error: type[Exception], key: Any, given: Any, arguments: dict[str, Any]) -> None:
        before = dict(self.client.items)
        with pytest.raises(error):
            self.store.update(key, given, **arguments)
        assert self.client.items == before

    @rule(key=keys, choice=choices)
    def delete(self, key: dict[str, Any], choice: int | None) -> None:
        key = self.chosen(key, choice)
        assert self.store.delete(key) == self.live().get(identity_of(key))
        self.drop(identity_of(key))

    @rule(items=st.lists(sales, max_size=8))
    def batch_put(self, items: list[dict[str, Any]]) -> None:
        assert self.store.batch_put(items) == len(items)
        for item in items:
            self.note(item, None)

    @rule(given=st.lists(keys, max_size=8))
    def batch_delete(self, given: list[dict[str, Any]]) -> None:
        assert self.store.batch_delete(given) == len(given)
        for key in given:
            self.drop(identity_of(key))

    @rule(items=st.lists(sales, max_size=8))
    def insert_many(self, items: list[dict[str, Any]]) -> None:
        expected = []
        for item in items:
            expected.append("exists" if identity_of(item) in self.model else "inserted")
            if expected[-1] == "inserted":
                self.note(item, 1)
        assert [outcome.status for outcome in self.store.insert_many(items)] == expected

    @rule(item=sales, key=keys)
    def transact_put_and_delete(self, item: dict[str, Any], key: dict[str, Any]) -> None:
        if identity_of(item) != identity_of(key):
            transact(self.store.to_put(item), self.store.to_delete(key))
            self.drop(identity_of(key))
            self.note(item, 1)

    @rule(given=st.lists(keys, max_size=8))
    def get(self, given: list[dict[str, Any]]) -> None:
        expected = [self.live().get(identity_of(key)) for key in given]
        assert [self.store.get(key) for key in given] == expected
        assert self.store.batch_get(given) == expected

    @rule(
        index=indexes,
        item=sales,
        limit=st.integers(1, 6),
        span=st.none() | st.tuples(st.sampled_from(DATES), st.sampled_from(DATES)).map(sorted),
        forward=st.booleans(),
        restart=st.booleans(),
    )
    def query(
        self, index: str | None, item: dict[str, Any], limit: int, span: list[str] | None, forward: bool, restart: bool
    ) -> None:
        item = {"brand": "x", **item}
        fields = {name: item[name] for name in PARTITION_FIELDS[index]}
        if index == "ByQuantity":
            span = None

        def asked() -> Any:
            query = self.store.query(index, **fields)
            query = query if span is None else query.between(*span)
            return query if forward else query.newest_first()

        expected = [one for one in self._in(index) if fields.items() <= one.items()]
        expected = [one for one in expected if span is None or span[0] <= one["saleDate"] <= span[1]]
        found, cursor = [], None
        while True:
            page = asked().page(limit=limit, cursor=cursor)
            assert len(page.items) <= limit
            found += page.items
            cursor = page.cursor
            if cursor is None:
                break
            if restart:
                self.restart()
        self._same(index, found, expected, forward)
        self._same(index, list(asked()), expected, forward)
        assert asked().count() == len(expected)

    def _in(self, index: str | None) -> Iterable[dict[str, Any]]:
        return (one for one in self.live().values() if index is None or index_keys(one, index, 1))

    def _same(
        self, index: str | None, found: list[dict[str, Any]], expected: list[dict[str, Any]], forward: bool
    ) -> None:
        """Equal as a set, each once, in the order of the sort key."""
        if index == "ByQuantity":  # it holds only keys
            fields = (*KEY_FIELDS, "quantity", "ttl")
            assert _sorted(found, fields) == _sorted(expected, fields)
            order = [one["quantity"] for one in found]
        elif index == "ByEmbedding":
            fields = (*KEY_FIELDS, "ttl")
            assert _sorted(found, fields) == _sorted(expected, fields)
            order = [one["saleDate"] for one in found]
        else:
            assert _sorted(found, KEY_FIELDS) == _sorted(expected, KEY_FIELDS)
            by_identity = {identity_of(one): one for one in expected}
            assert all(one == by_identity[identity_of(one)] for one in found)
            order = [table_keys(one)["SK"] for one in found]
        assert order == sorted(order, reverse=not forward)

    @rule(segments=st.integers(1, 4))
    def scan(self, segments: int) -> None:
        found = [item for page in self.store.scan(segments=segments) for item in page.items]
        assert _sorted(found, KEY_FIELDS) == _sorted(self.live().values(), KEY_FIELDS)

    @rule(days=st.integers(1, 20))
    def time_goes_by(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    @rule()
    def dynamodb_deletes_one_that_expired(self) -> None:
        for identity in sorted(self.model.keys() - self.live().keys())[:1]:
            del self.client.items[self.client.place(table_keys(dict(zip(KEY_FIELDS, identity, strict=True))))]
            self.drop(identity)

    @rule()
    def restart(self) -> None:
        self.store = opened(shop(self.counts[0], self.counts[1:]), self.client, self.clock)

    @precondition(lambda self: len(self.counts) < 4)
    @rule(count=st.sampled_from((1, 2, 4, 5, 8)))
    def reshard(self, count: int) -> None:
        self.counts = (count, *self.counts)
        self.restart()

    @invariant()
    def the_table_holds_exactly_the_keys_of_the_description(self) -> None:
        raw = [decode_item(item) for item in self.client.items.values()]
        expected = []
        for identity, item in self.model.items():
            composed = table_keys(item)
            for index, shards in self.fed[identity].items():
                composed |= index_keys(item, index, shards)
            expected.append({**item, **composed})
        assert sorted(raw, key=lambda one: (one["PK"], one["SK"])) == sorted(
            expected, key=lambda one: (one["PK"], one["SK"])
        )


def _sorted(items: Iterable[Mapping[str, Any]], fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return sorted(tuple(item[name] for name in fields) for item in items)


StoreMachine.TestCase.settings = settings(stateful_step_count=40)
test_store = StoreMachine.TestCase
