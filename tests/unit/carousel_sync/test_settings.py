"""The environment of the sync function."""

from __future__ import annotations

import pytest

from carousel_sync.parse import Rules
from carousel_sync.settings import SyncSettings, settings_of


def test_nothing_set_takes_every_tenant_and_length() -> None:
    assert settings_of({}) == SyncSettings(rules=Rules(), currency="USD")
    assert settings_of({"TENANTS": " , ", "EMBEDDING_DIMENSIONS": "", "CURRENCY": ""}) == settings_of({})


def test_everything_set() -> None:
    environment = {"TENANTS": "north, south,", "EMBEDDING_DIMENSIONS": "1024", "CURRENCY": "EUR"}
    rules = Rules(tenants=frozenset({"north", "south"}), dimensions=1_024)
    assert settings_of(environment) == SyncSettings(rules=rules, currency="EUR")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CURRENCY", "eur"),
        ("CURRENCY", "EURO"),
        ("CURRENCY", "ÉUR"),
        ("EMBEDDING_DIMENSIONS", "0"),
        ("EMBEDDING_DIMENSIONS", "4097"),
        ("EMBEDDING_DIMENSIONS", "-1"),
        ("EMBEDDING_DIMENSIONS", "many"),
        ("EMBEDDING_DIMENSIONS", "²"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is '{value}'"):
        settings_of({name: value})
