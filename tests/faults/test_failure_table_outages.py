"""A service is down for minutes, or for hours: nothing is lost, nothing is twice, and once it is back all is in."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from carousel_sync.stage import Stager
from shardwell.ledger import KEPT
from shardwell.stream_events import batch_of
from tests.support.pipeline.calls import Kind, Made
from tests.support.pipeline.schedules import RECEIPTS, TRIES
from tests.support.pipeline.verdict import judge
from tests.support.pipeline.workload import workload
from tests.support.pipeline.world import BUCKET, World, deterministic, lines

S3 = frozenset({"PutObject", "GetObject", "ListObjectsV2", "DeleteObjects"})
CATALOG = frozenset({"LoadTable", "Commit"})
COMMITS = frozenset({"Commit"})
"""As above, but what is in the table can be read."""
DYNAMODB = frozenset({"BatchExecuteStatement", "BatchGetItem"})
HOW: tuple[Kind, ...] = ("refused", "never_arrives", "answer_lost")

MINUTES = 2
"""Turns of seven minutes each: a message that fails has come so often by then, and may come once more."""
HOURS = 20
"""By then every message that fails is a dead letter, and every change a position in a queue."""
MOST_TURNS = 20
"""To come to rest in."""


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    with deterministic():
        yield


class Outage:
    """A pipeline with messages, whose calls to a service all fail in one way until it is back."""

    def __init__(self, how: Kind, calls: frozenset[str], *, seed: int, most_tries: int | None = None) -> None:
        self._down = calls
        self._how = how
        self.world = World(seed, self._plan)
        self.world.queue.limit(RECEIPTS)
        for poller in self.world.pollers:
            poller.most_tries = most_tries
        self.sent = workload(Random(seed))
        for message in self.sent.messages:
            self.world.queue.send(message.body)

    def last(self, turns: int) -> None:
        """The service stays down for so long."""
        for _ in range(turns):
            self.world.turn()

    def end(self) -> None:
        """The service is back, and all that waits goes through."""
        self._down = frozenset()
        self._come_to_rest()

    def redrive(self) -> None:
        """What a person does: dead letters go back to their queue, positions of the stream are read again."""
        dead, self.world.queue.dead = self.world.queue.dead, []
        for body in dead:
            self.world.queue.send(body)
        stager = Stager(lines()[1].client, BUCKET)
        for shard, poller in zip(self.world.table.records, self.world.pollers, strict=True):
            for record in poller.skipped:
                stager.stage(batch_of([record], shard=shard), kind="redriven")
            poller.skipped = []
        self._come_to_rest()

    @property
    def dead_for_the_outage(self) -> list[str]:
        """Dead letters in which nothing is bad, and nothing in conflict."""
        accepted = self.sent.accepted
        sound = [one.body for one in self.sent.messages if all(s.good and len(accepted[s.key]) == 1 for s in one.sales)]
        return [body for body in self.world.queue.dead if body in sound]

    @property
    def skipped(self) -> int:
        """Changes that the stager was not able to stage."""
        return sum(len(poller.skipped) for poller in self.world.pollers)

    @property
    def rows(self) -> int:
        """How many the lake has."""
        with self.world.calls.others():
            return len(self.world.load().scan(selected_fields=("sequence",)).to_arrow())

    def check(self) -> None:
        """Every accepted sale is in both stores, once and as it was sent; only what cannot be stored is dead."""
        verdict = judge(self.world, self.sent)
        assert verdict.good, verdict

    def _come_to_rest(self) -> None:
        for _ in range(MOST_TURNS):
            if self.world.at_rest:
                return
            self.world.turn()

    def _plan(self, made: Made) -> Kind | None:
        return self._how if made.operation in self._down else None


@pytest.mark.parametrize("how", HOW)
def test_s3_is_down_for_minutes(how: Kind) -> None:
    outage = Outage(how, S3, seed=1)
    outage.last(MINUTES)
    assert outage.dead_for_the_outage == []
    assert [item for item in outage.world.table.items.values() if "embeddingS3Key" in item] == []
    assert (outage.rows, outage.skipped) == (0, 0)
    outage.end()
    outage.redrive()
    outage.check()


def test_s3_is_down_for_hours() -> None:
    outage = Outage("refused", S3, seed=2, most_tries=TRIES)
    outage.last(HOURS)
    assert outage.dead_for_the_outage
    assert outage.skipped
    outage.end()
    outage.redrive()
    outage.check()


@pytest.mark.parametrize(
    ("how", "calls"),
    [*((how, CATALOG) for how in HOW), ("refused", COMMITS), ("never_arrives", COMMITS)],
)
def test_the_catalog_is_down_for_minutes(how: Kind, calls: frozenset[str]) -> None:
    outage = Outage(how, calls, seed=3)
    outage.last(MINUTES)
    assert len(outage.world.table.items) == len(outage.sent.accepted)
    assert outage.world.bucket.keys("staged/")
    assert outage.rows == 0
    assert (outage.dead_for_the_outage, outage.skipped) == ([], 0)
    outage.end()
    outage.redrive()
    outage.check()


def test_the_catalog_answers_no_commit_and_carries_out_each() -> None:
    outage = Outage("answer_lost", COMMITS, seed=3)
    outage.last(MINUTES)
    assert outage.rows == len(outage.sent.accepted)
    assert outage.world.bucket.keys("staged/") == []
    outage.end()
    outage.redrive()
    outage.check()


def test_the_catalog_is_down_for_hours() -> None:
    outage = Outage("refused", CATALOG, seed=4, most_tries=TRIES)
    outage.last(HOURS)
    assert (outage.dead_for_the_outage, outage.skipped, outage.rows) == ([], 0, 0)
    outage.end()
    outage.check()


@pytest.mark.parametrize("how", HOW)
def test_dynamodb_is_down_for_minutes(how: Kind) -> None:
    outage = Outage(how, DYNAMODB, seed=5)
    outage.last(MINUTES)
    assert outage.dead_for_the_outage == []
    assert outage.rows <= len(outage.world.table.items)
    outage.end()
    outage.redrive()
    outage.check()


def test_dynamodb_is_down_for_hours() -> None:
    outage = Outage("refused", DYNAMODB, seed=6)
    outage.last(HOURS)
    assert outage.dead_for_the_outage
    assert outage.world.table.items == {}
    outage.end()
    outage.redrive()
    outage.check()


def test_the_committer_is_not_called_for_days() -> None:
    outage = Outage("refused", frozenset(), seed=7)
    for _ in range(5):
        outage.world.sync()
        outage.world.stage()
        outage.world.now += KEPT
    assert outage.rows == 0
    outage.end()
    outage.redrive()
    outage.check()
