"""One record's write of a backfill: conditional, and decided anew where the record has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shardwell.backfill_plan import Delete, Give, Leave, plan, ttl_of
from shardwell.backfill_tally import Outcome
from shardwell.client import call
from shardwell.codec import Encoded
from shardwell.connection import Connection
from shardwell.errors import ConditionFailed, Throttled, TooLarge, Unavailable
from shardwell.expressions import F, Placeholders, every
from shardwell.points import asked_again, item_found
from shardwell.rate import RateLimit
from shardwell.schema import Table
from shardwell.values import decode_value

_ATTEMPTS = 10
_REFUSED_UNITS = 1.0
"""A write whose condition does not hold uses the table's write units all the same, and no index's."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """What became of a record, why if somebody has to look at it, and what it cost."""

    key: Encoded
    outcome: Outcome
    reason: str = ""
    write_units: float = 0.0


def units_of(table: Table) -> float:
    """Write units that one record should cost: one for the table and one for each index, of up to 1 KB each."""
    return 1.0 + len(table.indexes)


def deal_with(connection: Connection, table: Table, found: Encoded, decision: Give | Delete, limit: RateLimit) -> Dealt:
    """What became of a record: written as decided, if it still is what the decision was made from.

    The first write's units have been taken from `limit`; what it and further ones really cost is settled here. Raises
    Throttled or Unavailable where DynamoDB goes on refusing: that is no fault of this record.
    """
    key = key_of(table, found)
    spent = -units_of(table)
    uncertain = False
    refusal: Throttled | Unavailable | None = None
    for _ in connection.ambient.attempts(_ATTEMPTS):
        refusal = None
        try:
            used = _send(connection, table, found, decision)
        except ConditionFailed as error:
            limit.settle(spent + _REFUSED_UNITS)
            spent = 0.0
            present = item_found(error)
            uncertain = uncertain or asked_again(error)
            if present is None:
                return Dealt(key, "deleted" if uncertain and isinstance(decision, Delete) else "gone")
            if uncertain and isinstance(decision, Give) and _has(table, present, decision.at):
                return Dealt(key, "given")
            again = plan(table, present, connection.ambient.now())
            if isinstance(again, Leave):
                return Dealt(key, again.outcome, again.reason)
            found, decision = present, again
        except TooLarge as error:
            limit.settle(spent + _REFUSED_UNITS)
            return Dealt(key, "failed", str(error))
        except (Throttled, Unavailable) as error:
            # An answer that was lost may be one to a write that was carried out.
            uncertain = uncertain or isinstance(error, Unavailable)
            refusal = error
        else:
            limit.settle(spent + used)
            outcome: Outcome = "given" if isinstance(decision, Give) else "deleted"
            return Dealt(key, outcome, write_units=used)
    if refusal is not None:
        raise refusal
    return Dealt(key, "failed", f"It was changed by others {_ATTEMPTS} times in a row: run the backfill again.")


def key_of(table: Table, found: Encoded) -> Encoded:
    """A record's key as it is stored."""
    return {attribute.name: found[attribute.name] for attribute in table.key.attributes}


def key_text(key: Encoded) -> str:
    """A record's key as a person reads it."""
    return ", ".join(f"{name}={next(iter(value.values()))}" for name, value in key.items())


def _send(connection: Connection, table: Table, found: Encoded, decision: Give | Delete) -> float:
    """Write units used by the write, which is refused if the record has changed in what the decision was made from."""
    ttl = ttl_of(table)
    placeholders = Placeholders()
    condition = every(
        F(table.key.partition.name).exists(),
        F(ttl.attribute).missing(),
        None if ttl.after is None else F(ttl.after) == decode_value(found[ttl.after]),
    )
    request: dict[str, Any] = {
        "TableName": connection.table_name,
        "Key": key_of(table, found),
        "ReturnConsumedCapacity": "TOTAL",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if isinstance(decision, Give):
        name, value = placeholders.name(ttl.attribute), placeholders.value(ttl.attribute, decision.at)
        request["UpdateExpression"] = f"SET {name} = {value}"
    if condition is not None:
        request["ConditionExpression"] = condition.text(placeholders)
    client = connection.client
    operation = client.update_item if isinstance(decision, Give) else client.delete_item
    answer = call(operation, **request, **placeholders.request())
    return float(answer.get("ConsumedCapacity", {}).get("CapacityUnits", units_of(table)))


def _has(table: Table, present: Encoded, at: int) -> bool:
    stored = present.get(ttl_of(table).attribute, {}).get("N")
    return stored is not None and int(stored) == at
