"""The limit of units a second."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shardwell.rate import RateLimit


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.longest = 0.0

    def sleep(self, seconds: float) -> None:
        self.longest = max(self.longest, seconds)
        self.now += seconds

    def limit(self, per_second: float) -> RateLimit:
        return RateLimit(per_second, clock=lambda: self.now, sleep=self.sleep)


def test_units_are_let_through_at_the_rate() -> None:
    time = Time()
    limit = time.limit(20)
    for _ in range(101):
        assert limit.take(4)
    # The first needs no wait; what it took is what the second waits for.
    assert time.now - 1_000 == pytest.approx(100 * 4 / 20)


def test_a_pause_saves_up_one_second_and_no_more() -> None:
    time = Time()
    limit = time.limit(10)
    limit.take(1)
    time.now += 3_600
    started = time.now
    for _ in range(10):
        limit.take(1)
    assert time.now == started
    for _ in range(10):
        limit.take(1)
    assert time.now - started == pytest.approx(0.9, abs=0.11)


def test_what_was_used_beyond_what_was_taken_is_waited_for_later() -> None:
    time = Time()
    limit = time.limit(10)
    limit.take(1)
    limit.settle(49)
    limit.take(1)
    assert time.now - 1_000 == pytest.approx(5)


def test_what_was_taken_and_not_used_is_given_back() -> None:
    time = Time()
    limit = time.limit(10)
    limit.take(50)
    limit.settle(-49)
    limit.take(1)
    assert time.now - 1_000 == pytest.approx(0.1)


def test_who_is_told_to_stop_waits_no_longer_than_half_a_second() -> None:
    time = Time()
    limit = time.limit(1)
    limit.take(600)
    assert not limit.take(1, unless=lambda: time.now >= 1_002)
    assert time.now <= 1_002.5
    assert time.longest <= 0.5


def test_threads_share_one_rate() -> None:
    limit = RateLimit(1_000)
    import time

    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: limit.take(1), range(200)))
    assert time.monotonic() - started >= 0.19


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_lets_nothing_through_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        RateLimit(rate)
