"""The stages: where each runs, how well it keeps data, who is told."""

from __future__ import annotations

from shardwell_cdk import LAMBDA_ARM64, THIS_MACHINE, BackupRule, Settings, Throttle

LOCAL = Settings(
    stage="local",
    retain=False,
    recovery_days=None,
    alarms=False,
    alarm_topic=False,
    log_days=1,
    platform=THIS_MACHINE,
    # The emulator's account, which nobody has at AWS: credentials of a real one are refused.
    account="000000000000",
)

DEV = Settings(
    stage="dev",
    retain=False,
    recovery_days=None,
    alarms=False,
    alarm_topic=False,
    log_days=7,
    platform=LAMBDA_ARM64,
)

STAGING = Settings(
    stage="staging",
    retain=True,
    recovery_days=7,
    alarms=True,
    alarm_topic=False,
    backups=(BackupRule(name="daily", schedule="0 3 * * ? *", keep_days=7),),
    log_days=30,
    platform=LAMBDA_ARM64,
)

PROD = Settings(
    stage="prod",
    retain=True,
    recovery_days=35,
    alarms=True,
    alarm_topic=True,
    backups=(
        BackupRule(name="daily", schedule="0 3 * * ? *", keep_days=35),
        BackupRule(name="monthly", schedule="0 4 1 * ? *", keep_days=365),
    ),
    log_days=365,
    platform=LAMBDA_ARM64,
    throttle=Throttle(rate=1_000, burst=2_000),
)

KNOWN_TENANTS: dict[str, tuple[str, ...]] = {
    "local": ("maison-nord", "second-soleil", "vintage-dock", "carousel-labs"),
    "dev": (),
    "staging": (),
    "prod": (),
}
"""The tenants whose sold products a stage takes; none named: every tenant's."""

STAGES = {settings.stage: settings for settings in (LOCAL, DEV, STAGING, PROD)}


def chosen_stages(name: str | None) -> tuple[Settings, ...]:
    """Every stage, or the one that `-c stage=NAME` names."""
    if name is None:
        return tuple(STAGES.values())
    if name not in STAGES:
        raise SystemExit(f"There is no stage {name!r}: choose -c stage={', '.join(STAGES)}, or leave it out for all.")
    return (STAGES[name],)
