"""The faults strike between the store and the emulator, which takes batched INSERTs, and spells numbers as AWS does."""

from __future__ import annotations

import pytest

from sales_intelligence.tables import SALES
from shardwell.store import Store
from tests.support.backends import Backend


@pytest.fixture
def store(emulator: Backend) -> Store:
    """An empty table of sales."""
    return emulator.store(SALES)
