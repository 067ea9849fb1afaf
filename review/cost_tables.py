"""What a DynamoDB table costs: each write is paid once for the table and once for each index that has the item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from review.intrinsics import has_intrinsic, is_intrinsic
from review.model import CostPart
from review.overlay import TABLES
from review.priced import HOURS, SECONDS, Item, Priced, figures, fixed, number, unknown, usage

_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
_LOCAL = " local"
"""Marks a local index, which has no capacity of its own; no property of a template is called so."""
_GLOBAL = "AWS::DynamoDB::GlobalTable"
_COMPUTED = "it is known only at deployment"


def table(of: Priced) -> Iterator[Item]:
    """The capacity, the storage and the recovery of a table of either type."""
    mode = of.properties.get("BillingMode", "PROVISIONED")
    indexes = _indexes(of.properties)
    copies = _copies(of)
    if not isinstance(mode, str) or indexes is None or copies is None:
        why = "its billing mode, indexes or replicas are known only at deployment"
        yield unknown(CostPart.USAGE, "writes, reads and storage", why)
        return
    if of.properties.get("TableClass", "STANDARD") != "STANDARD":
        yield unknown(CostPart.USAGE, "writes, reads and storage", "there is no price for its table class")
        return
    if mode == "PAY_PER_REQUEST":
        yield from _writes(of, indexes, copies)
        yield from _reads(of)
    else:
        yield from _provisioned(of, indexes)
    yield from _storage(of, indexes, copies)


def _writes(of: Priced, indexes: list[Mapping[str, Any]], copies: int) -> Iterator[Item]:
    given = figures(of, "writes_a_second", "item_kb")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "write units", given)
        return
    writes, size = given
    shares = [(_share(of, index), _units(_size(of, index, size))) for index in indexes]
    each = _units(size) + sum((share * units for share, units in shares), Decimal(0))
    what = f"{_plain(writes)} writes a second of {_plain(each)} units"
    if indexes:
        what += f": {_plain(_units(size))} in the table, {_plain(each - _units(size))} in {len(indexes)} indexes"
    if copies > 1:
        what += f", in {copies} regions"
    yield usage("write units", "dynamodb.write_unit", writes * SECONDS * each * copies, what)


def _reads(of: Priced) -> Iterator[Item]:
    given = figures(of, "reads_a_second", "item_kb")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "read units", given)
        return
    reads, size = given
    each = (size / 4).to_integral_value(ROUND_CEILING) / 2
    what = f"{_plain(reads)} eventually consistent reads a second of {_plain(each)} units"
    yield usage("read units", "dynamodb.read_unit", reads * SECONDS * each, what)


def _storage(of: Priced, indexes: list[Mapping[str, Any]], copies: int) -> Iterator[Item]:
    given = figures(of, "storage_gb")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "storage", given)
        return
    stored = given[0]
    size = (of.use.of("item_kb") if of.use else None) or Decimal(1)
    held = stored + sum((stored * _share(of, index) * _size(of, index, size) / size for index in indexes), Decimal(0))
    what = f"{_plain(held)} GB in the table and its indexes" + (f", in {copies} regions" if copies > 1 else "")
    yield usage("storage", "dynamodb.storage", held * copies, what)
    recovered = _recovery(of)
    if recovered is None:
        yield unknown(CostPart.USAGE, "point-in-time recovery", _COMPUTED)
    elif recovered:
        yield usage("point-in-time recovery", "dynamodb.recovery", held * recovered, f"{_plain(held)} GB")


def _provisioned(of: Priced, indexes: list[Mapping[str, Any]]) -> Iterator[Item]:
    for item, price, name in (
        ("write capacity", "dynamodb.write_hour", "WriteCapacityUnits"),
        ("read capacity", "dynamodb.read_hour", "ReadCapacityUnits"),
    ):
        own = [_capacity(each, name) for each in (of.properties, *indexes) if each.get(_LOCAL) is not True]
        if any(units is None for units in own):
            yield unknown(CostPart.FIXED, item, "its capacity scales, or is known only at deployment")
        else:
            units = sum((each for each in own if each is not None), Decimal(0))
            yield fixed(item, price, units * HOURS, f"{_plain(units)} units in the table and its indexes")


def _capacity(of: Mapping[str, Any], name: str) -> Decimal | None:
    given = of.get("ProvisionedThroughput")
    return number(given.get(name)) if isinstance(given, Mapping) else None


def _indexes(properties: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Every index; None where only CloudFormation can tell."""
    found: list[Mapping[str, Any]] = []
    for name in _INDEXES:
        entries = properties.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
            return None
        if any(is_intrinsic(each) for each in entries):
            return None
        found += [{**each, _LOCAL: name == _INDEXES[1]} for each in entries]
    return found


def _copies(of: Priced) -> int | None:
    """How many regions it is in; None where only CloudFormation can tell."""
    if of.type != _GLOBAL:
        return 1
    replicas = of.properties.get("Replicas")
    return max(len(replicas), 1) if isinstance(replicas, list) and not any(map(is_intrinsic, replicas)) else None


def _share(of: Priced, index: Mapping[str, Any]) -> Decimal:
    return (of.use.indexes.get(str(index.get("IndexName")), {}) if of.use else {}).get("share", Decimal(1))


def _size(of: Priced, index: Mapping[str, Any], whole: Decimal) -> Decimal:
    """KB of an item in an index; that of the whole item where nobody says otherwise."""
    said = (of.use.indexes.get(str(index.get("IndexName")), {}) if of.use else {}).get("item_kb")
    projection = index.get("Projection")
    keys = isinstance(projection, Mapping) and projection.get("ProjectionType") == "KEYS_ONLY"
    return said if said is not None else min(whole, Decimal(1)) if keys else whole


def _units(size: Decimal) -> Decimal:
    return max(size.to_integral_value(ROUND_CEILING), Decimal(1))


def _recovery(of: Priced) -> int | None:
    """In how many regions point-in-time recovery is on; None where only CloudFormation can tell."""
    found = 0
    replicas = of.properties.get("Replicas") if of.type == _GLOBAL else [of.properties]
    for each in replicas if isinstance(replicas, list) else []:
        given = each.get("PointInTimeRecoverySpecification") if isinstance(each, Mapping) else None
        if has_intrinsic(given):
            return None
        found += isinstance(given, Mapping) and str(given.get("PointInTimeRecoveryEnabled")).lower() == "true"
    return found


def _plain(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')).normalize():f}"


PRICED_TABLES = dict.fromkeys(TABLES, table)
