"""The table as any client sees it: its contract's key strings, without this library, on every backend."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from sales_intelligence.tables import SALES
from tests.support.backends import Backend
from tests.support.sales import key

SALE: dict[str, Any] = {
    "tenant": "acme",
    "productId": "shoe 7#b",
    "saleId": "s-1",
    "saleDate": "2026-10-05",
    "salePrice": 12,
    "originalPrice": 20,
    "currency": "EUR",
    "category": "shoes & more",
    "season": "Q4",
    "brand": "Müller",
    "embeddingId": "e-9",
    "createdAt": "2026-10-05T08:00:00Z",
    "updatedAt": "2026-10-05T08:00:00Z",
    "ttl": 1854230400,
}

RAW: dict[str, Any] = {
    "PK": {"S": "TENANT#acme#PRODUCT#shoe 7%23b"},
    "SK": {"S": "SALE#2026-10-05#s-1"},
    "GSI1PK": {"S": "TENANT#acme#CATEGORY#shoes & more#SEASON#Q4#SHARD#" + str(crc32(b"s-1") % 10)},
    "GSI1SK": {"S": "DATE#2026-10-05#s-1"},
    "GSI2PK": {"S": "TENANT#acme#EMBEDDING#" + str(crc32(b"shoe 7#b") % 5)},
    "GSI2SK": {"S": "DATE#2026-10-05"},
    "GSI3PK": {"S": "TENANT#acme#BRAND#Müller"},
    "GSI3SK": {"S": "DATE#2026-10-05#s-1"},
    **{name: {"S": value} for name, value in SALE.items() if isinstance(value, str)},
    "salePrice": {"N": "12"},
    "originalPrice": {"N": "20"},
    "ttl": {"N": "1854230400"},
}


def test_what_the_store_writes_is_the_contracts_item(backend: Backend) -> None:
    store = backend.store(SALES)
    store.put(SALE)
    answer = backend.client.get_item(TableName=store.name, Key={"PK": RAW["PK"], "SK": RAW["SK"]})
    assert answer["Item"] == RAW


@pytest.mark.parametrize("index", ["GSI1", "GSI2", "GSI3"])
def test_a_plain_query_finds_what_the_store_wrote(backend: Backend, index: str) -> None:
    store = backend.store(SALES)
    store.batch_put([SALE])
    answer = backend.client.query(
        TableName=store.name,
        IndexName=index,
        KeyConditionExpression=f"{index}PK = :p AND begins_with({index}SK, :s)",
        ExpressionAttributeValues={":p": RAW[f"{index}PK"], ":s": {"S": "DATE#2026-10"}},
    )
    assert answer["Items"] == [RAW]


def test_what_a_plain_client_writes_is_read_by_the_store(backend: Backend) -> None:
    store = backend.store(SALES)
    backend.client.put_item(TableName=store.name, Item=RAW)
    assert store.get(key(SALE)) == SALE
    assert store.batch_get([SALE]) == [SALE]
    assert list(store.query(tenant="acme", productId="shoe 7#b").equal("2026-10-05")) == [SALE]
    assert list(store.query("GSI1", tenant="acme", category="shoes & more", season="Q4")) == [SALE]
    assert list(store.query("GSI2", tenant="acme", productId="shoe 7#b")) == [SALE]
    assert list(store.query("GSI3", tenant="acme", brand="Müller").between("2026-10-01", "2026-10-31")) == [SALE]
    assert [page.items for page in store.scan()] == [[SALE]]


def test_what_either_changes_the_other_sees(backend: Backend) -> None:
    store = backend.store(SALES)
    backend.client.put_item(TableName=store.name, Item=RAW)
    store.update(key(SALE), {"brand": "other"}, remove=["embeddingId"])
    (item,) = backend.raw(store)
    expected = {name: value for name, value in RAW.items() if not name.startswith("GSI2") and name != "embeddingId"}
    assert item == {**expected, "brand": {"S": "other"}, "GSI3PK": {"S": "TENANT#acme#BRAND#other"}}
    backend.client.delete_item(TableName=store.name, Key={"PK": RAW["PK"], "SK": RAW["SK"]})
    assert store.get(key(SALE)) is None
