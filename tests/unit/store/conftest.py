"""Stores whose tables must stay empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.backends import Backend
from tests.unit.store.refused import Stores


@pytest.fixture
def stores(moto: Backend) -> Iterator[Stores]:
    """The stores; what a test does with them must send nothing that could write."""
    yield Stores(moto)
    assert moto.wire.writes == []
