"""Guard rails of lakes: cdk-nag has no rule for S3 Tables."""

from __future__ import annotations

from collections.abc import Iterator

from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Template, properties

_OFF = "disabled"


def _without_protection(template: Template) -> Iterator[str]:
    for logical_id, resource in template.of(
        "AWS::S3Tables::TableBucket", "AWS::S3Tables::Namespace", "AWS::S3Tables::Table"
    ):
        if not (resource.get("DeletionPolicy") == "Retain" and resource.get("UpdateReplacePolicy") == "Retain"):
            yield logical_id


def _without_maintenance(template: Template) -> Iterator[str]:
    for logical_id, table in template.of("AWS::S3Tables::Table"):
        found = properties(table)
        if any(_is_off(found.get(name)) for name in ("Compaction", "SnapshotManagement")):
            yield logical_id
    for logical_id, bucket in template.of("AWS::S3Tables::TableBucket"):
        if _is_off(properties(bucket).get("UnreferencedFileRemoval")):
            yield logical_id


def _is_off(maintenance: object) -> bool:
    """Whether it was turned off: S3 Tables does it unless told otherwise."""
    return isinstance(maintenance, dict) and str(maintenance.get("Status", "")).lower() == _OFF


RULES = (
    Rule(
        id="LakeProtection",
        says="The lake goes with its stack, or with a change that replaces it: it is not retained.",
        fix="Let the stage's settings retain, or acknowledge why its data may be lost.",
        broken_by=_without_protection,
    ),
    Rule(
        id="LakeMaintenance",
        says="Small files stay small, old snapshots stay, or files that no snapshot has: queries slow down, and all of "
        "it is paid for.",
        fix="Leave compaction, snapshot management and the removal of unreferenced files enabled (see Lake).",
        broken_by=_without_maintenance,
    ),
)
