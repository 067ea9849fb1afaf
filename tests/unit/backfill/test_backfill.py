"""What a backfill does to a table that nobody else touches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shardwell import Key, Shape, Table, Ttl
from shardwell.backfill import backfill, beginning, rehearse
from shardwell.backfill_plan import TOO_OLD
from shardwell.backfill_tally import Tally
from shardwell.errors import BadQuery, SchemaError
from shardwell.rate import RateLimit
from tests.support.backends import Backend
from tests.support.sales import sale
from tests.unit.backfill.scene import FAST, Scene, expected_ttl, is_too_old, mixed, sort_key

UNREADABLE = "2025-13-45"


def unreadable(number: int) -> dict[str, Any]:
    """A sale with a date that no calendar has, stored by something that did not check."""
    return {
        "PK": {"S": "TENANT#acme#PRODUCT#p1"},
        "SK": {"S": f"SALE#{UNREADABLE}#bad{number}"},
        "saleDate": {"S": UNREADABLE},
        "saleId": {"S": f"bad{number}"},
    }


def test_every_record_gets_its_time_to_live_and_nothing_else_of_it_changes(scene: Scene) -> None:
    items = [sale(number, brand="Aurelle", embeddingId=f"e{number}") for number in range(60)]
    for item in items:
        scene.put(item)
    before = scene.raw()
    last = scene.backfill()
    after = scene.raw()
    for item in items:
        assert after.pop(sort_key(item)) == {**before[sort_key(item)], "ttl": {"N": expected_ttl(item)}}
    assert not after
    assert last.checkpoint.complete
    assert last.tally == Tally(looked_at=60, given=60, write_units=last.tally.write_units)


def test_records_too_old_to_expire_are_deleted_and_counted_and_expired_ones_are_left_to_dynamodb(scene: Scene) -> None:
    items = [mixed(number) for number in range(80)]
    for item in items:
        scene.put(item)
    last = scene.backfill()
    kept = {sort_key(item): expected_ttl(item) for item in items if not is_too_old(item)}
    assert {key: item["ttl"]["N"] for key, item in scene.raw().items()} == kept
    assert (last.tally.given, last.tally.deleted, last.tally.looked_at) == (60, 20, 80)


def test_a_record_is_deleted_only_where_dynamodb_might_not_expire_it(scene: Scene) -> None:
    last_kept = scene.backend.surroundings.now - TOO_OLD - timedelta(days=730)
    kept = sale(1, saleDate=(last_kept + timedelta(days=1)).date().isoformat())
    dropped = sale(2, saleDate=last_kept.date().isoformat())
    scene.put(kept)
    scene.put(dropped)
    scene.backfill()
    assert list(scene.raw()) == [sort_key(kept)]
    # Five years ago by any reckoning, with days to spare for DynamoDB to get to it.
    assert timedelta(days=5 * 365 - 31) < TOO_OLD < timedelta(days=5 * 365 - 2)


def test_what_already_has_a_time_to_live_keeps_it(scene: Scene) -> None:
    for number in range(10):
        scene.put(sale(number), ttl={"N": str(4_000_000_000 + number)})
    scene.put(sale(10, saleDate="2010-01-01"), ttl={"N": "1400000000"})
    scene.put(sale(11))
    before = scene.raw()
    last = scene.backfill()
    assert (last.tally.already_had, last.tally.given, last.tally.deleted) == (11, 1, 0)
    assert [key for key, item in scene.raw().items() if before[key] != item] == [sort_key(sale(11))]


def test_a_date_that_cannot_be_read_is_reported_with_its_key_and_left_alone(scene: Scene) -> None:
    scene.put_raw(unreadable(1))
    scene.put_raw({name: value for name, value in unreadable(2).items() if name != "saleDate"})
    scene.put_raw({**unreadable(3), "saleDate": {"N": "20251103"}})
    scene.put(sale(4), ttl={"S": "soon"})
    scene.put(sale(5))
    before = scene.raw()
    last = scene.backfill()
    tally = last.tally
    assert {fault.key["SK"]["S"]: fault.reason for fault in last.faults} == {
        "SALE#2025-13-45#bad1": "saleDate '2025-13-45' is no date to count from: write it as YYYY-MM-DD.",
        "SALE#2025-13-45#bad2": "It has no saleDate, from which its time to live is counted: give it one.",
        "SALE#2025-13-45#bad3": "saleDate Decimal('20251103') is no date to count from: write it as YYYY-MM-DD.",
        sort_key(sale(4)): "Its ttl is 'soon', which DynamoDB does not read as a time: remove it.",
    }
    assert (tally.unreadable, tally.faults, tally.given, tally.looked_at) == (4, 4, 1, 5)
    assert [key for key, item in scene.raw().items() if before[key] != item] == [sort_key(sale(5))]


def test_a_dry_run_writes_nothing_and_counts_what_the_backfill_then_does(scene: Scene) -> None:
    for number in range(40):
        scene.put(mixed(number))
    scene.put_raw(unreadable(1))
    scene.put(sale(50), ttl={"N": "4000000000"})
    before = scene.raw()
    foreseen = scene.rehearse()
    assert not scene.backend.wire.writes
    assert {sent.operation for sent in scene.backend.wire.sent} == {"Scan"}
    assert scene.raw() == before
    done = scene.backfill()
    assert foreseen.tally.deleted == 10
    assert foreseen.tally == done.tally + Tally(write_units=-done.tally.write_units)


def test_a_second_backfill_finds_nothing_to_do(scene: Scene) -> None:
    for number in range(40):
        scene.put(mixed(number))
    scene.backfill()
    scene.backend.wire.clear()
    assert scene.backfill().tally == Tally(looked_at=30, already_had=30)
    assert not scene.backend.wire.writes


@pytest.mark.parametrize("segments", [1, 3, 40])
def test_any_number_of_segments_covers_every_record_once(scene: Scene, segments: int) -> None:
    for number in range(40):
        scene.put(sale(number, tenant=f"tenant-{number}"))
    last = scene.backfill(scene.beginning(segments=segments))
    assert (last.tally.looked_at, last.tally.given) == (40, 40)
    assert len(scene.backend.wire.writes) == 40


def test_pages_of_one_segment_are_read_one_after_the_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 7)
    for number in range(40):
        scene.put(sale(number))
    steps = list(backfill(scene.connection, scene.table, scene.beginning(segments=1), limit=RateLimit(FAST)))
    assert steps[-1].tally.given == 40
    assert len({step.checkpoint.to_json() for step in steps}) > 2


@pytest.mark.parametrize("units", [4.0, 10.0])
def test_the_rate_counts_deletions_and_index_entries_and_what_a_write_really_cost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, units: float
) -> None:
    monkeypatch.setattr("shardwell.backfill_write._send", lambda *_: units)
    monkeypatch.setattr("shardwell.backfill.WRITES_AT_ONCE", 1)
    for number in range(41):
        scene.put(mixed(number))
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    last = scene.backfill(scene.beginning(segments=1), limit=RateLimit(8, clock=lambda: now[0], sleep=sleep))
    assert (last.tally.given, last.tally.deleted, last.tally.write_units) == (31, 10, 41 * units)
    assert 39 * units / 8 <= now[0] <= 40 * units / 8


def test_told_to_stop_it_stops_and_its_checkpoint_resumes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 5)
    for number in range(40):
        scene.put(sale(number))
    stopped = scene.backfill(until=lambda: len(scene.backend.wire.writes) >= 12)
    assert not stopped.checkpoint.complete
    assert 12 <= stopped.tally.given < 40
    # Told, and not killed, it knows of every record what became of it: none is read or counted a second time.
    assert stopped.checkpoint.tally == stopped.tally
    finished = scene.backfill(stopped.checkpoint)
    assert finished.checkpoint.complete
    assert (finished.tally.looked_at, finished.tally.given) == (40, 40)
    assert all("ttl" in item for item in scene.raw().values())


def test_a_complete_checkpoint_has_nothing_left_to_do(scene: Scene) -> None:
    scene.put(sale(1))
    done = scene.backfill()
    scene.backend.wire.clear()
    assert scene.backfill(done.checkpoint) == done
    assert not scene.backend.wire.sent


def test_a_time_to_live_after_the_first_write_counts_from_the_backfill(moto: Backend) -> None:
    table = Table("test-sessions", key=Key(PK="USER#{user}", SK="SESSION#{session}"), ttl=Ttl("until", days=30))
    scene = Scene(moto, moto.store(table))
    scene.put({"user": "u", "session": "s"})
    scene.backfill()
    expected = moto.surroundings.now + timedelta(days=30)
    assert scene.raw()["SESSION#s"]["until"] == {"N": str(int(expected.timestamp()))}


def test_a_record_that_may_lack_its_date_does_not_expire_and_is_no_fault(moto: Backend) -> None:
    table = Table(
        "test-shapes",
        shapes={
            "order": Shape(Key(PK="SHOP#{shop}", SK="ORDER#{order}")),
            "note": Shape(Key(PK="SHOP#{shop}", SK="NOTE#{note}")),
        },
        ttl=Ttl("until", days=30, after="closedAt"),
    )
    scene = Scene(moto, moto.store(table))
    scene.put({"shop": "s", "order": "1"}, shape="order")
    scene.put({"shop": "s", "note": "1", "closedAt": "2026-01-01T10:00:00Z"}, shape="note")
    scene.put_raw({"PK": {"S": "SHOP#s"}, "SK": {"S": "OTHER#1"}})
    last = scene.backfill()
    closed = datetime(2026, 1, 1, 10, tzinfo=UTC) + timedelta(days=30)
    assert scene.raw()["NOTE#1"]["until"] == {"N": str(int(closed.timestamp()))}
    assert (last.tally.given, last.tally.undated, last.tally.unreadable) == (1, 1, 1)


def test_a_table_without_a_time_to_live_is_refused(moto: Backend) -> None:
    table = Table("test-forever", key=Key(PK="USER#{user}"))
    store = moto.store(table)
    scene = Scene(moto, store)
    with pytest.raises(SchemaError, match="has no time to live"):
        scene.backfill()


def test_a_rehearsals_checkpoint_never_makes_a_backfill_skip_records(scene: Scene) -> None:
    with pytest.raises(BadQuery, match="of a rehearsal"):
        next(backfill(scene.connection, scene.table, scene.beginning(rehearsal=True), limit=RateLimit(FAST)))
    with pytest.raises(BadQuery, match="of a backfill"):
        next(rehearse(scene.connection, scene.table, scene.beginning()))


@pytest.mark.parametrize("segments", [0, -1, 1_000_001, True, 2.0])
def test_a_wrong_number_of_segments_is_refused(segments: Any) -> None:
    with pytest.raises(BadQuery, match="whole number from 1"):
        beginning("t", segments=segments)
