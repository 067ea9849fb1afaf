"""Rows that come a second way are added where the lake has not got them, and nowhere else."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

import pytest

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.rows import sale_row
from carousel_sync.stage import Stager
from shardwell.lake_parquet import to_parquet
from shardwell.ledger import Ledger
from shardwell.staging import REPLAYED_SEQUENCE, replayed_key, staged_key
from shardwell.stream_events import Change, batch_of
from tests.support.faults import Crash
from tests.support.lake import conflict
from tests.support.sale_stream import SHARD, deleted, inserted, stored
from tests.support.sales import sale
from tests.unit.lake.conftest import BUCKET, Here


def replay(here: Here, *numbers: int) -> None:
    """Return these sales as they are in their table."""
    rows = [
        sale_row(Change("insert", REPLAYED_SEQUENCE, here.surroundings.now, {}, stored(sale(number))), None)
        for number in numbers
    ]
    content = to_parquet(SALES_HISTORY, rows)
    here.bucket.put_object(Bucket=BUCKET, Key=replayed_key(content), Body=content)


def redrive(here: Here, *numbers: int, shard: str = SHARD) -> None:
    """Return these changes as the stream tells of them."""
    batch = batch_of([inserted(number, at=here.surroundings.now) for number in numbers], shard=shard)
    Stager(here.bucket, BUCKET).stage(batch, kind="redriven")


def test_a_replay_fills_in_what_is_missing_and_nothing_else(here: Here) -> None:
    here.stage_numbers(1, 2)
    here.stage(deleted(3, sale(2)))
    replay(here, 1, 2, 9)
    assert here.commit().rows == 4
    assert here.numbers() == Counter({1: 1, 2: 1, 3: 1, 0: 1})
    assert here.bucket.keys("staged/") == []


def test_a_replay_that_comes_twice_is_added_once(here: Here) -> None:
    replay(here, 1, 2)
    replay(here, 2, 3)
    here.commit()
    replay(here, 1, 2, 3)
    assert here.commit().rows == 0
    assert here.numbers() == Counter({0: 3})


def test_a_redriven_change_is_added_though_the_ledger_is_beyond_it(here: Here) -> None:
    here.stage_numbers(1, 2)
    here.stage_numbers(5)
    here.commit()
    redrive(here, 2, 3, 4)
    assert here.commit().rows == 2
    redrive(here, 3, 4)
    assert here.commit().rows == 0
    assert here.numbers() == Counter({1, 2, 3, 4, 5})


def test_a_late_copy_of_what_was_redriven_is_a_repeat(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    redrive(here, 2, 3)
    here.commit()
    here.stage_numbers(2, 3)
    assert here.commit().rows == 0
    assert here.numbers() == Counter({1, 2, 3})


def test_staged_redriven_and_replayed_rows_of_one_sale_come_in_that_order(here: Here) -> None:
    replay(here, 1, 2, 3)
    redrive(here, 1, 2)
    here.stage_numbers(1)
    for _ in range(2):
        here.commit(most_bytes=1)
    assert here.numbers() == Counter({1: 1, 2: 1, 0: 1})


def test_redriven_rows_of_several_shards_move_each_of_their_entries(here: Here) -> None:
    redrive(here, 1, 2, shard="a")
    redrive(here, 7, shard="b")
    here.commit()
    ledger = Ledger.of(here.table.properties)
    assert {shard: int(entry.sequence) for shard, entry in ledger.entries.items()} == {"a": 2, "b": 7}


def test_returned_rows_wait_while_the_list_is_not_complete(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shardwell.commit.list_staged", _first_page_only)
    here.bucket.page = 2
    replay(here, 9)
    for number in range(1, 4):
        here.stage_numbers(number)
    here.commit()
    assert here.numbers() == Counter({1: 1})
    here.bucket.page = 1000
    here.commit()
    assert here.numbers() == Counter({0: 1, 1: 1, 2: 1, 3: 1})


def _first_page_only(objects: Any, bucket: str) -> Any:
    from shardwell.staging import list_staged

    return list_staged(objects, bucket, most=1)


@pytest.mark.parametrize("kind", ["redriven", "replayed"])
def test_a_conflict_has_the_table_looked_at_again(here: Here, kind: str) -> None:
    (redrive if kind == "redriven" else replay)(here, 1)

    def another_first(operation: str, _: str) -> None:
        if operation == "Commit":
            here.lake.disturbance.before = lambda *_: None
            here.commit()
            conflict()

    here.lake.disturbance.before = another_first
    assert here.commit().rows == 0
    assert here.numbers().total() == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_every_call_neither_loses_nor_repeats_a_returned_row(
    here: Here, when: Literal["before", "after"]
) -> None:
    for number in range(1, 60):
        replay(here, number, number + 100)
        redrive(here, 200 + number)
        calls = Counter[str]()

        def count(*_: str, most: int = number, calls: Counter[str] = calls) -> None:
            calls["all"] += 1
            if calls["all"] >= most:
                raise Crash

        for one in (here.bucket, here.lake.disturbance):
            setattr(one, when, count)
        try:
            here.commit()
            break
        except Crash:
            continue
        finally:
            for one in (here.bucket, here.lake.disturbance):
                setattr(one, when, lambda *_: None)
            here.commit()
    assert number > 8
    assert here.numbers() == Counter({0: 2 * number, **{200 + one: 1 for one in range(1, number + 1)}})


def test_old_rows_that_are_returned_are_no_lag(here: Here) -> None:
    replay(here, 1)
    redrive(here, 2)
    here.surroundings.forward(days=30)
    report = here.commit()
    assert (report.rows, report.lag_seconds) == (2, 0)


def test_a_name_that_does_not_cover_its_rows_is_refused(here: Here) -> None:
    row = sale_row(Change("insert", "5".zfill(40), here.surroundings.now, {}, stored(sale(5))), None)
    content = to_parquet(SALES_HISTORY, [row])
    key = staged_key(content, shard=SHARD, first="6".zfill(40), last="9".zfill(40))
    here.bucket.put_object(Bucket=BUCKET, Key=key, Body=content)
    with pytest.raises(Exception, match="its name does not cover"):
        here.commit()
