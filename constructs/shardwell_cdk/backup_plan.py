"""Copies of tables that outlive the tables."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from shardwell_cdk.acknowledge import acknowledge
from shardwell_cdk.schema_table import SchemaTable
from shardwell_cdk.settings import Settings


class BackupPlan(Construct):
    """AWS Backup of some tables by the rules of a stage, into an encrypted vault that stays when the stack goes."""

    def __init__(self, scope: Construct, id: str, *, tables: Sequence[SchemaTable], settings: Settings) -> None:
        super().__init__(scope, id)
        if not settings.backups:
            raise ValueError(f"The stage {settings.stage} has no backup rules: give it some, or make no BackupPlan.")
        removal = RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY
        self.vault = backup.BackupVault(
            self,
            "Vault",
            encryption_key=kms.Key(self, "Key", enable_key_rotation=True, removal_policy=removal),
            removal_policy=removal,
        )
        self.plan = backup.BackupPlan(self, "Plan", backup_vault=self.vault)
        for rule in settings.backups:
            self.plan.add_rule(
                backup.BackupPlanRule(
                    rule_name=rule.name,
                    schedule_expression=events.Schedule.expression(f"cron({rule.schedule})"),
                    delete_after=Duration.days(rule.keep_days),
                )
            )
        selection = self.plan.add_selection(
            "Tables", resources=[backup.BackupResource.from_arn(table.arn) for table in tables]
        )
        acknowledge(
            selection,
            f"AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/{_POLICY}]",
            reason="AWS keeps this policy in step with what its backup service calls; a copy would break unnoticed.",
        )


_POLICY = "AWSBackupServiceRolePolicyForBackup"
