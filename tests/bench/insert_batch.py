"""Insert-if-absent of 5,000 items: 25 a request by PartiQL against a loop of conditional puts, on one emulator.

The emulator reads each statement in Python, twice, a token at a time: what it spends on an insert grows with the number
of attributes, and on a put hardly. The figure is that of a sale, which has 26 with its keys; that of a record of five
is told beside it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sales_intelligence.tables import SALES
from shardwell import Key, Table
from shardwell.client import make_client
from shardwell.codec import Codec
from shardwell.creation import create_table_request
from shardwell.store import Store
from tests.bench import sides
from tests.bench.result import Result, at_least
from tests.support.emulator import emulator

ITEMS = 5_000
ROUNDS = 10
PUTS = 500
GOAL = 7.0


@dataclass(frozen=True, kw_only=True)
class Order:
    """A record of five fields, its key among them."""

    order_id: str
    customer: str
    state: str
    lines: int
    placed_at: str


ORDERS = Table("bench-orders", key=Key(orderId=str), record=Order)
ORDER = {"orderId": "", "customer": "CUSTOMER-42", "state": "placed", "lines": 3, "placedAt": "2025-11-03T10:00:00Z"}


def run() -> Result:
    """Inserts a second of both ways."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as endpoint:
        client = make_client(**{**sides.FAKE, "endpoint_url": endpoint})
        sale = compare(client, SALES, sides.ITEM, identified_by="saleId")
        order = compare(client, ORDERS, ORDER, identified_by="orderId")
    return at_least(
        GOAL,
        name="insert_batch",
        ours=sale.ours,
        theirs=sale.theirs,
        unit="inserts a second",
        what=f"{ITEMS:,} sales of {sale.attributes} attributes inserted if absent, against conditional puts one after "
        f"the other, their items given encoded ({PUTS} timed)",
        record_of_five={
            "attributes": order.attributes,
            "ours": round(order.ours),
            "theirs": round(order.theirs),
            "ratio": round(order.ours / order.theirs, 2),
        },
    )


@dataclass(frozen=True)
class Rates:
    """Inserts a second of both ways, and how many attributes a stored item has."""

    ours: float
    theirs: float
    attributes: int


def compare(client: Any, table: Table, item: Mapping[str, Any], *, identified_by: str) -> Rates:
    """Both in turns, each into a table of its own."""
    mine, other = (f"{table.name_template.replace('{stage}', 'bench')}-{side}" for side in ("mine", "theirs"))
    for name in (mine, other):
        client.create_table(**create_table_request(table, name=name))
    store, codec = Store(table, name=mine, client=client), Codec.of(table, None, other)
    absent = f"attribute_not_exists({table.key.partition.name})"
    items = [{**item, identified_by: f"ID-{number:06d}"} for number in range(ITEMS)]
    encoded = [codec.encoded(one, datetime.now(UTC)) for one in items[:PUTS]]
    seconds = {"ours": 0.0, "theirs": 0.0}
    for turn in range(ROUNDS):
        began = time.perf_counter()
        outcomes = store.insert_many(items[turn::ROUNDS])
        seconds["ours"] += time.perf_counter() - began
        if any(outcome.status != "inserted" for outcome in outcomes):
            raise RuntimeError("An insert failed.")
        began = time.perf_counter()
        for one in encoded[turn::ROUNDS]:
            client.put_item(TableName=other, Item=one, ConditionExpression=absent)
        seconds["theirs"] += time.perf_counter() - began
    return Rates(ITEMS / seconds["ours"], PUTS / seconds["theirs"], len(encoded[0]))
