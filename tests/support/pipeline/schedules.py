"""Schedules of faults: one at every call of a plain run in every way, then several at once by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.support.pipeline.calls import KINDS, Hit, Kind, Made, Plan, undisturbed
from tests.support.pipeline.verdict import Verdict, judge
from tests.support.pipeline.workload import Workload, workload
from tests.support.pipeline.world import World

PLAIN_SEED = 2026
TURNS = 3
MOST_TURNS = 12
"""To come to rest in, when nothing fails any more."""
PROBABILITY = 0.06
RECEIPTS = 3
TRIES = 4


@dataclass(frozen=True)
class Schedule:
    """A run to be: its seed, and either the one call that is disturbed, or chance, which disturbs several."""

    seed: int
    at: tuple[str, int, Kind] | None = None

    def plan(self) -> Plan:
        """What it does at each call."""
        if self.at is not None:
            function, number, kind = self.at
            return lambda made: kind if (made.function, made.number) == (function, number) else None
        chance = Random(f"faults {self.seed}")

        def by_chance(made: Made) -> Kind | None:
            return chance.choice(kinds_at(made)) if chance.random() < PROBABILITY else None

        return by_chance


@dataclass(frozen=True)
class Run:
    """What came of a schedule."""

    schedule: Schedule
    verdict: Verdict
    calls: int
    hits: tuple[Hit, ...]
    sales: int


def kinds_at(made: Made) -> Sequence[Kind]:
    """What can happen at a call: compaction matters to the committer alone."""
    return KINDS if made.function == "commit" else [kind for kind in KINDS if kind != "compacted"]


def plain_calls() -> list[Made]:
    """Every call of a run without faults."""
    world = World(PLAIN_SEED, undisturbed)
    _run(world, workload(Random(PLAIN_SEED)))
    return world.calls.made


def single_faults() -> Iterator[Schedule]:
    """A schedule for each call of the plain run and each thing that can happen there."""
    for made in plain_calls():
        for kind in kinds_at(made):
            yield Schedule(PLAIN_SEED, (made.function, made.number, kind))


def seeded(count: int, *, first: int = 0) -> Iterator[Schedule]:
    """So many schedules by chance."""
    return (Schedule(seed) for seed in range(first, first + count))


def run(schedule: Schedule) -> Run:
    """A run with its faults, then without any until it is at rest, and the verdict."""
    world, sent = World(schedule.seed, schedule.plan()), workload(Random(schedule.seed))
    _run(world, sent)
    calls, hits = len(world.calls.made), tuple(world.calls.hits)
    _drain(world)
    return Run(schedule, judge(world, sent), calls, hits, len(sent.accepted))


def _run(world: World, sent: Workload) -> None:
    for turn in range(TURNS):
        for message in sent.messages[turn::TURNS]:
            world.queue.send(message.body)
        world.turn()


def _drain(world: World) -> None:
    world.calls.plan = undisturbed
    world.arrive(probability=1)
    world.queue.limit(RECEIPTS)
    for poller in world.pollers:
        poller.most_tries = TRIES
    for _ in range(MOST_TURNS):
        if world.at_rest:
            return
        world.turn()
