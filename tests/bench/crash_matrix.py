"""The whole pipeline under faults: at every call of a plain run everything that can happen there, then chance.

A run is 17 sales in some 20 messages, with repeats, conflicts and bad ones, through the functions that write, stage and
commit, over services in memory. After its faults it is let come to rest. Then every accepted sale must be one item and
one row, as it was sent, and the dead letters the bad and conflicting messages alone.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.bench.result import Result, at_least
from tests.support.pipeline import schedules as matrix
from tests.support.pipeline.schedules import Run, Schedule, plain_calls, seeded, single_faults
from tests.support.pipeline.world import deterministic

SEEDED = 200
GOAL = 1.0
AT_ONCE = 10
SHOWN = 5


def run_all(schedules: Iterable[Schedule]) -> list[Run]:
    """The runs of these schedules, in their order, as many at once as this machine has processors."""
    # Each in a process of its own: the services in memory are behind clients that a process has one of.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(run_quietly, schedules, chunksize=AT_ONCE))


def run_quietly(schedule: Schedule) -> Run:
    """The run of a schedule, in a process that does nothing else."""
    with deterministic():
        return matrix.run(schedule)


def run() -> Result:
    """How many of the schedules end right: all of them, or the first that do not are shown."""
    began = time.perf_counter()
    with deterministic():
        plain = plain_calls()
        single = list(single_faults())
    runs = run_all([*single, *seeded(SEEDED)])
    # One whose fault did not come about has shown nothing.
    bad = [one for one in runs if not one.verdict.good or (one.schedule.at and len(one.hits) != 1)]
    disturbed = {(hit.call.function, hit.call.number) for one in runs if one.schedule.at for hit in one.hits}
    hits = [hit for one in runs for hit in one.hits]
    functions = ("sync", "stage", "commit")
    return at_least(
        GOAL,
        name="crash_matrix",
        ours=len(runs) - len(bad),
        theirs=len(runs),
        unit="schedules that end right, of all",
        what=f"{len(runs):,} schedules: each of {len(plain)} calls of a plain run disturbed in each way, and {SEEDED} "
        "by chance, with repeats, regrouped batches, two shards and compaction; lost and repeated must be 0",
        lost=sum(len(one.verdict.lost) for one in runs),
        repeated=sum(len(one.verdict.repeated) for one in runs),
        otherwise_wrong=sum(len(one.verdict.wrong) for one in runs),
        sales=sum(one.sales for one in runs),
        schedules={"one_fault": len(single), "several_by_chance": SEEDED},
        calls_of_a_plain_run={name: sum(made.function == name for made in plain) for name in functions},
        calls_disturbed=len(disturbed),
        faults=len(hits),
        faults_by_kind=dict(sorted(Counter(hit.kind for hit in hits).items())),
        faults_by_call={
            name: dict(sorted(Counter(hit.call.operation for hit in hits if hit.call.function == name).items()))
            for name in functions
        },
        first_failures=[str(one) for one in bad[:SHOWN]],
        seconds=round(time.perf_counter() - began),
    )
