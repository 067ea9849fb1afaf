"""The keys of a table and of its indexes, as DynamoDB describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class TableKeys:
    """Key attributes of a table and its indexes (partition first), their types, and what each index holds."""

    table: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]
    types: Mapping[str, str]
    projected: Mapping[str, frozenset[str] | None]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> TableKeys:
        """From the answer of DescribeTable."""
        indexes = described.get("GlobalSecondaryIndexes") or []
        table = _names(described["KeySchema"])
        return cls(
            table=table,
            indexes={one["IndexName"]: _names(one["KeySchema"]) for one in indexes},
            types={one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]},
            projected={one["IndexName"]: _held(one, table) for one in indexes},
        )

    def identity(self, item: Mapping[str, Any]) -> tuple[Any, ...]:
        """An item's table key; equal numbers are equal however they are spelt."""
        return tuple(_plain(item[name]) for name in self.table)


def _names(schema: list[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(one["AttributeName"] for one in sorted(schema, key=lambda one: one["KeyType"]))


def _held(index: Mapping[str, Any], table: tuple[str, ...]) -> frozenset[str] | None:
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return None
    return frozenset([*_names(index["KeySchema"]), *table, *projection.get("NonKeyAttributes", [])])


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return Decimal(inner) if kind == "N" else inner
