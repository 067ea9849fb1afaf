"""The contract's limits on cost, held by the requests that a run really makes; the benchmark tells the whole bill."""

from __future__ import annotations

import pytest

from tests.bench import event_cost
from tests.bench.cost_run import Rhythm

SALES = 2_000
FULL = {
    "unpacked": Rhythm(messages=500, received=10, changes=1_000, rows=SALES),
    "packed": Rhythm(messages=4, received=1, changes=1_000, rows=SALES),
}


@pytest.mark.parametrize("kind", FULL)
def test_a_run_is_within_the_limit_but_for_the_indexes(kind: str) -> None:
    found = event_cost.case(SALES, FULL[kind], packed=kind == "packed")
    assert found["table_alone"] <= event_cost.LIMITS[kind]
    parts = found["parts"]
    assert parts["DynamoDB: the table"] == 0.625
    assert parts["DynamoDB: its indexes"] == 1.25
    assert found["with_its_indexes"] == pytest.approx(found["table_alone"] + 1.25, abs=0.001)
    assert found["largest_item_bytes"] <= 1_024


def test_an_event_a_sale_is_a_chunk_and_a_message_each() -> None:
    parts = event_cost.case(500, FULL["unpacked"], packed=False)["parts"]
    assert parts["EventBridge"] == 1.0
    assert parts["SQS"] == 0.48  # sent, received by ten, deleted by ten


def test_packing_takes_most_of_the_bus_and_the_queue_away() -> None:
    parts = event_cost.case(SALES, FULL["packed"], packed=True)["parts"]
    assert parts["EventBridge"] < 0.02
    assert parts["SQS"] < 0.02


def test_a_bill_that_lacks_a_price_is_an_error() -> None:
    bill = event_cost.Meter().bill
    bill.add("nothing", "no.such.price")
    with pytest.raises(LookupError, match=r"no\.such\.price"):
        bill.usd()
