"""What 1M sales of 1 KB cost from the bus to the lake, by a meter on every request that a run really makes.

Sales go through the publisher and the functions, packed and not, in batches as they are at two rates: busy, where they
are full, and at 1M a month, where windows end them. What is paid by the month whatever comes is told apart. The design
that was there before goes through the same meter.

What is assumed and not measured is in `details.assumed`. Limits are the contract's: $2.40 unpacked, $1.20 packed. Each
index of the table is written on demand at the price of the table itself, so both figures are given; the goal is held
against the dearer one.
"""

from __future__ import annotations

from typing import Any

from review.prices import price_list
from sales_intelligence.tables import SALES
from tests.bench import cost_run
from tests.bench.cost_meter import FULL_PROCESSOR_MB, WAITS, Meter, usd
from tests.bench.cost_run import Rhythm
from tests.bench.original_design import Original
from tests.bench.result import Result, at_most
from tests.bench.sale_events import sale

MILLION = 1_000_000
SALES_BUSY = 20_000
SALES_STEADY = 4_000
SALES_ORIGINAL = 500
LIMITS = {"unpacked": 2.40, "packed": 1.20}
BUSY = {
    "unpacked": Rhythm(messages=500, received=10, changes=1_000, rows=SALES_BUSY),
    "packed": Rhythm(messages=4, received=1, changes=1_000, rows=SALES_BUSY),
}
"""1B a month is 386 a second: full batches, but for events of 256 KB, of which few come within a window."""
STEADY = {
    "unpacked": Rhythm(messages=4, received=1, changes=6, rows=120),
    "packed": Rhythm(messages=1, received=1, changes=70, rows=280),
}
"""1M a month is one in 2.6 s: four in 10 s, six in a minute in each of four shards, 120 in a commit's 5 minutes.

The queue answers with each message as it comes. A packed event has some 280 sales and comes every 12 minutes, to be
spread over four shards, and is a commit.
"""
LONGER = Rhythm(messages=12, received=1, changes=29, rows=350)
"""The same with windows of 30 s for the queue and 300 s for the stream, and a commit every 15 minutes."""
COMMIT_CALLS = 43_200
IDLE_POLLS = 5 * 3 * 43_200
LOGS = "CloudWatch: logs"
TABLE, INDEXES = "DynamoDB: the table", "DynamoDB: its indexes"
CONTRACT = {"total": 18.67, "lambda": 16.67}


def run() -> Result:
    """The cost with the indexes, in parts of its limit, packed or not: whichever is nearer to it, or further over."""
    busy = {kind: case(SALES_BUSY, rhythm, packed=kind == "packed") for kind, rhythm in BUSY.items()}
    steady = {kind: case(SALES_STEADY, rhythm, packed=kind == "packed") for kind, rhythm in STEADY.items()}
    longer = case(SALES_STEADY, LONGER, packed=False)
    fixed = monthly()
    original = the_original()
    worst = max(LIMITS, key=lambda kind: float(busy[kind]["with_its_indexes"]) / LIMITS[kind])
    return at_most(
        1.0,
        name="event_cost",
        ours=busy[worst]["with_its_indexes"],
        theirs=LIMITS[worst],
        unit=f"USD for 1M sales of 1 KB ({worst}, the worse of both), against its limit",
        what=f"{SALES_BUSY:,} sales of 1 KB from bus to lake by a meter, scaled to 1M, with the table's indexes: each "
        "sale is in two of three, and each of these is a write unit more; `table_alone_holds` is without them",
        table_alone_holds={kind: busy[kind]["table_alone"] <= limit for kind, limit in LIMITS.items()},
        table_alone_at_1m_a_month_holds={kind: steady[kind]["table_alone"] <= limit for kind, limit in LIMITS.items()},
        limits=LIMITS,
        busy=busy,
        at_1m_a_month=steady,
        at_1m_a_month_unpacked_with_longer_windows=longer,
        by_the_month=fixed,
        months={
            "1M": {kind: _month(steady[kind], fixed, 1) for kind in LIMITS},
            "1B": {kind: _month(busy[kind], fixed, 1_000) for kind in LIMITS},
        },
        provisioned_at_1b=provisioned(),
        original=original,
        prices={"date": price_list().date, "region": price_list().region},
        assumed={
            "seconds_waited_for_an_answer": WAITS,
            "processor": f"as fast as this machine's, a part of one below {FULL_PROCESSOR_MB} MB",
            "memory_mb": cost_run.MEMORY_MB,
            "batches": {"busy": _told(BUSY), "at_1m_a_month": _told(STEADY)},
            "stream_shards": 4,
            "left_out": "cold starts, free tiers, storage, S3 Tables' compaction and monitoring, alarms",
        },
    )


