"""One item put, got, updated: our CPU against the bare boto3 client's, which is given items ready made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.bench import sides
from tests.bench.measure import cpu
from tests.bench.result import Result, at_most

GOAL = 1.1
ROUNDS, REPEAT = 9, 150


def run() -> Result:
    """The worst of the three operations."""
    measured = {"put": put(), "get": get(), "update": update()}
    worst = max(measured, key=lambda name: measured[name][0] / measured[name][1])
    mine, bare, _ = measured[worst]
    return at_most(
        GOAL,
        name="point_ops",
        ours=mine * 1e6,
        theirs=bare * 1e6,
        unit=f"CPU µs a call ({worst}, the worst)",
        what="a sale put, got and updated, answered from memory, against the bare boto3 client given encoded items",
        operations={name: _row(*times) for name, times in measured.items()},
    )


def put() -> list[float]:
    """Ours, the bare client's, PynamoDB's."""
    (store, _), (client, _), (model, other) = sides.ours(), sides.bare(), sides.pynamo()
    other.answer({})
    item = sides.encoded()
    values = plain(item)
    return cpu(
        lambda: store.put(sides.ITEM),
        lambda: client.put_item(TableName=sides.NAME, Item=item),
        lambda: model(**values).save(),
        rounds=ROUNDS,
        repeat=REPEAT,
    )


def get() -> list[float]:
    """Ours, the bare client's, PynamoDB's."""
    (store, one), (client, two), (model, three) = sides.ours(), sides.bare(), sides.pynamo()
    item = sides.encoded()
    for service in (one, two, three):
        service.answer({"Item": item})
    key = {name: item[name] for name in ("PK", "SK")}
    return cpu(
        lambda: store.get(sides.KEY),
        lambda: client.get_item(TableName=sides.NAME, Key=key),
        lambda: model.get(key["PK"]["S"], key["SK"]["S"]),
        rounds=ROUNDS,
        repeat=REPEAT,
    )


def update() -> list[float]:
    """Ours, the bare client's with the same expressions, PynamoDB's."""
    (store, one), (client, two), (model, three) = sides.ours(), sides.bare(), sides.pynamo()
    item = sides.encoded()
    for service in (one, two, three):
        service.answer({"Attributes": item})
    request = {
        "TableName": sides.NAME,
        "Key": {name: item[name] for name in ("PK", "SK")},
        "UpdateExpression": "SET #n0 = :v0",
        "ConditionExpression": "(attribute_exists(#n1)) AND ((attribute_not_exists(#n2)) OR (#n2 > :v1))",
        "ExpressionAttributeNames": {"#n0": "salePrice", "#n1": "PK", "#n2": "ttl"},
        "ExpressionAttributeValues": {":v0": {"N": "400"}, ":v1": {"N": "1762164000"}},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    stored = model(**plain(item))
    condition = model.PK.exists() & (model.ttl.does_not_exist() | (model.ttl > 1_762_164_000))
    return cpu(
        lambda: store.update(sides.KEY, {"salePrice": Decimal(400)}),
        lambda: client.update_item(**request),
        lambda: stored.update(actions=[model.salePrice.set(400)], condition=condition),
        rounds=ROUNDS,
        repeat=REPEAT,
    )


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """An item's values as PynamoDB takes them."""
    return {name: float(one["N"]) if "N" in one else one["S"] for name, one in item.items()}


def _row(mine: float, bare: float, pynamo: float) -> dict[str, float]:
    return {
        "ours_us": round(mine * 1e6),
        "bare_us": round(bare * 1e6),
        "pynamodb_us": round(pynamo * 1e6),
        "ratio": round(mine / bare, 3),
        "ratio_to_pynamodb": round(mine / pynamo, 3),
    }
