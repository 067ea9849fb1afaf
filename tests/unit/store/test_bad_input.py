"""Bad items: an error of ours, in one sentence that names the value and the limit, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell.errors import BadItem, BadKeyPart, TooLarge
from shardwell.store import Store
from shardwell.transaction import transact
from tests.support.backends import Backend
from tests.support.sales import key, sale
from tests.unit.store.refused import LONG, SURROGATE, Stores, is_one_clear_sentence

# Each is a sale with one thing wrong, the error, and what its sentence must say.
BAD_SALES: dict[str, tuple[dict[str, Any], type[Exception], list[str]]] = {
    "an unknown field": ({"colour": "red"}, BadItem, ["colour", "its fields are"]),
    "a field in Python's spelling": ({"sale_price": Decimal(1)}, BadItem, ["sale_price"]),
    "a computed key": ({"PK": "TENANT#b"}, BadItem, ["PK", "computed"]),
    "a computed index key": ({"GSI1PK": "x"}, BadItem, ["GSI1PK", "computed"]),
    "a missing field": ({"currency": None}, BadItem, ["currency"]),
    "float money": ({"salePrice": 19.99}, BadItem, ["salePrice", "19.99", "Decimal('19.99')"]),
    "money as text": ({"salePrice": "19.99"}, BadItem, ["salePrice", "'19.99'", "Decimal"]),
    "money as a truth": ({"salePrice": True}, BadItem, ["salePrice", "True"]),
    "money that is no number": ({"salePrice": Decimal("NaN")}, BadItem, ["salePrice", "NaN"]),
    "infinite money": ({"salePrice": Decimal("-Infinity")}, BadItem, ["salePrice", "-Infinity"]),
    "39 digits": ({"salePrice": Decimal("1" * 39)}, BadItem, ["salePrice", "38 digits"]),
    "39 digits as an int": ({"salePrice": 10**39 + 1}, BadItem, ["salePrice", "38 digits"]),
    "a number too great": ({"salePrice": Decimal("1E+126")}, BadItem, ["salePrice", "1E+126", "9.9E+125"]),
    "a number too small": ({"salePrice": Decimal("1E-131")}, BadItem, ["salePrice", "1E-131", "1E-130"]),
    "an impossible date": ({"saleDate": "2025-02-30"}, BadItem, ["saleDate", "2025-02-30", "calendar"]),
    "a 13th month": ({"saleDate": "2025-13-01"}, BadItem, ["saleDate", "2025-13-01"]),
    "a date in another form": ({"saleDate": "30.09.2025"}, BadItem, ["saleDate", "30.09.2025", "YYYY-MM-DD"]),
    "a short date": ({"saleDate": "2025-9-3"}, BadItem, ["saleDate", "YYYY-MM-DD"]),
    "a date in other digits": ({"saleDate": "२०२५-०९-०३"}, BadItem, ["saleDate", "YYYY-MM-DD"]),
    "a date with a line end": ({"saleDate": "2025-09-03\n"}, BadItem, ["saleDate"]),
    "a date object": ({"saleDate": date(2025, 9, 3)}, BadItem, ["saleDate", "give str"]),
    "no date": ({"saleDate": ""}, BadItem, ["saleDate", "YYYY-MM-DD"]),
    "an instant without a zone": ({"createdAt": "2025-09-03T10:00:00"}, BadItem, ["createdAt", "UTC"]),
    "an impossible instant": ({"createdAt": "2025-09-03T25:00:00Z"}, BadItem, ["createdAt", "25:00:00"]),
    "an unknown season": ({"season": "Q5"}, BadItem, ["season", "Q5", "Q1, Q2, Q3, Q4"]),
    "a season in lower case": ({"season": "q4"}, BadItem, ["season", "'q4'"]),
    "a fraction of days": ({"daysToSell": Decimal("3.5")}, BadItem, ["daysToSell", "3.5"]),
    "a truth for days": ({"daysToSell": True}, BadItem, ["daysToSell", "True"]),
    "a number for text": ({"brand": 7}, BadItem, ["brand", "7", "give str"]),
    "a list for text": ({"brand": ["B"]}, BadItem, ["brand", "give str"]),
    "bytes for text": ({"brand": b"B"}, BadItem, ["brand", "give str"]),
    "an empty part of a key": ({"productId": ""}, BadKeyPart, ["productId", "empty", "1 character"]),
    "an empty part of an index key": ({"brand": ""}, BadKeyPart, ["brand", "empty"]),
    "a lone surrogate": ({"description": SURROGATE}, BadItem, ["description", "surrogate"]),
    "a lone surrogate in a key": ({"productId": SURROGATE}, BadKeyPart, ["productId", "U+D800"]),
    "the last code point in a key": ({"saleId": "a\U0010ffff"}, BadKeyPart, ["saleId", "U+10FFFF"]),
    "2 KB in a partition key": ({"productId": LONG}, TooLarge, ["PK", "2048", "productId"]),
    "2 KB in an index key": ({"brand": LONG}, TooLarge, ["GSI3PK", "2048", "brand"]),
    "1 KB in a sort key": ({"saleId": "x" * 1_024}, TooLarge, ["SK", "1024", "saleId"]),
    "2 KB once encoded": ({"productId": "#" * 700}, TooLarge, ["PK", "2048", "productId"]),
    "401 KB": ({"description": "x" * 401 * 1024}, TooLarge, ["409,600", "description"]),
    "401 KB of two bytes each": ({"description": "é" * 205_000}, TooLarge, ["409,600", "description"]),
}

WRITES: dict[str, Callable[[Store, dict[str, Any]], Any]] = {
    "put": lambda store, item: store.put(item),
    "put if absent": lambda store, item: store.put(item, if_absent=True),
    "batch put": lambda store, item: store.batch_put([sale(n) for n in range(40)] + [item]),
    "insert many": lambda store, item: store.insert_many([sale(n) for n in range(40)] + [item]),
    "transaction": lambda store, item: transact(store.to_put(sale(2)), store.to_put(item)),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("name", BAD_SALES)
def test_a_bad_sale_is_refused_by_every_write(stores: Stores, name: str, write: str) -> None:
    changes, error, said = BAD_SALES[name]
    with pytest.raises(error) as refused:
        WRITES[write](stores.sales, sale(1, **changes))
    assert is_one_clear_sentence(refused.value, said)


CHANGES = {
    name: (changes, error, said)
    for name, (changes, error, said) in BAD_SALES.items()
    if name not in ("a missing field", "an impossible date") and None not in changes.values()
}

UPDATES: dict[str, Callable[[Store, dict[str, Any]], Any]] = {
    "update": lambda store, changes: store.update(key(sale(1)), changes),
    "transaction": lambda store, changes: transact(store.to_update(key(sale(1)), changes, current=sale(1))),
}


@pytest.mark.parametrize("write", UPDATES)
@pytest.mark.parametrize("name", CHANGES)
def test_a_bad_change_is_refused(moto: Backend, stores: Stores, name: str, write: str) -> None:
    changes, error, said = CHANGES[name]
    stores.sales.put(sale(1))
    moto.wire.clear()
    with pytest.raises(error) as refused:
        UPDATES[write](stores.sales, changes)
    assert is_one_clear_sentence(refused.value, said)


@pytest.mark.parametrize("part", ["a#b", "#", "##", "a%23b", "100%", "\x00", "a\nb", "\x7f", "é", "e\u0301", "💩", " "])
def test_any_other_character_is_fine_in_a_key(moto: Backend, part: str) -> None:
    store = moto.store(SALES)
    odd = sale(1, productId=part, saleId=part, brand=part, category=part, tenant=part)
    stored = store.put(odd)
    assert store.get(odd) == stored
    assert list(store.query(tenant=part, productId=part).equal("2026-10-02", part)) == [stored]
    assert list(store.query("GSI1", tenant=part, category=part, season="Q4")) == [stored]
    assert list(store.query("GSI3", tenant=part, brand=part)) == [stored]
    assert store.query("GSI3", tenant="acme", brand=part).count() == 0
    assert store.delete(odd) == stored
