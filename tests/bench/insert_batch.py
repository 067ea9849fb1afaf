"""Insert-if-absent of 5,000 items: 25 a request by PartiQL against a loop of conditional puts, on one emulator."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.creation import create_table_request
from shardwell.store import Store
from tests.bench import sides
from tests.bench.result import Result, at_least
from tests.support.emulator import emulator

ITEMS = 5_000
SAMPLE = 500
GOAL = 7.0


def run() -> Result:
    """Inserts a second of both ways."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as endpoint:
        mine, theirs = compare(make_client(**{**sides.FAKE, "endpoint_url": endpoint}))
    return at_least(
        GOAL,
        name="insert_batch",
        ours=mine,
        theirs=theirs,
        unit="inserts a second",
        what=f"{ITEMS:,} sales inserted if absent, against conditional puts one after the other ({SAMPLE} timed)",
    )


def compare(client: Any) -> tuple[float, float]:
    """Both in turns, in batches of the sample's size, each into a table of its own."""
    seconds = {"mine": 0.0, "theirs": 0.0}
    for table in seconds:
        client.create_table(**create_table_request(SALES, name=table))
    store = Store(SALES, name="mine", client=client)
    for start in range(0, ITEMS, SAMPLE):
        items = [{**sides.ITEM, "saleId": f"SALE-{number:06d}"} for number in range(start, start + SAMPLE)]
        began = time.perf_counter()
        outcomes = store.insert_many(items)
        seconds["mine"] += time.perf_counter() - began
        if any(outcome.status != "inserted" for outcome in outcomes):
            raise RuntimeError("An insert failed.")
        if start == 0:
            encoded = [sides.encoded(saleId=item["saleId"]) for item in items]
            began = time.perf_counter()
            for item in encoded:
                client.put_item(TableName="theirs", Item=item, ConditionExpression="attribute_not_exists(PK)")
            seconds["theirs"] += time.perf_counter() - began
    return ITEMS / seconds["mine"], SAMPLE / seconds["theirs"]
