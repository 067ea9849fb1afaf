"""Bad values, keys, changes and transactions: an error of ours in one sentence, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shardwell import F
from shardwell.errors import BadItem, BadKeyPart, SchemaError, TooLarge
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.sales import sale
from tests.unit.store.refused import LONG, SURROGATE, Stores, is_one_clear_sentence

DOCUMENT = {"docId": "d1", "folder": "in", "title": "T"}
KEY = {"docId": "d1", "folder": "in"}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


BAD_CALLS: dict[str, tuple[Callable[[Stores], Any], type[Exception], list[str]]] = {
    # items that are free in form
    "a float": (lambda s: s.plain.put({"id": "x", "v": 1.5}), BadItem, ["v", "1.5", "Decimal('1.5')"]),
    "a float deep inside": (lambda s: s.plain.put({"id": "x", "v": [{"a": 0.1}]}), BadItem, ["v[0].a", "0.1"]),
    "not a number": (lambda s: s.plain.put({"id": "x", "v": float("nan")}), BadItem, ["v", "nan"]),
    "an empty set": (lambda s: s.plain.put({"id": "x", "v": set()}), BadItem, ["v", "empty"]),
    "an empty set deep inside": (lambda s: s.plain.put({"id": "x", "v": {"a": [set()]}}), BadItem, ["v.a[0]", "empty"]),
    "a set of two types": (lambda s: s.plain.put({"id": "x", "v": {1, "a"}}), BadItem, ["v", "several types"]),
    "a set of truths": (lambda s: s.plain.put({"id": "x", "v": {True}}), BadItem, ["v", "True"]),
    "a set with a float": (lambda s: s.plain.put({"id": "x", "v": {1.5}}), BadItem, ["v", "1.5"]),
    "39 digits in a set": (lambda s: s.plain.put({"id": "x", "v": {10**39 + 1}}), BadItem, ["v", "38 digits"]),
    "a surrogate in a set": (lambda s: s.plain.put({"id": "x", "v": {SURROGATE}}), BadItem, ["v", "surrogate"]),
    "a surrogate in a name": (lambda s: s.plain.put({"id": "x", SURROGATE: 1}), BadItem, ["surrogate"]),
    "a surrogate in a map's name": (lambda s: s.plain.put({"id": "x", "v": {SURROGATE: 1}}), BadItem, ["surrogate"]),
    "an object": (lambda s: s.plain.put({"id": "x", "v": object()}), BadItem, ["v", "object"]),
    "a date": (lambda s: s.plain.put({"id": "x", "v": date(2026, 1, 1)}), BadItem, ["v", "date"]),
    "a bytearray": (lambda s: s.plain.put({"id": "x", "v": bytearray(b"x")}), BadItem, ["v", "bytearray"]),
    "a map with a number as name": (lambda s: s.plain.put({"id": "x", "v": {1: 2}}), BadItem, ["v", "1"]),
    "a map with an empty name": (lambda s: s.plain.put({"id": "x", "v": {"": 2}}), BadItem, ["v", "''"]),
    "an attribute with an empty name": (lambda s: s.plain.put({"id": "x", "": 2}), BadItem, ["''"]),
    "an attribute that is a number": (lambda s: s.plain.put({"id": "x", 5: 2}), BadItem, ["5"]),
    "too deep": (lambda s: s.plain.put({"id": "x", "v": nested(40)}), BadItem, ["v", "32"]),
    "an infinite nesting": (lambda s: s.plain.put({"id": "x", "v": nested(5_000)}), BadItem, ["v", "32"]),
    "an item without its key": (lambda s: s.plain.put({"v": 1}), BadKeyPart, ["id"]),
    "a key that is null": (lambda s: s.plain.put({"id": None}), BadItem, ["id"]),
    "an empty native key": (lambda s: s.plain.put({"id": ""}), BadKeyPart, ["id", "empty"]),
    "a native key of another type": (lambda s: s.plain.put({"id": 7}), BadKeyPart, ["id", "7"]),
    "a native key over 2 KB": (lambda s: s.plain.put({"id": "x" * 2_049}), TooLarge, ["id", "2049", "2048"]),
    "a numeric key that is text": (lambda s: s.readings.put({"device": "d", "at": "1"}), BadKeyPart, ["at", "'1'"]),
    "a numeric key that is a float": (lambda s: s.readings.put({"device": "d", "at": 1.0}), BadKeyPart, ["at", "1.0"]),
    "a numeric key that is a truth": (
        lambda s: s.readings.put({"device": "d", "at": True}),
        BadKeyPart,
        ["at", "True"],
    ),
    "a numeric key of 39 digits": (
        lambda s: s.readings.put({"device": "d", "at": 10**39 + 1}),
        BadItem,
        ["at", "38 digits"],
    ),
    "an index key of another type": (
        lambda s: s.readings.put({"device": "d", "at": 1, "station": "s", "level": "high"}),
        BadKeyPart,
        ["level", "'high'"],
    ),
    "a lone index key of another type": (
        lambda s: s.readings.put({"device": "d", "at": 1, "level": "high"}),
        BadKeyPart,
        ["level", "'high'"],
    ),
    "empty bytes as an index key": (
        lambda s: s.readings.put({"device": "d", "at": 1, "station": "s", "digest": b""}),
        BadKeyPart,
        ["digest"],
    ),
    "a part of a key that is a float": (
        lambda s: s.shop.of("line").put({"customerId": "c", "orderId": "o", "position": 1.0}),
        BadKeyPart,
        ["position", "1.0"],
    ),
    "a part of a key with more digits than it holds": (
        lambda s: s.shop.of("line").put({"customerId": "c", "orderId": "o", "position": 1000}),
        BadKeyPart,
        ["position", "1000", "999"],
    ),
    "a part of a key below nothing": (
        lambda s: s.shop.of("line").put({"customerId": "c", "orderId": "o", "position": -1}),
        BadKeyPart,
        ["position", "-1"],
    ),
    "a shape that is not there": (lambda s: s.shop.of("invoice"), SchemaError, ["invoice", "customer, order, line"]),
    # keys to read and to delete
    "a get without a field of the key": (
        lambda s: s.sales.get({"tenant": "acme"}),
        BadKeyPart,
        ["productId", "saleDate"],
    ),
    "a delete without a field of the key": (lambda s: s.sales.delete({"tenant": "a"}), BadKeyPart, ["productId"]),
    "a get by too long a key": (lambda s: s.sales.get(sale(1, saleId=LONG)), TooLarge, ["SK", "1024"]),
    "a batch get by a bad key": (lambda s: s.sales.batch_get([sale(1), {}]), BadKeyPart, ["productId"]),
    "a batch delete by a bad key": (lambda s: s.sales.batch_delete([sale(1), {}]), BadKeyPart, ["productId"]),
    # updates
    "an update of nothing": (lambda s: s.sales.update(sale(1)), BadItem, ["at least one field"]),
    "a field set and removed": (
        lambda s: s.sales.update(sale(1), {"brand": "B"}, remove=["brand"]),
        BadItem,
        ["brand"],
    ),
    "a required field removed": (lambda s: s.sales.update(sale(1), remove=["currency"]), BadItem, ["currency"]),
    "a part of the key removed": (lambda s: s.sales.update(sale(1), remove=["saleDate"]), BadItem, ["saleDate"]),
    "an unknown field removed": (lambda s: s.sales.update(sale(1), remove=["colour"]), BadItem, ["colour"]),
    "a computed key removed": (lambda s: s.sales.update(sale(1), remove=["GSI1PK"]), BadItem, ["GSI1PK"]),
    "a computed key of free items removed": (lambda s: s.indexed.update({"id": "x"}, remove=["APK"]), BadItem, ["APK"]),
    "text added to": (lambda s: s.sales.update(sale(1), add={"brand": 1}), BadItem, ["brand"]),
    "a float added": (lambda s: s.sales.update(sale(1), add={"salePrice": 0.5}), BadItem, ["salePrice", "0.5"]),
    "a truth added": (lambda s: s.plain.update({"id": "x"}, add={"n": True}), BadItem, ["n", "True"]),
    "text added": (lambda s: s.plain.update({"id": "x"}, add={"n": "1"}), BadItem, ["n", "'1'"]),
    "a part of the key added to": (
        lambda s: s.readings.update({"device": "d", "at": 1}, add={"at": 1}),
        BadItem,
        ["at", "key"],
    ),
    "an index key added to": (
        lambda s: s.readings.update({"device": "d", "at": 1}, add={"level": 1}),
        BadItem,
        ["level", "key"],
    ),
    "the version set": (lambda s: s.documents.update(KEY, {"version": 7}), BadItem, ["version", "if_version"]),
    "a move in a transaction": (
        lambda s: transact(s.sales.to_update(sale(1), {"saleDate": "2026-11-01"})),
        BadItem,
        ["another key"],
    ),
    "an update in a transaction without what it needs": (
        lambda s: transact(s.sales.to_update(sale(1), {"category": "shoes"})),
        BadItem,
        ["season", "current"],
    ),
    "a float in a condition": (
        lambda s: s.sales.put(sale(1), condition=F("salePrice") > 1.5),
        BadItem,
        ["salePrice", "1.5"],
    ),
    "an update of the key to what it is": (
        lambda s: s.readings.update({"device": "d", "at": 1}, {"at": Decimal("1.0")}),
        BadItem,
        ["key", "nothing else"],
    ),
    # versions
    "a version of a table without": (lambda s: s.sales.put(sale(1), if_version=3), BadItem, ["3", "version="]),
    "a version of an update without": (
        lambda s: s.sales.update(sale(1), {"vendorId": "v"}, if_version=3),
        BadItem,
        ["3", "version="],
    ),
    "a version of a move without": (
        lambda s: s.sales.update(sale(1), {"saleDate": "2026-11-01"}, if_version=3),
        BadItem,
        ["3", "version="],
    ),
    "a version of a deletion without": (lambda s: s.sales.delete(sale(1), if_version=3), BadItem, ["3", "version="]),
    "absent and of a version": (
        lambda s: s.documents.put(DOCUMENT, if_absent=True, if_version=1),
        BadItem,
        ["absent", "version"],
    ),
    "a version that is text": (lambda s: s.documents.put(DOCUMENT, if_version="1"), BadItem, ["version", "'1'"]),
    "a version that is a truth": (lambda s: s.documents.put(DOCUMENT, if_version=True), BadItem, ["version", "True"]),
    "a version that is a fraction": (
        lambda s: s.documents.delete(KEY, if_version=Decimal("1.5")),
        BadItem,
        ["version", "1.5"],
    ),
    "a stored version that is text": (
        lambda s: s.documents.put({**DOCUMENT, "version": "one"}),
        BadItem,
        ["version", "'one'"],
    ),
    "a stored time to live that is text": (
        lambda s: s.sales.put(sale(1, ttl="tomorrow")),
        BadItem,
        ["ttl", "'tomorrow'"],
    ),
    # batches and transactions
    "101 writes in a transaction": (
        lambda s: transact(*(s.sales.to_put(sale(n)) for n in range(101))),
        TooLarge,
        ["101", "100"],
    ),
    "no writes in a transaction": (lambda _: transact(), TooLarge, ["0", "1 to 100"]),
    "over 4 MB in a transaction": (
        lambda s: transact(*(s.plain.to_put({"id": str(n), "v": "x" * 400_000}) for n in range(11))),
        TooLarge,
        ["4,194,304"],
    ),
    "over 4 MB of changes in a transaction": (
        lambda s: transact(*(s.plain.to_update({"id": str(n)}, {"v": "x" * 400_000}) for n in range(11))),
        TooLarge,
        ["4,194,304"],
    ),
    "one item twice in a transaction": (
        lambda s: transact(s.sales.to_put(sale(1)), s.sales.to_check(sale(1))),
        BadItem,
        ["twice"],
    ),
    "one number twice in a transaction": (
        lambda s: transact(
            s.readings.to_put({"device": "d", "at": 1}), s.readings.to_delete({"device": "d", "at": Decimal("1.0")})
        ),
        BadItem,
        ["twice"],
    ),
    "too many attributes for a statement": (
        lambda s: s.plain.insert_many([{"id": "x", **{f"attribute{n:04d}": n for n in range(500)}}]),
        BadItem,
        ["8192"],
    ),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_bad_call_is_refused(stores: Stores, name: str) -> None:
    call, error, said = BAD_CALLS[name]
    with pytest.raises(error) as refused:
        call(stores)
    assert is_one_clear_sentence(refused.value, said)


def test_a_move_of_an_item_without_record_or_version_is_refused(moto: Backend, stores: Stores) -> None:
    stores.readings.put({"device": "d", "at": 1})
    moto.wire.clear()
    with pytest.raises(BadItem) as refused:
        stores.readings.update({"device": "d", "at": 1}, {"at": 2})
    assert is_one_clear_sentence(refused.value, ["another key", "version"])
