"""Batches: how they are cut into requests, and what is counted and reported."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell.batch_write import wire_size
from shardwell.errors import BadItem, BadKeyPart
from shardwell.store import Store
from shardwell.values import encode_item
from tests.support.backends import Backend
from tests.support.descriptions import PLAIN, READINGS
from tests.support.sales import key, sale
from tests.support.wire import answer


@pytest.fixture
def store(moto: Backend) -> Store:
    return moto.store(SALES)


def sizes(moto: Backend, operation: str) -> list[int]:
    """How many items each request of an operation had, the largest first."""
    bodies = [one.body["RequestItems"] for one in moto.wire.sent if one.operation == operation]
    several = [next(iter(body.values())) for body in bodies]
    return sorted((len(one["Keys"] if isinstance(one, dict) else one) for one in several), reverse=True)


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [1]), (24, [24]), (25, [25]), (26, [25, 1]), (50, [25, 25]), (76, [25, 25, 25, 1])]
)
def test_writes_travel_25_a_request(moto: Backend, store: Store, count: int, expected: list[int]) -> None:
    assert store.batch_put(sale(n) for n in range(count)) == count
    assert sizes(moto, "BatchWriteItem") == expected
    moto.wire.clear()
    assert store.batch_delete(key(sale(n)) for n in range(count)) == count
    assert sizes(moto, "BatchWriteItem") == expected


@pytest.mark.parametrize(("count", "expected"), [(1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_keys_travel_100_a_request(moto: Backend, store: Store, count: int, expected: list[int]) -> None:
    assert store.batch_get(sale(n) for n in range(count)) == [None] * count
    assert sizes(moto, "BatchGetItem") == expected


def test_a_generator_is_read_once_and_a_bad_item_at_its_end_stops_all(moto: Backend, store: Store) -> None:
    def several() -> Any:
        yield from (sale(n) for n in range(60))
        yield sale(60, season="Q9")

    for call in (store.batch_put, store.insert_many):
        with pytest.raises(BadItem, match="Q9"):
            call(several())
    with pytest.raises(BadKeyPart):
        store.batch_delete([*(sale(n) for n in range(60)), {"tenant": "acme"}])
    assert moto.wire.writes == []


def test_a_batch_does_not_change_what_it_is_given(store: Store) -> None:
    items = [sale(n) for n in range(3)]
    store.batch_put(items)
    store.batch_get(items)
    assert items == [sale(n) for n in range(3)]


def test_a_repeated_key_is_one_key_in_every_request(moto: Backend, store: Store) -> None:
    items = [sale(n % 30, brand=f"B{n}") for n in range(90)]
    assert store.batch_put(items) == 90
    assert sizes(moto, "BatchWriteItem") == [25, 5]
    found = store.batch_get(items)
    assert sizes(moto, "BatchGetItem") == [30]
    assert [item and item["brand"] for item in found] == [f"B{n}" for n in range(60, 90)] * 3


AWKWARD: dict[str, Any] = {
    "plain text": "x" * 200_000,
    "text of two bytes each": "é" * 100_000,
    "text of four bytes each": "💩" * 50_000,
    "control characters": "\x01" * 200_000,
    "quotes": '"\\' * 100_000,
    "bytes": b"\xff" * 200_000,
    "a list of truths": [True, False] * 50_000,
    "a list of nulls": [None] * 100_000,
    "a list of empty texts": [""] * 100_000,
    "a list of numbers": [1] * 60_000,
    "maps in a list": [{"a": ""}] * 30_000,
    "a set": {f"{n:05d}" for n in range(40_000)},
    "little": 1,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_an_item_is_never_counted_as_less_than_it_is_on_the_wire(name: str) -> None:
    item = encode_item({"device": "d", "at": 1, "v": AWKWARD[name]})
    request = {"PutRequest": {"Item": item}}
    assert len(json.dumps(request, default=lambda value: b64encode(value).decode())) <= wire_size(item)
    little = encode_item({"a": AWKWARD[name][:9] if isinstance(AWKWARD[name], list | str | bytes) else 1})
    assert len(json.dumps(little, default=lambda value: b64encode(value).decode())) <= wire_size(little)


def test_no_request_is_over_16_mb_whatever_is_in_it(moto: Backend) -> None:
    store = moto.store(READINGS)
    moto.wire.fault = lambda sent, forward: (
        answer(200, {"UnprocessedItems": {}}) if sent.operation == "BatchWriteItem" else forward()
    )
    store.batch_put({"device": "d", "at": n, "v": "\x01" * 350_000} for n in range(25))
    requests = sizes(moto, "BatchWriteItem")
    assert sum(requests) == 25
    assert requests == [7, 7, 7, 4]  # six bytes on the wire for each


def test_an_insert_tells_each_item_what_became_of_it(moto: Backend, store: Store) -> None:
    def answered(sent: Any, forward: Any) -> Any:
        if sent.operation != "BatchExecuteStatement":
            return forward()
        codes = [None, "DuplicateItem", "ValidationError", "AccessDenied"]
        responses = [{} if code is None else {"Error": {"Code": code, "Message": "so"}} for code in codes]
        return answer(200, {"Responses": responses})

    moto.wire.fault = answered
    outcomes = store.insert_many(sale(n) for n in range(4))
    assert [one.status for one in outcomes] == ["inserted", "exists", "failed", "failed"]
    assert [one.item["saleId"] for one in outcomes] == ["s0000", "s0001", "s0002", "s0003"]
    assert ["so" in str(one.error) for one in outcomes] == [False, False, True, True]


def test_an_insert_is_a_statement_with_nothing_of_the_item_but_its_names(moto: Backend) -> None:
    store = moto.store(PLAIN)
    moto.wire.fault = lambda sent, forward: (
        answer(200, {"Responses": [{}]}) if sent.operation == "BatchExecuteStatement" else forward()
    )
    store.insert_many([{"id": "'; DROP", "it's": "' ? \""}])
    (sent,) = moto.wire.writes
    assert sent.body["Statements"] == [
        {
            "Statement": f"INSERT INTO \"{store.name}\" VALUE {{'id': ?, 'it''s': ?}}",
            "Parameters": [{"S": "'; DROP"}, {"S": "' ? \""}],
        }
    ]
