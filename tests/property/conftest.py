"""The same examples on every run; `SHARDWELL_SEARCH=20 pytest tests/property` looks for others, 20 times as many."""

import os

import pytest
from hypothesis import HealthCheck, settings

_SEARCH = int(os.environ.get("SHARDWELL_SEARCH", "0"))
_COMMON = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}

settings.register_profile("repeatable", derandomize=True, max_examples=60, **_COMMON)
settings.register_profile("search", max_examples=60 * max(1, _SEARCH), print_blob=True, **_COMMON)
settings.load_profile("search" if _SEARCH else "repeatable")


@pytest.fixture(autouse=True)
def _no_real_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
