"""What the sync function takes from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from carousel_sync.embedding import MOST_DIMENSIONS
from carousel_sync.parse import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """What is taken, and the currency of events that name none."""

    rules: Rules = Rules()
    currency: str = "USD"


def settings_of(environment: Mapping[str, str]) -> SyncSettings:
    """The settings that an environment asks for; ValueError says which of its values cannot be."""
    tenants = frozenset(name.strip() for name in environment.get("TENANTS", "").split(",") if name.strip())
    rules = Rules(tenants=tenants, dimensions=_dimensions(environment.get("EMBEDDING_DIMENSIONS", "")))
    currency = environment.get("CURRENCY") or "USD"
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise ValueError(f"CURRENCY is {currency!r}: give three capital letters, such as EUR.")
    return SyncSettings(rules=rules, currency=currency)


def _dimensions(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DIMENSIONS):
        raise ValueError(f"EMBEDDING_DIMENSIONS is {text!r}: give a whole number from 1 to {MOST_DIMENSIONS:,}.")
    return int(text)
