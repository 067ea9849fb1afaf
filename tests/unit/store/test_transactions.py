"""Transactions: the request that is sent, and what its refusals mean."""

from __future__ import annotations

from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import BadItem, TransactionFailed
from shardwell.store import Store
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.descriptions import PLAIN, VERSIONED
from tests.support.sales import key, sale

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T"}
KEY = {"docId": "d1", "folder": "in"}


@pytest.fixture
def store(moto: Backend) -> Store:
    return moto.store(SALES)


def test_each_transaction_has_a_token_of_its_own(moto: Backend, store: Store) -> None:
    write = store.to_put(sale(1))
    transact(write)
    transact(write)
    tokens = [sent.body["ClientRequestToken"] for sent in moto.wire.writes]
    assert len(set(tokens)) == 2
    assert {len(token) for token in tokens} == {36}


def test_writes_go_out_in_their_order_each_with_its_table(moto: Backend, store: Store) -> None:
    other = moto.store(PLAIN)
    store.put(sale(2))
    store.put(sale(3))
    moto.wire.clear()
    transact(
        store.to_put(sale(1)),
        store.to_delete(sale(2)),
        store.to_check(sale(3)),
        other.to_put({"id": "x"}),
    )
    (sent,) = moto.wire.writes
    writes = [next(iter(one.items())) for one in sent.body["TransactItems"]]
    assert [kind for kind, _ in writes] == ["Put", "Delete", "ConditionCheck", "Put"]
    assert [one["TableName"] for _, one in writes] == [store.name] * 3 + [other.name]


def test_nothing_is_asked_of_a_plain_put_and_all_of_the_others(moto: Backend, store: Store) -> None:
    writes = [
        store.to_put(sale(1)),
        store.to_put(sale(2), if_absent=True),
        store.to_update(sale(3), {"vendorId": "v"}),
        store.to_check(sale(4), F("category") == "dress"),
    ]
    asked = ["ConditionExpression" in next(iter(write.request.values())) for write in writes]
    assert asked == [False, True, True, True]
    assert moto.wire.sent == []


def test_a_table_and_a_key_are_one_place_however_they_are_given(moto: Backend, store: Store) -> None:
    for second in (store.to_delete(key(sale(1))), store.to_check(sale(1)), store.to_update(sale(1), {"vendorId": "v"})):
        with pytest.raises(BadItem, match="twice"):
            transact(store.to_put(sale(1)), second)
    assert moto.wire.writes == []


def test_the_same_key_in_another_table_is_another_place(moto: Backend) -> None:
    one, other = moto.store(PLAIN), moto.store(PLAIN)
    transact(one.to_put({"id": "x"}), other.to_put({"id": "x"}))
    assert one.get({"id": "x"}) == other.get({"id": "x"}) == {"id": "x"}


def test_versions_count_in_a_transaction_too(moto: Backend) -> None:
    store = moto.store(VERSIONED)
    transact(store.to_put(DOCUMENT, if_absent=True))
    transact(store.to_update(KEY, {"title": "U"}, current=DOCUMENT, if_version=1))
    transact(store.to_put({**DOCUMENT, "title": "V"}, if_version=2))
    assert store.get(KEY) == {**DOCUMENT, "title": "V", "version": 3}
    with pytest.raises(TransactionFailed, match="version 3, not 2"):
        transact(store.to_delete(KEY, if_version=2))


def test_the_message_numbers_what_was_refused(store: Store) -> None:
    store.put(sale(2))
    with pytest.raises(TransactionFailed) as failed:
        transact(store.to_put(sale(1)), store.to_put(sale(2), if_absent=True), store.to_check(sale(3)))
    text = str(failed.value)
    assert "nothing was written" in text
    assert "write 1:" not in text
    assert "write 2: An item with" in text
    assert "write 3: " in text
    assert failed.value.reasons[0] is None


def test_index_keys_follow_an_update(moto: Backend, store: Store) -> None:
    stored: dict[str, Any] = store.put(sale(1, brand="B"))
    transact(store.to_update(key(stored), {"category": "shoes"}, remove=["brand"], current=stored))
    assert store.query("GSI1", tenant="acme", category="shoes", season="Q4").count() == 1
    assert store.query("GSI1", tenant="acme", category="dress", season="Q4").count() == 0
    assert store.query("GSI3", tenant="acme", brand="B").count() == 0