def case(sales: int, rhythm: Rhythm, *, packed: bool) -> dict[str, Any]:
    """What a run costs, scaled to 1M sales, part by part; logs are not in the sums, as not in the limits."""
    meter = Meter(SALES)
    bodies = cost_run.publish(meter, [sale(number) for number in range(sales)], packed=packed)
    rows = cost_run.carry(meter, bodies, rhythm)
    if rows != sales:
        raise RuntimeError(f"{rows:,} rows are in the lake, of {sales:,} sales.")
    parts = meter.bill.usd(scale=MILLION / sales)
    total = sum(cost for what, cost in parts.items() if what != LOGS)
    return {
        "with_its_indexes": round(total, 3),
        "table_alone": round(total - parts[INDEXES], 3),
        "parts": parts,
        "largest_item_bytes": meter.item_bytes,
        "events": len(bodies),
        "calls_for_1m": {name: round(count * MILLION / sales) for name, count in meter.invocations.items()},
        "cpu_us_a_sale": {name: round(seconds / sales * 1e6) for name, seconds in meter.cpu_seconds.items()},
    }


def monthly() -> dict[str, float]:
    """What is paid in a month in which nothing comes."""
    meter = Meter(SALES)
    cost_run.idle_commit(Meter())  # the first one makes a client
    cost_run.idle_commit(meter)
    parts = meter.bill.usd(scale=COMMIT_CALLS)
    found = {
        "calls of the committer": round(sum(parts.values()), 3),
        "polls of an empty queue": round(usd("sqs.request", IDLE_POLLS), 3),
    }
    return {**found, "total": round(sum(found.values()), 3)}


def the_original() -> dict[str, Any]:
    """The design before, through the same meter, and what the contract says of it."""
    meter = Meter(SALES)
    bodies = cost_run.publish(meter, [sale(number) for number in range(SALES_ORIGINAL)], packed=False)
    del meter.bill.units["SQS"]
    details = [one[one.index('"detail": ') + len('"detail": ') : -1] for one in bodies]
    Original(meter).carry(details)
    parts = meter.bill.usd(scale=MILLION / SALES_ORIGINAL)
    total = sum(parts.values())
    return {
        "with_its_indexes": round(total, 3),
        "table_alone": round(total - parts[INDEXES], 3),
        "parts": parts,
        "contract": CONTRACT,
        "contract_means": "1 GB-s of x86 a call: what is measured here waits less, as its functions are warm",
    }


def provisioned() -> dict[str, Any]:
    """Write units of the table and two indexes at 1B a month, on demand and provisioned."""
    units = 1_000 * MILLION
    rate = units / (30 * 86_400)
    hours = 730
    kinds = {"on_demand": usd("dynamodb.write_unit", units)}
    for used in (1.0, 0.7):
        kinds[f"provisioned_{used:.0%}_used"] = usd("dynamodb.write_hour", rate / used * hours)
    return {kind: {"table": round(cost), "with_two_indexes": round(3 * cost)} for kind, cost in kinds.items()}


def _month(found: dict[str, Any], fixed: dict[str, float], millions: int) -> dict[str, float]:
    parts = {name: round(found[name] * millions + fixed["total"], 2) for name in ("with_its_indexes", "table_alone")}
    return {**parts, "logs_beside": round(found["parts"][LOGS] * millions, 2)}


def _told(rhythms: dict[str, Rhythm]) -> dict[str, str]:
    return {
        kind: f"{one.messages} messages, {one.changes} changes, {one.rows} rows a call, received by {one.received}"
        for kind, one in rhythms.items()
    }
