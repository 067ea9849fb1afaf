"""What docs/carousel-sync.md says of failures that no other test shows: clocks that differ, and what comes too late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import sale_row
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_catalog import ensure_table
from shardwell.lake_parquet import to_parquet
from shardwell.lake_read import current_state
from shardwell.staging import REPLAYED_SEQUENCE, replayed_key
from shardwell.stream_events import Change
from tests.support.ambient import START, Surroundings
from tests.support.lake import LocalLake
from tests.support.objects import Bucket
from tests.support.sale_stream import changed, deleted, inserted, stored
from tests.support.sale_table import key_of
from tests.support.sales import sale
from tests.support.sold import sold
from tests.unit.carousel_sync.scene import Scene
from tests.unit.lake.conftest import BUCKET, Here

OFF = timedelta(minutes=10)


@pytest.fixture
def committers() -> Surroundings:
    """The clock of the committer alone: those of the bucket and of the stream stand still."""
    return Surroundings()


@pytest.fixture
def here(committers: Surroundings) -> Here:
    bucket, lake = Bucket(lambda: START), LocalLake()
    committer = Committer(
        lake=SALES_HISTORY,
        load_table=lambda: ensure_table(lake, SALES_HISTORY, ambient=committers.ambient),
        objects=bucket,
        settings=CommitSettings(bucket=BUCKET),
        ambient=committers.ambient,
    )
    return Here(Surroundings(), bucket, lake, committer)


def prices(here: Here) -> dict[str, float]:
    """The price of each current sale of the lake, by its id."""
    wanted = ("sale_id", "sale_price")
    found = current_state(SALES_HISTORY, here.table, where="tenant_id = 'acme'", columns=wanted).to_pylist()
    return {row["sale_id"]: float(row["sale_price"]) for row in found}


def replay(here: Here, *sales: Mapping[str, Any]) -> None:
    """Return these sales as they are in their table."""
    changes = [Change("insert", REPLAYED_SEQUENCE, START, {}, stored(one)) for one in sales]
    content = to_parquet(SALES_HISTORY, [sale_row(one, None) for one in changes])
    here.bucket.put_object(Bucket=BUCKET, Key=replayed_key(content), Body=content)


@pytest.mark.parametrize("off", [-OFF, OFF], ids=["slow", "fast"])
def test_a_committer_whose_clock_is_off_commits_once_and_has_no_lag_below_none(
    here: Here, committers: Surroundings, off: timedelta
) -> None:
    committers.now = START + off
    here.stage_numbers(1, 2)
    waiting = here.commit(after_seconds=3_600)
    assert (waiting.rows, waiting.waiting, waiting.lag_seconds) == (0, 1, max(0.0, off.total_seconds()))
    committers.now = START + timedelta(hours=1) + off - abs(off)
    assert here.commit(after_seconds=3_600).rows == (0 if off < timedelta(0) else 2)
    committers.now = START + timedelta(hours=1)
    here.commit(after_seconds=3_600)
    here.stage_numbers(1, 2)
    assert here.commit().rows == 0
    assert here.numbers() == Counter({1: 1, 2: 1})


def test_the_order_of_changes_is_that_of_their_sequences_and_not_of_any_clock(here: Here) -> None:
    here.stage(inserted(1, sale(1), at=START + OFF))
    here.stage(changed(2, sale(1), sale(1, salePrice=Decimal(7)), at=START - OFF))
    assert here.commit().rows == 2
    assert prices(here) == {"s0001": 7.0}


def test_a_replay_brings_back_new_sales_and_neither_corrections_nor_deletions(here: Here) -> None:
    here.stage_numbers(1, 2)
    # What the stream then lost: sale 1 became cheaper, sale 2 was deleted, 3 and 4 were new, and 4 deleted again.
    replay(here, sale(1, salePrice=Decimal(4)), sale(3))
    here.commit()
    assert prices(here) == {"s0001": 5.5, "s0002": 5.5, "s0003": 5.5}
    here.stage(changed(9, sale(1, salePrice=Decimal(4)), sale(1, salePrice=Decimal(3))))
    here.commit()
    assert prices(here)["s0001"] == 3.0


def test_a_deleted_sale_whose_event_comes_again_is_there_again(here: Here) -> None:
    scene = Scene()
    for _ in range(2):
        assert scene.send(sold(1)) == []
        (item,) = scene.items
        del scene.table.items[key_of(item)]
    assert [outcome for _, _, outcome in scene.outcomes] == ["written", "written"]
    here.stage(inserted(1, sale(1)), deleted(2, sale(1)), inserted(3, sale(1)))
    here.commit()
    assert here.numbers() == Counter({1: 1, 2: 1, 3: 1})
    assert prices(here) == {"s0001": 5.5}
