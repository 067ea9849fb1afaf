"""A page of 1,000 items from the answer to Python values: ours against boto3's resource and PynamoDB."""

from __future__ import annotations

from tests.bench import sides
from tests.bench.measure import cpu
from tests.bench.result import Result, at_most

ITEMS = 1_000
GOAL = 1 / 5
GOAL_PYNAMO = 1 / 4


def run() -> Result:
    """CPU of one query with its page."""
    (store, one), (table, two), (model, three) = sides.ours(), sides.resource(), sides.pynamo()
    for service in (one, two, three):
        service.answer(sides.page_of(ITEMS))
    key = sides.encoded()["PK"]["S"]
    condition = {"KeyConditionExpression": "PK = :p", "ExpressionAttributeValues": {":p": key}}
    query = store.query(tenant="north", productId="PROD-00001")
    mine, boto, pynamo = cpu(
        lambda: query.page(limit=ITEMS).items,
        lambda: table.query(**condition)["Items"],
        lambda: list(model.query(key)),
        rounds=7,
        repeat=2,
    )
    against_pynamo = mine / pynamo
    return at_most(
        GOAL,
        name="query_decode",
        ours=mine * 1_000,
        theirs=boto * 1_000,
        unit="CPU ms a page",
        what=f"a query with a page of {ITEMS:,} sales, answered from memory, against boto3's resource",
        pynamodb=round(pynamo * 1_000, 1),
        ratio_to_pynamodb=round(against_pynamo, 3),
        goal_to_pynamodb=GOAL_PYNAMO,
        holds_to_pynamodb=against_pynamo <= GOAL_PYNAMO,
    )
