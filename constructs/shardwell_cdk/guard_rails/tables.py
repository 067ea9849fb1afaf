"""Guard rails of tables. cdk-nag looks at AWS::DynamoDB::Table only, never at the GlobalTable that TableV2 makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Resource, Template, properties

_TABLES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")


def _without_recovery(template: Template) -> Iterator[str]:
    for logical_id, table in template.of(*_TABLES):
        for copy in _copies(table):
            recovery = copy.get("PointInTimeRecoverySpecification") or {}
            if recovery.get("PointInTimeRecoveryEnabled") is not True:
                yield logical_id
                break


def _without_protection(template: Template) -> Iterator[str]:
    for logical_id, table in template.of(*_TABLES):
        kept = table.get("DeletionPolicy") == "Retain" and table.get("UpdateReplacePolicy") == "Retain"
        if not kept or any(copy.get("DeletionProtectionEnabled") is not True for copy in _copies(table)):
            yield logical_id


def _without_encryption(template: Template) -> Iterator[str]:
    for logical_id, table in template.of(*_TABLES):
        if (properties(table).get("SSESpecification") or {}).get("SSEEnabled") is not True:
            yield logical_id


def _copies(table: Resource) -> list[Mapping[str, Any]]:
    """What holds for each region: the replicas of a global table, the table itself otherwise."""
    found = properties(table)
    return list(found["Replicas"]) if "Replicas" in found else [found]


RULES = (
    Rule(
        id="TableRecovery",
        says="The table cannot be restored to a point in time: a bad write is lost data.",
        fix="Give the stage's settings recovery_days, or acknowledge why its data may be lost.",
        broken_by=_without_recovery,
    ),
    Rule(
        id="TableProtection",
        says="The table can be deleted: it lacks deletion protection, or is not retained with its stack.",
        fix="Let the stage's settings retain, or acknowledge why its data may be lost.",
        broken_by=_without_protection,
    ),
    Rule(
        id="TableEncryption",
        says="The table is encrypted with a key whose use nobody can see.",
        fix="Encrypt it with the key DynamoDB keeps for the account, or with one of your own.",
        broken_by=_without_encryption,
    ),
)
