"""The sync function, ready for messages."""

from __future__ import annotations

import pytest

from tests.unit.carousel_sync.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()
