"""Shardwell's construct library: tables, functions and guard rails made from descriptions.

`shardwell_cdk.monitoring` and `shardwell_cdk.service_api` are imported by themselves, since they take a second and a
fifth of one that only stages with alarms and stacks with an API need.
"""

from shardwell_cdk.api_alarms import ApiAlarms
from shardwell_cdk.backup_plan import BackupPlan
from shardwell_cdk.bundle import PythonCode
from shardwell_cdk.failure_queue import FailureQueue
from shardwell_cdk.guard_rails import add_guard_rails
from shardwell_cdk.lambda_platform import LAMBDA_ARM64, THIS_MACHINE, LambdaPlatform
from shardwell_cdk.python_function import PythonFunction
from shardwell_cdk.schedule import Schedule
from shardwell_cdk.schema_table import SchemaTable
from shardwell_cdk.settings import BackupRule, Settings, Throttle
from shardwell_cdk.signing_key import SigningKey
from shardwell_cdk.table_alarms import TableAlarms

__all__ = [
    "LAMBDA_ARM64",
    "THIS_MACHINE",
    "ApiAlarms",
    "BackupPlan",
    "BackupRule",
    "FailureQueue",
    "LambdaPlatform",
    "PythonCode",
    "PythonFunction",
    "Schedule",
    "SchemaTable",
    "Settings",
    "SigningKey",
    "TableAlarms",
    "Throttle",
    "add_guard_rails",
]
