"""Whatever a message says, it is a sale or it is refused in one sentence; and what is a sale keeps every bit."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import pack, unpack
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carousel_sync.envelope import sales_in
from carousel_sync.event_json import read_event_json
from carousel_sync.fingerprint import fingerprint
from carousel_sync.parse import FIELDS, Rules, read_sale
from carousel_sync.sale import sale_of
from carousel_sync.sale_id import price_text
from sales_intelligence.tables import SALES
from shardwell.codec import Codec
from shardwell.errors import BadItem
from shardwell.fields import to_item
from shardwell.publish import Publisher
from shardwell.vectors import Vector, read_header, read_row
from shardwell.vectors import pack as pack_vectors
from shardwell.vectors import unpack as unpack_vectors
from tests.support.sold import body, sold

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CODEC = Codec.of(SALES, None, "sales")

texts = st.text(st.characters(codec=None), max_size=8) | st.sampled_from(
    ["", '"embedding":[0.5]', "embedding", "\\", '\\"embedding":[1', "NaN", "]", "#", "%", "\ud800", "\U0010ffff"]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.floats()
    | texts
    | st.sampled_from(["2025-12-30", "EUR", 1e39, 0.1, 450])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts | st.sampled_from(sorted(FIELDS)), inner, max_size=4)
    ),
    max_leaves=12,
)
changes = st.dictionaries(st.sampled_from(sorted(FIELDS)) | texts, values, max_size=3)
float32s = st.integers(0, 2**32 - 1).map(lambda bits: unpack("<f", pack("<I", bits))[0]).filter(math.isfinite)


def verdict(given_sale: Any) -> str | None:
    """What is wrong with a sale, or None. Anything but our own refusal fails the test."""
    try:
        item = to_item(sale_of(read_sale(given_sale, Rules(), NOW), currency="USD", now=NOW))
        CODEC.encoded(item, NOW)
    except BadItem as error:
        return str(error)
    return None


def message_verdict(text: str) -> list[str]:
    """What is wrong with a message, or with each of its sales that is none."""
    try:
        found = sales_in(text)
    except BadItem as error:
        return [str(error)]
    return [said for one in found if (said := verdict(one)) is not None]


@given(values)
def test_any_json_is_sales_or_is_refused(value: Any) -> None:
    for text in (json.dumps(value), body(value), body({"sales": [value]})):
        assert all(said.endswith(".") and len(said) < 400 for said in message_verdict(text))


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_any_text_is_refused(text: str) -> None:
    (said,) = message_verdict(text)
    assert said.startswith("The message is no ")


@given(changes)
def test_a_sale_with_anything_in_its_fields_is_a_sale_or_refused(change: dict[str, Any]) -> None:
    (found,) = sales_in(body({**sold(1), **change}))
    said = verdict(found)
    assert said is None or (said.endswith(".") and len(said) < 400)
    if change.keys().isdisjoint(FIELDS):
        assert said is None


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_reading_fast_and_plainly_are_the_same(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(
        {"embedding": value, "a": [{"embedding": [0.5, 1]}, value]}, indent=indent, ensure_ascii=ascii_only
    )
    plainly = json.loads(text, parse_float=Decimal, parse_constant=Decimal)
    assert _spelt(read_event_json(text)) == _spelt(plainly)


def _spelt(value: Any) -> Any:
    """A value with its numbers as floats, and NaN equal to itself."""
    if isinstance(value, dict):
        return {name: _spelt(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_spelt(one) for one in value]
    return repr(float(value)) if isinstance(value, Decimal | float) else value


@given(st.lists(float32s, min_size=1, max_size=40))
def test_float32_numbers_survive_bit_for_bit(numbers: list[float]) -> None:
    (found,) = sales_in(body(sold(1, embedding=numbers)))
    event = read_sale(found, Rules(), NOW)
    assert event.embedding == pack(f"<{len(numbers)}f", *numbers)
    (again,) = unpack_vectors(pack_vectors([Vector(event.key, event.embedding)]))
    assert again == Vector(event.key, event.embedding)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
            st.lists(float32s, min_size=1, max_size=5),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_vectors_come_out_as_they_went_in(rows: list[tuple[dict[str, str], list[float]]]) -> None:
    vectors = [Vector(key, pack(f"<{len(numbers)}f", *numbers)) for key, numbers in rows]
    content = pack_vectors(vectors)
    assert unpack_vectors(content) == vectors
    assert [read_row(row, content[row.start : row.end]) for row in read_header(content)] == vectors


prices = st.decimals(Decimal("0.0000000001"), Decimal(10) ** 28 - 1, places=10, allow_nan=False)


@given(prices, st.integers(0, 12))
def test_a_price_is_exact_however_it_is_written(price: Decimal, zeros: int) -> None:
    sign, digits, exponent = price.as_tuple()
    assert isinstance(exponent, int)
    ways = {
        format(price, "f"),
        format(price, "f") + "0" * zeros,
        f"{Decimal((sign, (*digits, *([0] * zeros)), exponent - zeros))}",
        f"{''.join(map(str, digits))}e{exponent}",
    }
    seen = set()
    for way in ways:
        text = body(sold(1, saleId=None, salePrice="HERE")).replace('"HERE"', way)
        (found,) = sales_in(text)
        event = read_sale(found, Rules(), NOW)
        assert event.sale_price == price
        seen.add((event.sale_id, fingerprint(event), price_text(event.sale_price)))
    assert len(seen) == 1


@given(st.dates() | st.integers(-800, 3).map(lambda days: (NOW + timedelta(days=days)).date()))
def test_a_day_is_taken_while_its_sale_is_alive_and_not_before_it_can_be(day: Any) -> None:
    (found,) = sales_in(body(sold(1, soldDate=day.isoformat())))
    alive = (NOW.date() - day).days < 730
    assert (verdict(found) is None) == (alive and (day - NOW.date()).days <= 1)


class Bus:
    """Takes everything."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        assert len(Entries) <= 10
        assert sum(len((one["Source"] + one["DetailType"] + one["Detail"]).encode()) for one in Entries) < 262_144
        self.entries += Entries
        return {"Entries": [{} for _ in Entries]}


@given(
    st.lists(st.tuples(st.text('aé😀"\\', max_size=5), st.integers(0, 90_000)), max_size=12),
    st.integers(1_000, 300_000),
)
def test_every_record_is_published_once_and_in_order(given_records: list[tuple[str, int]], most: int) -> None:
    records = [{"text": letters + "x" * length} for letters, length in given_records]
    bus: Any = Bus()
    publisher = Publisher(bus, bus="main", source="a", detail_type="b", named_by=("text",))
    events = publisher.publish_packed(records, field="rows", most_bytes=most)
    assert events == len(bus.entries)
    packs = [json.loads(one["Detail"])["rows"] for one in bus.entries]
    assert [record for pack_ in packs for record in pack_] == records
    for one, rows in zip(bus.entries, packs, strict=True):
        assert len(rows) == 1 or len((one["Detail"] + "ab").encode()) <= most
