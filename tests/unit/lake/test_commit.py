"""Rows reach the lake once: repeats, late copies, other committers, lost answers, and a crash at every single call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from pyiceberg.exceptions import CommitFailedException, ForbiddenError, ServiceUnavailableError
from requests import ConnectionError as NoConnection

from shardwell.commit import RESERVE_MS, CommitReport, batches
from shardwell.errors import BadItem, ShardwellError, Unavailable
from shardwell.ledger import Ledger
from shardwell.staging import Vanished, list_staged
from tests.support.faults import Crash
from tests.support.lake import conflict, unknown
from tests.support.sale_stream import SHARD
from tests.unit.lake.conftest import BUCKET, Here


def test_what_is_staged_is_committed_and_deleted(here: Here) -> None:
    here.stage_numbers(1, 2, 3)
    here.stage_numbers(4)
    here.stage_numbers(2, 9, shard="other")
    assert here.commit() == CommitReport(rows=6, commits=1, objects=3, waiting=0, lag_seconds=0)
    assert here.numbers() == Counter({1: 1, 2: 2, 3: 1, 4: 1, 9: 1})
    assert here.bucket.keys("staged/") == []
    ledger = Ledger.of(here.table.properties)
    assert {shard: int(entry.sequence) for shard, entry in ledger.entries.items()} == {SHARD: 4, "other": 9}


def test_nothing_staged_is_one_request_and_no_more(here: Here) -> None:
    assert here.commit() == CommitReport()
    assert here.bucket.calls == [("ListObjectsV2", "staged/")]
    assert here.lake.disturbance.calls == []


@pytest.mark.parametrize(
    "late",
    [(1, 2, 3, 4), (1,), (2, 3), (4,), (3, 4, 5)],
    ids=["the same", "the first half", "the middle", "the last", "beyond the end"],
)
def test_a_late_copy_adds_only_what_is_new(here: Here, late: tuple[int, ...]) -> None:
    here.stage_numbers(1, 2, 3, 4)
    here.commit()
    here.stage_numbers(*late)
    here.commit()
    assert here.numbers() == Counter({1, 2, 3, 4, *late})
    assert here.bucket.keys("staged/") == []


def test_an_object_that_the_ledger_covers_is_deleted_unread(here: Here) -> None:
    here.stage_numbers(1, 2)
    here.commit()
    here.stage_numbers(1)
    here.bucket.calls.clear()
    assert here.commit().objects == 1
    assert "GetObject" not in {operation for operation, _ in here.bucket.calls}


def test_halves_and_the_whole_they_came_from_overlap(here: Here) -> None:
    here.stage_numbers(1, 2)
    here.stage_numbers(3, 4)
    here.stage_numbers(1, 2, 3, 4)
    here.stage_numbers(2, 3)
    for size in (1, 10**9):
        here.commit(most_bytes=size)
    assert here.numbers() == Counter({1, 2, 3, 4})


def test_a_conflict_is_tried_again_upon_the_new_state(here: Here) -> None:
    here.stage_numbers(1, 2)

    def another_first(operation: str, _: str) -> None:
        if operation == "Commit":
            here.lake.disturbance.before = lambda *_: None
            here.commit()

    here.lake.disturbance.before = another_first
    assert here.commit().rows == 0
    assert here.numbers() == Counter({1, 2})


def test_compaction_between_load_and_commit_loses_nothing(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    here.stage_numbers(2)

    def compacted(operation: str, _: str) -> None:
        if operation == "Commit":
            here.lake.disturbance.before = lambda *_: None
            table = here.table
            table.overwrite(table.scan().to_arrow())

    here.lake.disturbance.before = compacted
    assert here.commit().rows == 1
    assert here.numbers() == Counter({1, 2})
    assert Ledger.of(here.table.properties).covers(SHARD, "2".zfill(40))


def test_a_conflict_deletes_no_file_because_a_late_success_would_need_it(here: Here) -> None:
    here.stage_numbers(1)
    here.lake.disturbance.before = lambda operation, _: conflict() if operation == "Commit" else None
    with pytest.raises(Unavailable, match="took no commit"):
        here.commit()
    assert here.lake.io.deleted == []


@pytest.mark.parametrize(
    "error", [unknown, lambda *_: _raise(NoConnection()), lambda *_: _raise(ServiceUnavailableError())]
)
def test_a_lost_answer_is_looked_up_and_not_repeated(here: Here, error: Callable[..., None]) -> None:
    here.stage_numbers(1, 2)

    def once(operation: str, _: str) -> None:
        if operation == "Commit":
            here.lake.disturbance.after = lambda *_: None
            error()

    here.lake.disturbance.after = once
    assert here.commit() == CommitReport(rows=2, commits=1, objects=1)
    assert here.numbers() == Counter({1, 2})
    assert [one for one, _ in here.lake.disturbance.calls].count("Commit") == 1


def test_a_commit_that_did_not_arrive_is_sent_again(here: Here) -> None:
    here.stage_numbers(1, 2)

    def once(operation: str, _: str) -> None:
        if operation == "Commit":
            here.lake.disturbance.before = lambda *_: None
            unknown()

    here.lake.disturbance.before = once
    assert here.commit().rows == 2
    assert here.numbers() == Counter({1, 2})


def test_a_refusal_that_no_retry_helps_against_is_raised_at_once(here: Here) -> None:
    here.stage_numbers(1)
    here.lake.disturbance.before = lambda operation, _: _raise(ForbiddenError()) if operation == "Commit" else None
    with pytest.raises(ForbiddenError):
        here.commit()
    assert here.surroundings.waits == []
    assert len(here.bucket.keys("staged/")) == 1


def test_an_endless_conflict_ends_and_leaves_all_for_the_next_run(here: Here) -> None:
    here.stage_numbers(1)
    here.lake.disturbance.before = lambda operation, _: conflict() if operation == "Commit" else None
    with pytest.raises(Unavailable) as caught:
        here.commit()
    assert isinstance(caught.value.__cause__, CommitFailedException)
    assert len(here.surroundings.waits) == 7
    here.lake.disturbance.before = lambda *_: None
    assert here.commit().rows == 1


def test_a_crash_at_every_call_neither_loses_nor_repeats_a_row(here: Here) -> None:
    """Each call in turn is the last of its process, done or not; the next processes finish."""
    crashes = 0
    for when in ("before", "after"):
        for number in range(1, 100):
            first = crashes * 10 + 1
            here.stage_numbers(first, first + 1)
            here.stage_numbers(first + 2, shard="other")
            died = _crash(here, when, number)
            here.commit()
            assert here.bucket.keys("staged/") == []
            crashes += 1
            if not died:
                break
    expected = [crash * 10 + offset for crash in range(crashes) for offset in (1, 2, 3)]
    assert crashes > 15
    assert here.numbers() == Counter(expected)


def test_a_crash_in_a_backlog_of_many_commits(here: Here) -> None:
    for number in range(1, 9):
        here.stage_numbers(number, shard=f"shard-{number % 2}")
    for number in range(1, 200, 7):
        if not _crash(here, "after", number, most_bytes=1):
            break
    here.commit()
    assert here.numbers() == Counter(range(1, 9))


def test_an_object_that_vanishes_was_committed_by_another(here: Here) -> None:
    here.stage_numbers(1)

    def another_first(operation: str, _: str) -> None:
        if operation == "GetObject":
            here.bucket.before = lambda *_: None
            here.commit()

    here.bucket.before = another_first
    assert here.commit().rows == 0
    assert here.numbers() == Counter({1: 1})


def test_an_object_that_vanishes_and_is_not_in_the_ledger_is_an_error(here: Here) -> None:
    here.stage_numbers(1)
    here.bucket.before = lambda operation, _: here.bucket.objects.clear() if operation == "GetObject" else None
    with pytest.raises(Vanished, match="is gone"):
        here.commit()


def test_a_damaged_object_stops_the_committer_before_it_hides_rows(here: Here) -> None:
    here.stage_numbers(1)
    (key,) = here.bucket.keys("staged/")
    content, at = here.bucket.objects[key]
    here.bucket.objects[key] = (content[:-1] + b"x", at)
    with pytest.raises(BadItem, match="damaged"):
        here.commit()
    assert here.bucket.keys("staged/") == [key]


def test_a_deletion_that_is_refused_is_raised_and_repeats_no_row(here: Here) -> None:
    here.stage_numbers(1)
    here.bucket.delete_objects = lambda **_: {"Errors": [{"Key": "k", "Code": "AccessDenied"}]}
    for _ in range(2):
        with pytest.raises(ShardwellError, match="AccessDenied"):
            here.commit()
    assert here.numbers() == Counter({1})


def test_it_waits_until_the_oldest_object_is_old_enough(here: Here) -> None:
    here.stage_numbers(1)
    here.surroundings.forward(seconds=299)
    waiting = here.commit(after_seconds=300)
    assert (waiting.rows, waiting.waiting, waiting.lag_seconds) == (0, 1, 299)
    here.surroundings.forward(seconds=1)
    assert here.commit(after_seconds=300) == CommitReport(rows=1, commits=1, objects=1, lag_seconds=300)


def test_it_does_not_wait_when_enough_is_staged(here: Here) -> None:
    here.stage_numbers(*range(1, 20))
    assert here.commit(after_seconds=300, most_bytes=100).rows == 19


def test_a_backlog_is_committed_in_parts_until_time_is_up(here: Here) -> None:
    for number in range(1, 6):
        here.stage_numbers(number)
    left = iter([RESERVE_MS, RESERVE_MS, RESERVE_MS - 1])
    object.__setattr__(here.committer, "remaining_ms", lambda: next(left))
    report = here.commit(most_bytes=1)
    assert (report.commits, report.rows, report.waiting) == (2, 2, 3)
    assert here.numbers() == Counter({1, 2})


def test_batches_keep_each_shard_in_order_whatever_came_late(here: Here) -> None:
    here.stage_numbers(3, 4, shard="a")
    here.surroundings.forward(seconds=5)
    here.stage_numbers(1, shard="b")
    here.surroundings.forward(seconds=5)
    here.stage_numbers(1, 2, shard="a")  # late, and of earlier rows
    listing = list_staged(here.bucket, BUCKET)
    order = [(one.shard, int(one.first)) for batch in batches(listing, 1) for one in batch]
    assert order == [("b", 1), ("a", 1), ("a", 3)]


def test_a_list_of_many_pages_is_read_whole(here: Here) -> None:
    here.bucket.page = 2
    for number in range(1, 8):
        here.stage_numbers(number)
    assert here.commit().rows == 7


def test_manifests_become_one_before_they_are_too_many(here: Here) -> None:
    here.stage_numbers(1)
    here.commit()
    with here.table.transaction() as transaction:
        transaction.set_properties({"commit.manifest.min-count-to-merge": "4"})
    counts = []
    for number in range(2, 14):
        here.stage_numbers(number)
        here.commit()
        counts.append(len(here.table.current_snapshot().manifests(here.lake.io)))
    assert max(counts) == 3
    assert here.numbers() == Counter(range(1, 14))
    entries = here.table.inspect.entries().to_pylist()
    assert len({(entry["snapshot_id"], entry["sequence_number"]) for entry in entries}) == 13


def test_an_entry_of_the_ledger_goes_when_its_shard_is_done(here: Here) -> None:
    here.stage_numbers(1, shard="old")
    here.commit()
    here.surroundings.forward(days=4)
    here.stage_numbers(1, shard="new")
    here.commit()
    assert set(Ledger.of(here.table.properties).entries) == {"new"}


def test_an_entry_stays_while_something_of_its_shard_is_staged(here: Here) -> None:
    here.stage_numbers(1, shard="old")
    here.commit()
    here.surroundings.forward(days=4)
    here.stage_numbers(1, shard="old")
    here.stage_numbers(1, shard="new")
    here.commit(most_bytes=1)
    assert set(Ledger.of(here.table.properties).entries) == {"new", "old"}
    assert here.numbers() == Counter({1: 2})


def test_the_lag_is_that_of_the_oldest_row(here: Here) -> None:
    here.stage_numbers(1)
    here.surroundings.forward(seconds=90)
    here.stage_numbers(2)
    assert here.commit().lag_seconds == timedelta(seconds=90).total_seconds()


def _raise(error: Exception) -> None:
    raise error


def _crash(here: Here, when: str, number: int, **settings: int) -> bool:
    """A run that dies before or after its `number`-th call, whatever that is; whether it came to that."""
    done = Counter[str]()

    def count(*_: str) -> None:
        done["calls"] += 1
        if done["calls"] >= number:
            raise Crash(f"{when} call {number}")

    for disturbed in (here.bucket, here.lake.disturbance):
        setattr(disturbed, when, count)
    try:
        here.commit(**settings)
        return False
    except Crash:
        return True
    finally:
        for disturbed in (here.bucket, here.lake.disturbance):
            setattr(disturbed, when, lambda *_: None)
