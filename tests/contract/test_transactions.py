"""Transactions, on every backend: all or nothing, and a reason for each write."""

from __future__ import annotations

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import (
    AlreadyExists,
    ConditionFailed,
    NotFound,
    TransactionFailed,
    VersionConflict,
)
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.descriptions import VERSIONED
from tests.support.sales import sale

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T", "author": "Ann"}
KEY = {"docId": "d1", "folder": "in"}


def test_writes_to_two_tables_are_done_together(backend: Backend) -> None:
    sales, documents = backend.store(SALES), backend.store(VERSIONED)
    sales.batch_put([sale(1, brand="B"), sale(2), sale(3)])
    documents.put(DOCUMENT, if_absent=True)
    transact(
        sales.to_put(sale(4, brand="B"), if_absent=True),
        sales.to_update(sale(1), {"brand": "C"}),
        sales.to_delete(sale(2)),
        sales.to_check(sale(3), F("category") == "dress"),
        documents.to_update(KEY, {"title": "U"}, current=DOCUMENT, if_version=1),
    )
    assert [item["saleId"] for item in sales.query("GSI3", tenant="acme", brand="B")] == ["s0004"]
    assert [item["saleId"] for item in sales.query("GSI3", tenant="acme", brand="C")] == ["s0001"]
    assert sales.get(sale(2)) is None
    assert [(item["title"], item["version"]) for item in documents.query("ByAuthor", author="Ann")] == [("U", 2)]


def test_one_refusal_undoes_all_and_each_has_its_reason(backend: Backend) -> None:
    sales, documents = backend.store(SALES), backend.store(VERSIONED)
    sales.batch_put([sale(1), sale(2), sale(3)])
    documents.put(DOCUMENT, if_absent=True)
    before = sorted(map(str, backend.raw(sales)))
    with pytest.raises(TransactionFailed, match=r"write 2: .*s0001.* exists already") as failed:
        transact(
            sales.to_put(sale(9)),
            sales.to_put(sale(1), if_absent=True),
            sales.to_update(sale(8), {"vendorId": "v"}),
            sales.to_delete(sale(2), condition=F("category") == "shoes"),
            sales.to_check(sale(7)),
            sales.to_check(sale(3), F("category") == "shoes"),
            documents.to_delete(KEY, if_version=5),
        )
    assert [type(reason) for reason in failed.value.reasons] == [
        type(None),
        AlreadyExists,
        NotFound,
        ConditionFailed,
        NotFound,
        ConditionFailed,
        VersionConflict,
    ]
    assert sorted(map(str, backend.raw(sales))) == before


def test_an_update_that_took_something_for_granted_fails_when_it_changed(backend: Backend) -> None:
    documents = backend.store(VERSIONED)
    documents.put(DOCUMENT)
    write = documents.to_update(KEY, {"title": "U"}, current=DOCUMENT)
    documents.update(KEY, {"author": "Bob"})
    with pytest.raises(TransactionFailed) as failed:
        transact(write)
    assert [type(reason) for reason in failed.value.reasons] == [ConditionFailed]
    assert documents.query("ByAuthor", author="Ann").count() == 0


def test_a_hundred_writes_at_once(backend: Backend) -> None:
    sales = backend.store(SALES)
    transact(*(sales.to_put(sale(n)) for n in range(100)))
    assert len(backend.raw(sales)) == 100
