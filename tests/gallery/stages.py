"""The three stages of the gallery's apps, which differ as those of a real one do."""

from __future__ import annotations

from shardwell_cdk import BackupRule, Settings

DAILY = BackupRule(name="daily", schedule="0 3 * * ? *", keep_days=35)
MONTHLY = BackupRule(name="monthly", schedule="0 4 1 * ? *", keep_days=365)

STAGES = (
    Settings(stage="dev", retain=False, recovery_days=None, alarms=False, alarm_topic=False, log_days=7),
    Settings(
        stage="staging",
        retain=True,
        recovery_days=7,
        alarms=True,
        alarm_topic=False,
        backups=(DAILY,),
        log_days=30,
    ),
    Settings(
        stage="prod",
        retain=True,
        recovery_days=35,
        alarms=True,
        alarm_topic=True,
        backups=(DAILY, MONTHLY),
        log_days=365,
    ),
)
