"""Copies of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shardwell_cdk import BackupPlan, BackupRule, SchemaTable, Settings
from tests.unit.constructs.made import CAREFUL, CARELESS, PLAIN, acknowledged, findings, found, resources, stack

BACKED_UP = replace(
    CAREFUL,
    backups=(
        BackupRule(name="daily", schedule="0 3 * * ? *", keep_days=35),
        BackupRule(name="monthly", schedule="0 4 1 * ? *", keep_days=365),
    ),
)


def plan(scope: Any, settings: Settings) -> None:
    table = SchemaTable(scope, "Plain", schema=PLAIN, settings=settings)
    BackupPlan(scope, "Backups", tables=[table], settings=settings)


def test_the_rules_are_those_of_the_stage() -> None:
    made = stack()
    plan(made, BACKED_UP)
    [properties] = resources(made, "AWS::Backup::BackupPlan")
    rules = {each["RuleName"]: each for each in properties["BackupPlan"]["BackupPlanRule"]}
    assert {name: (each["ScheduleExpression"], each["Lifecycle"]) for name, each in rules.items()} == {
        "daily": ("cron(0 3 * * ? *)", {"DeleteAfterDays": 35}),
        "monthly": ("cron(0 4 1 * ? *)", {"DeleteAfterDays": 365}),
    }


def test_it_copies_the_tables_it_is_given() -> None:
    made = stack()
    plan(made, BACKED_UP)
    [table] = found(made, "AWS::DynamoDB::GlobalTable")
    [selection] = resources(made, "AWS::Backup::BackupSelection")
    assert selection["BackupSelection"]["Resources"] == [{"Fn::GetAtt": [table, "Arn"]}]


def test_the_vault_and_its_key_outlive_the_stack() -> None:
    made = stack()
    plan(made, BACKED_UP)
    [vault] = found(made, "AWS::Backup::BackupVault").values()
    [key] = found(made, "AWS::KMS::Key").values()
    assert (vault["DeletionPolicy"], key["DeletionPolicy"]) == ("Retain", "Retain")
    assert "EncryptionKeyArn" in vault["Properties"]


def test_a_stage_without_rules_needs_no_plan() -> None:
    with pytest.raises(ValueError, match="The stage try has no backup rules: give it some, or make no BackupPlan"):
        plan(stack(CARELESS), CARELESS)


def test_no_finding_but_the_policy_that_aws_keeps() -> None:
    assert findings(plan, settings=BACKED_UP) == []
    [(rule, _)] = acknowledged(plan, settings=BACKED_UP)
    assert rule.startswith("AwsSolutions-IAM4[Policy::")
