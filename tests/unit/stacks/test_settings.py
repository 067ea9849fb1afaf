"""The stages, as the table of the operator's guide has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shardwell_cdk import LAMBDA_ARM64, THIS_MACHINE
from stacks.settings import DEV, LOCAL, PROD, STAGES, STAGING, chosen_stages

ROOT = Path(__file__).resolve().parents[3]


def test_there_are_four_stages_in_order() -> None:
    assert list(STAGES) == ["local", "dev", "staging", "prod"]


def test_recovery_protection_alarms_and_logs() -> None:
    assert {
        stage: (each.recovery_days, each.retain, each.alarms, each.alarm_topic, each.log_days)
        for stage, each in STAGES.items()
    } == {
        "local": (None, False, False, False, 1),
        "dev": (None, False, False, False, 7),
        "staging": (7, True, True, False, 30),
        "prod": (35, True, True, True, 365),
    }


def test_backups() -> None:
    assert {stage: [(rule.name, rule.keep_days) for rule in each.backups] for stage, each in STAGES.items()} == {
        "local": [],
        "dev": [],
        "staging": [("daily", 7)],
        "prod": [("daily", 35), ("monthly", 365)],
    }


def test_throttles() -> None:
    assert {stage: (each.throttle.rate, each.throttle.burst) for stage, each in STAGES.items()} == {
        "local": (100, 200),
        "dev": (100, 200),
        "staging": (100, 200),
        "prod": (1_000, 2_000),
    }


def test_only_the_local_stage_is_built_for_this_machine() -> None:
    assert LOCAL.platform is THIS_MACHINE
    assert {each.platform for each in (DEV, STAGING, PROD)} == {LAMBDA_ARM64}


def test_the_local_stage_can_only_be_deployed_to_the_emulator_s_account() -> None:
    assert LOCAL.account == "000000000000"
    assert {each.account for each in (DEV, STAGING, PROD)} == {None}


def test_one_stage_can_be_chosen() -> None:
    assert chosen_stages("prod") == (PROD,)
    assert chosen_stages(None) == (LOCAL, DEV, STAGING, PROD)


@pytest.mark.parametrize("wrong", ["prd", "", "Prod", "dev "])
def test_a_stage_that_is_none_is_refused_in_one_sentence(wrong: str) -> None:
    with pytest.raises(SystemExit, match=f"^There is no stage '{wrong}': choose -c stage=local, dev, staging, prod"):
        chosen_stages(wrong)


def test_cdk_json_runs_the_app_in_this_environment() -> None:
    settings = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    assert settings["app"] == ".venv/bin/python app.py"
    assert "stage" not in settings["context"]
