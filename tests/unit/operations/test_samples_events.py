"""The demonstration's events: the same ones each time, the good ones good and each of the bad ones bad its own way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from carousel_sync.envelope import sales_in
from carousel_sync.parse import Rules, read_sale
from carousel_sync.records import SALES, SoldEvent
from operations.local import samples, samples_events
from operations.local.samples_events import Bad, Events
from shardwell.errors import BadItem
from shardwell.http_json import write_json
from stacks.settings import KNOWN_TENANTS
from tests.support.sold import body

LAST = date(2026, 11, 20)
NOW = datetime.combine(LAST, time(12), UTC)
TAKEN = next(samples.sales(last=LAST))
ALL: Events = samples_events.events(last=LAST, taken=TAKEN)
RULES = Rules(tenants=frozenset(KNOWN_TENANTS["local"]))


def read(sale: Any) -> SoldEvent:
    """The sale as the sync function reads it, after its way through JSON."""
    (given,) = sales_in(body("sale").replace('"sale"', json.dumps(sale, default=float), 1))
    return read_sale(given, RULES, NOW)


GOOD = [*ALL.single, *(sale for pack in ALL.packs for sale in pack)]


def test_the_same_last_day_gives_the_same_events() -> None:
    assert samples_events.events(last=LAST, taken=TAKEN) == ALL
    assert samples_events.events(last=LAST - timedelta(days=1), taken=TAKEN) != ALL


def test_a_thousand_events_of_which_sixty_are_repeats_thirty_packs_and_ten_bad() -> None:
    assert ALL.count == 1_000
    assert (len(ALL.single), len(ALL.repeats), len(ALL.packs), len(ALL.bad)) == (900, 60, 30, 10)
    assert all(one in ALL.single for one in ALL.repeats)
    assert {len(pack) for pack in ALL.packs} == {10}


def test_every_good_one_is_a_sale_of_its_own() -> None:
    keys = Counter(tuple(read(sale).key.values()) for sale in GOOD)
    assert len(keys) == 1_200
    assert not keys.keys() & {
        (one.tenant, one.product_id, one.sale_date, one.sale_id) for one in samples.sales(last=LAST)
    }


def test_three_in_ten_have_an_embedding_and_one_in_ten_has_no_id_of_its_producer_s() -> None:
    found = [read(sale) for sale in GOOD]
    assert 0.25 < sum(one.embedding is not None for one in found) / len(found) < 0.35
    assert {len(one.embedding) for one in found if one.embedding} == {4 * samples_events.DIMENSIONS}
    assert sum(one.sale_id.startswith("derived-") for one in found) == 120


def test_none_is_of_the_shop_whose_trend_is_shown() -> None:
    from operations.local.demo_sales import TENANT

    assert TENANT not in {sale["tenantId"] for sale in GOOD}


def test_prices_are_exact() -> None:
    assert all(write_json(sale["salePrice"]) == str(sale["salePrice"]) for sale in GOOD)


def reasons(bad: Bad) -> list[str]:
    """What is wrong with each of the sales of a bad one."""
    text = bad.body if bad.body is not None else body(json.loads(json.dumps(bad.detail, default=float)))
    try:
        given = sales_in(text)
    except BadItem as error:
        return [str(error)]
    found = []
    for one in given:
        try:
            read_sale(one, RULES, NOW)
        except BadItem as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize(
    ("place", "said"),
    list(
        enumerate(
            [
                "salePrice is 0",
                "salePrice is of type str",
                "'nobody' is no tenant",
                "is in the future",
                "productId is missing",
                "embedding[1] is not within float32",
                None,
                "salePrice is -1",
                "is no JSON",
                "embedding[1] is not within float32",
            ]
        )
    ),
)
def test_each_bad_one_is_bad_for_one_reason(place: int, said: str | None) -> None:
    found = reasons(ALL.bad[place])
    assert len(found) == (0 if said is None else 1)
    assert said is None or said in found[0]


def test_one_of_the_bad_has_the_key_of_a_stored_sale_and_another_payload() -> None:
    event = read(ALL.bad[6].detail)
    assert tuple(event.key.values()) == (TAKEN.tenant, TAKEN.product_id, TAKEN.sale_date, TAKEN.sale_id)
    assert event.sale_price != TAKEN.sale_price


def test_one_of_the_bad_is_a_pack_whose_other_sales_are_good() -> None:
    detail = ALL.bad[7].detail
    assert detail is not None
    assert [read(sale).sale_id for sale in (detail[SALES][0], detail[SALES][2])] == ["beside-a-bad-1", "beside-a-bad-2"]


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def test_the_two_that_no_bus_would_take_are_no_strict_json() -> None:
    bodies = [bad.body for bad in ALL.bad if bad.body is not None]
    assert len(bodies) == 2
    for text in bodies:
        with pytest.raises(ValueError, match=r"Expecting value|NaN is no JSON"):
            json.loads(text, parse_constant=refuse)
