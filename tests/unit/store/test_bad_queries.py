"""Bad queries, limits, cursors and scans: an error of ours in one sentence, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import BadCursor, BadItem, BadKeyPart, BadQuery, SchemaError, TooLarge
from shardwell.query import Query
from shardwell.scan import Checkpoint
from tests.support.backends import Backend
from tests.support.sales import sale
from tests.unit.store.refused import LONG, SURROGATE, Stores, is_one_clear_sentence


def trend(stores: Stores, **changes: Any) -> Query:
    return stores.sales.query("GSI1", **{"tenant": "acme", "category": "dress", "season": "Q4", **changes})


BAD_QUERIES: dict[str, tuple[Callable[[Stores], Any], type[Exception], list[str]]] = {
    "an unknown index": (lambda s: s.sales.query("GSI9", tenant="a"), BadQuery, ["GSI9", "GSI1, GSI2, GSI3"]),
    "a missing field of the partition": (
        lambda s: s.sales.query("GSI1", tenant="acme", category="dress"),
        BadQuery,
        ["season", "tenant, category, season"],
    ),
    "a field that is null": (lambda s: trend(s, season=None), BadQuery, ["season"]),
    "a field too many": (lambda s: s.sales.query(tenant="a", productId="p", saleId="s"), BadQuery, ["saleId"]),
    "the shard given": (lambda s: trend(s, shard=3), BadQuery, ["shard"]),
    "an empty tenant": (lambda s: trend(s, tenant=""), BadKeyPart, ["tenant", "empty"]),
    "a tenant that is a number with a point": (lambda s: trend(s, tenant=1.5), BadKeyPart, ["tenant", "1.5"]),
    "a tenant of 2 KB": (lambda s: trend(s, tenant=LONG), TooLarge, ["GSI1PK", "2048"]),
    "a tenant with a surrogate": (lambda s: trend(s, tenant=SURROGATE), BadKeyPart, ["tenant", "U+D800"]),
    "a pin that is a list": (
        lambda s: s.sales.query("GSI2", tenant="acme", productId=["p"]),
        BadKeyPart,
        ["productId"],
    ),
    "a range from after to before": (
        lambda s: trend(s).between("2026-02-01", "2026-01-01"),
        BadQuery,
        ["2026-02-01", "2026-01-01"],
    ),
    "a range of numbers from more to less": (
        lambda s: s.readings.query("ByLevel", station="s").between(2, 1),
        BadQuery,
        ["2", "1"],
    ),
    "a range of text for numbers": (
        lambda s: s.readings.query("ByLevel", station="s").after("high"),
        BadKeyPart,
        ["level", "'high'"],
    ),
    "a beginning of a number": (
        lambda s: s.readings.query("ByLevel", station="s").begins_with(1),
        BadQuery,
        ["level", "between"],
    ),
    "a beginning that is a number": (lambda s: trend(s).begins_with(2026), BadQuery, ["2026", "text"]),
    "too many values of a sort key": (lambda s: trend(s).equal("2026-01-01", "s", "t"), BadQuery, ["3", "1 to 2"]),
    "no value of a sort key": (lambda s: trend(s).equal(), BadQuery, ["0"]),
    "no value of a native sort key": (
        lambda s: s.readings.query("ByLevel", station="s").after(),
        BadQuery,
        ["0", "level"],
    ),
    "a sort key over 1 KB": (lambda s: trend(s).equal("2026-01-01", LONG), TooLarge, ["GSI1SK", "1024"]),
    "two conditions on a sort key": (lambda s: trend(s).after("2026").before("2027"), BadQuery, ["GSI1SK", "where"]),
    "a condition where there is no sort key": (lambda s: s.plain.query(id="x").after("a"), BadQuery, ["no sort key"]),
    "a consistent read of an index": (lambda s: trend(s).consistent(), BadQuery, ["GSI1"]),
    "101 values in a filter": (lambda _: F("brand").is_in(map(str, range(101))), BadQuery, ["brand", "101", "100"]),
    "no values in a filter": (lambda _: F("brand").is_in([]), BadQuery, ["brand", "0"]),
    "conditions joined by and": (lambda _: F("a").exists() and F("b").exists(), BadQuery, ["&"]),
    "a float in a filter": (lambda s: list(trend(s).where(F("salePrice") > 1.5)), BadItem, ["salePrice", "1.5"]),
    "an empty set in a filter": (lambda s: list(trend(s).where(F("x") == set())), BadItem, ["x", "empty"]),
    "a filter on a field that the index does not hold": (
        lambda s: s.projected.query("Some", tenant="a", kind="k").where(F("text.words[0]").exists()),
        BadQuery,
        ["Some", "text", "title", "project it", "get the items by their keys"],
    ),
    "a filter on a field that an index of keys does not hold": (
        lambda s: s.projected.query("Keys", tenant="a", kind="k").where(~(F("expires") > 1) | (F("title") == "t")),
        BadQuery,
        ["Keys", "title", "expires"],
    ),
    "a filter on a part of a key": (
        lambda s: s.projected.query("Keys", tenant="a", kind="k").where(F("itemId") == "i"),
        BadQuery,
        ["Keys", "itemId"],
    ),
    # scans
    "a filter of a scan on a field that the index does not hold": (
        lambda s: s.projected.scan("Some", where=F("text") == "x"),
        BadQuery,
        ["Some", "text"],
    ),
    "a field that a scanned index does not hold": (
        lambda s: s.projected.scan("Keys", only=["title"]),
        BadQuery,
        ["Keys", "title"],
    ),
    "an unknown index of a scan": (lambda s: s.sales.scan("GSI9"), BadQuery, ["GSI9", "GSI1"]),
    "a checkpoint of nonsense": (lambda _: Checkpoint.from_json("{}"), BadQuery, ["checkpoint"]),
    "a checkpoint that is no JSON": (lambda _: Checkpoint.from_json("{"), BadQuery, ["checkpoint"]),
    "a checkpoint of another scan": (
        lambda s: list(s.sales.scan(segments=2, resume=Checkpoint(3))),
        BadQuery,
        ["3", "2"],
    ),
}


@pytest.mark.parametrize("name", BAD_QUERIES)
def test_a_bad_query_is_refused(stores: Stores, name: str) -> None:
    call, error, said = BAD_QUERIES[name]
    with pytest.raises(error) as refused:
        call(stores)
    assert is_one_clear_sentence(refused.value, said)


@pytest.mark.parametrize("limit", [-1, 0, True, False, 1.5, "5", 10**9, None, Decimal(5), [5]])
def test_a_bad_limit_is_refused(moto: Backend, stores: Stores, limit: Any) -> None:
    with pytest.raises(BadQuery) as refused:
        trend(stores).page(limit=limit)
    assert is_one_clear_sentence(refused.value, [repr(limit), "10000"])
    assert moto.wire.sent == []


@pytest.mark.parametrize("segments", [-1, 0, True, 1.5, "5", 10**9, None])
def test_a_bad_number_of_segments_is_refused(moto: Backend, stores: Stores, segments: Any) -> None:
    with pytest.raises(BadQuery) as refused:
        stores.sales.scan(segments=segments)
    assert is_one_clear_sentence(refused.value, [repr(segments), "1000000"])
    assert moto.wire.sent == []


class TestCursors:
    """Whatever is given as a cursor, it is the right one or refused before anything is read."""

    @pytest.fixture
    def filled(self, moto: Backend, stores: Stores) -> Iterator[Stores]:
        stores.sales.batch_put([sale(n) for n in range(9)] + [sale(n, tenant="other") for n in range(9)])
        yield stores
        moto.wire.clear()

    def test_of_another_tenant(self, moto: Backend, filled: Stores) -> None:
        cursor = trend(filled, tenant="other").page(limit=2).cursor
        moto.wire.clear()
        with pytest.raises(BadCursor) as refused:
            trend(filled).page(limit=2, cursor=cursor)
        assert is_one_clear_sentence(refused.value, ["another query", "without a cursor"])
        assert moto.wire.sent == []

    @pytest.mark.parametrize(
        "cursor", ["", "x", "%%%", "A" * 22, "é", "A" * 100_000, "\x00", 5, b"abc", ["a"], {"a": 1}, True, 1.5]
    )
    def test_that_is_none(self, moto: Backend, filled: Stores, cursor: Any) -> None:
        moto.wire.clear()
        with pytest.raises(BadCursor):
            trend(filled).page(limit=2, cursor=cursor)
        assert moto.wire.sent == []

    def test_with_one_character_changed(self, moto: Backend, filled: Stores) -> None:
        cursor = trend(filled).page(limit=2).cursor
        assert cursor is not None
        moto.wire.clear()
        for place in range(len(cursor)):
            other = "A" if cursor[place] != "A" else "B"
            with pytest.raises(BadCursor):
                trend(filled).page(limit=2, cursor=cursor[:place] + other + cursor[place + 1 :])
        assert moto.wire.sent == []

    def test_without_a_key_to_sign_with(self, moto: Backend, filled: Stores) -> None:
        unsigned = moto.store_of(SALES, filled.sales.name, cursor_keys=())
        with pytest.raises(SchemaError, match="cursor_keys"):
            unsigned.query("GSI1", tenant="acme", category="dress", season="Q4").page(limit=2)
