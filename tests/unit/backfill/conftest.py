"""The sales table in moto, as it was before it had a time to live."""

from __future__ import annotations

import pytest

from sales_intelligence.tables import SALES
from tests.support.backends import Backend
from tests.unit.backfill.scene import Scene


@pytest.fixture
def scene(moto: Backend) -> Scene:
    return Scene(moto, moto.store(SALES))
