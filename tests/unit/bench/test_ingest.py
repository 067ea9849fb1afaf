"""What the sync function keeps of many events, and how large the packages of the functions are."""

from __future__ import annotations

import pytest

from tests.bench import bundle_sizes
from tests.bench.ingest_memory import peak_of

pytestmark = pytest.mark.heavy


def test_memory_does_not_grow_with_the_events() -> None:
    few = peak_of(1_000)
    assert few < 150e6  # what is imported, not what this process has
    assert peak_of(50_000) < 1.1 * few


def test_the_packages_are_well_below_what_lambda_takes() -> None:
    sizes = bundle_sizes.sizes()
    assert set(sizes) == {"Sync", "Stage", "Commit", "Sweep"}
    assert {name: size for name, size in sizes.items() if size > bundle_sizes.MOST_BYTES} == {}
