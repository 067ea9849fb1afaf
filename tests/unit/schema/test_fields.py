"""Records by example: names, types, checks, and the way into an item and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pytest

from shardwell import Day, Instant, from_item, to_item
from shardwell.errors import BadItem
from shardwell.fields import camel, check_fields, fields_of
from shardwell.values import decode_item, encode_item


@dataclass(frozen=True, kw_only=True)
class Sale:
    sale_id: str
    sold_on: Day
    sold_at: Instant
    price: Decimal
    pieces: int
    size: Literal["S", "M", "L"]
    gift: bool = False
    note: str | None = None
    wrapping: str | None
    grade: Literal[1, 2] | None = None
    tags: set[str] = field(default_factory=set)
    lines: tuple[str, ...] = ()
    colours: frozenset[str] = frozenset()
    prices: list[Decimal] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    photo: bytes | None = None
    embedding_s3_key: str | None = None


WHOLE = Sale(
    sale_id="s",
    sold_on="2024-02-29",
    sold_at="2024-02-29T23:59:59.123456Z",
    price=Decimal("9.99"),
    pieces=3,
    size="M",
    gift=True,
    note="n",
    wrapping="w",
    grade=2,
    tags={"a"},
    lines=("x", "y"),
    colours=frozenset({"red"}),
    prices=[Decimal(1)],
    more={"a": [Decimal(1), None]},
    photo=b"\x00",
    embedding_s3_key="k",
)
LEAST = Sale(
    sale_id="s",
    sold_on="2025-01-01",
    sold_at="2025-01-01T00:00:00Z",
    price=Decimal(1),
    pieces=1,
    size="S",
    wrapping=None,
)


@pytest.mark.parametrize("record", [WHOLE, LEAST])
def test_a_record_comes_back_as_it_went_into_its_table(record: Sale) -> None:
    item = to_item(record)
    check_fields(Sale, item)
    stored = {name: value for name, value in item.items() if value not in (set(), frozenset())}
    back = decode_item(encode_item(stored))
    assert from_item(Sale, back) == record
    read = from_item(Sale, back)
    assert [type(getattr(read, name)) for name in ("pieces", "lines", "colours")] == [int, tuple, frozenset]
    check_fields(Sale, back)


def test_an_item_has_the_tables_names_and_no_none() -> None:
    assert set(to_item(LEAST)) == {
        *(
            "saleId",
            "soldOn",
            "soldAt",
            "price",
            "pieces",
            "size",
            "gift",
            "tags",
            "lines",
            "colours",
            "prices",
            "more",
        ),
    }
    assert to_item(WHOLE)["embeddingS3Key"] == "k"


def test_attributes_that_the_record_does_not_name_are_left_out() -> None:
    assert from_item(Sale, {**to_item(LEAST), "PK": "x", "future": 1}) == LEAST


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("a", "a"), ("sale_date", "saleDate"), ("embedding_s3_key", "embeddingS3Key"), ("url2_x", "url2X")],
)
def test_names(name: str, attribute: str) -> None:
    assert camel(name) == attribute


def test_what_must_be_there_is_what_has_no_default_and_may_not_be_none() -> None:
    required = {field.attribute for field in fields_of(Sale).values() if field.required}
    assert required == {"saleId", "soldOn", "soldAt", "price", "pieces", "size"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "colour is not a field of Sale: its fields are saleId, soldOn"),
        ({"sold_on": "2025-01-01"}, "sold_on is not a field of Sale"),
        ({"price": 9.99}, "price is the float 9.99, which is not exact: give Decimal('9.99')"),
        ({"price": "9.99"}, "price is '9.99' of type str: give Decimal or int"),
        ({"price": True}, "price is True of type bool"),
        ({"pieces": Decimal("1.5")}, "pieces Decimal('1.5') is not a whole number"),
        ({"pieces": True}, "pieces is True of type bool"),
        ({"pieces": "3"}, "pieces is '3' of type str: give int or Decimal"),
        ({"gift": 1}, "gift is 1 of type int: give bool"),
        ({"note": None}, "note is None of type NoneType: give str"),
        ({"size": "XL"}, "size 'XL' is none of S, M, L"),
        ({"grade": 3}, "grade 3 is none of 1, 2"),
        ({"soldOn": "2025-02-30"}, "soldOn '2025-02-30' is not a day of the calendar: give a date that exists"),
        ({"soldOn": "2023-02-29"}, "soldOn '2023-02-29' is not a day of the calendar"),
        ({"soldOn": "2025-1-1"}, "soldOn '2025-1-1' is not a date: write it as YYYY-MM-DD"),
        ({"soldOn": "20250101"}, "soldOn '20250101' is not a date"),
        ({"soldOn": "2025-01-01\n"}, "is not a date"),
        ({"soldOn": "\u0662\u0660\u0662\u0665-01-01"}, "is not a date"),
        ({"soldOn": "2025-01-01T00:00:00Z"}, "is not a date"),
        ({"soldAt": "2025-01-01"}, "is not an instant in UTC: write it as YYYY-MM-DDThh:mm:ssZ"),
        ({"soldAt": "2025-01-01T00:00:00+01:00"}, "is not an instant in UTC"),
        ({"soldAt": "2025-01-01T25:00:00Z"}, "is not an instant of the calendar"),
        ({"soldAt": "2025-01-01T00:00:00.1234567Z"}, "is not an instant in UTC"),
        ({"tags": ["a"]}, "tags is ['a'] of type list: give set or frozenset"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_value(change: dict[str, Any], words: str) -> None:
    for partial in (False, True):
        with pytest.raises(BadItem) as caught:
            check_fields(Sale, {**to_item(WHOLE), **change}, partial=partial)
        assert words in str(caught.value)


def test_what_lacks_is_listed() -> None:
    item = {name: value for name, value in to_item(WHOLE).items() if name not in ("price", "size", "note")}
    with pytest.raises(BadItem, match="The Sale lacks price, size: give every field that is not optional"):
        check_fields(Sale, item)
    check_fields(Sale, item, partial=True)
