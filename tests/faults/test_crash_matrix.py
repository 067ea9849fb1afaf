"""No accepted sale is lost or repeated, whatever happens at any call: a part of what the benchmark runs whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.bench import crash_matrix
from tests.support.pipeline.calls import KINDS
from tests.support.pipeline.schedules import Schedule, plain_calls, run, seeded, single_faults
from tests.support.pipeline.world import deterministic

EVERY = 41
"""Of the single faults: a prime, so that each kind comes at calls of all functions."""
SEEDED = 16
FIRST_SEED = 10_000
"""Other seeds than the benchmark's."""


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    with deterministic():
        yield


def test_a_plain_run_makes_every_kind_of_call() -> None:
    made = Counter((one.function, one.operation) for one in plain_calls())
    assert set(made) == {
        ("sync", "PutObject"),
        ("sync", "BatchExecuteStatement"),
        ("sync", "BatchGetItem"),
        ("sync", "ChangeMessageVisibility"),
        ("stage", "GetObject"),
        ("stage", "PutObject"),
        ("commit", "ListObjectsV2"),
        ("commit", "GetObject"),
        ("commit", "LoadTable"),
        ("commit", "ReadFile"),
        ("commit", "WriteFile"),
        ("commit", "Commit"),
        ("commit", "DeleteObjects"),
    }


def test_the_same_schedule_is_the_same_run() -> None:
    first, second = run(Schedule(FIRST_SEED)), run(Schedule(FIRST_SEED))
    assert (first.calls, first.hits) == (second.calls, second.hits)


def test_a_run_without_faults_ends_right() -> None:
    assert run(Schedule(7, ("sync", 10_000, "late"))).verdict.good


@pytest.mark.parametrize("part", range(4))
def test_one_fault_at_a_call(part: int) -> None:
    some = list(single_faults())[::EVERY]
    for schedule in some[part::4]:
        found = run(schedule)
        assert found.verdict.good, found
        assert [hit.kind for hit in found.hits] == [schedule.at[2] if schedule.at else None]


@pytest.mark.parametrize("part", range(4))
def test_several_faults_by_chance(part: int) -> None:
    for schedule in seeded(SEEDED // 4, first=FIRST_SEED + part * SEEDED):
        found = run(schedule)
        assert found.verdict.good, found


@pytest.mark.heavy
def test_the_whole_matrix() -> None:
    result = crash_matrix.run()
    assert result.holds, result.details["first_failures"]
    assert result.theirs >= 500
    assert set(result.details["faults_by_kind"]) == set(KINDS)
