"""Scans, on every backend: in segments, with checkpoints to go on from."""

from __future__ import annotations

import pytest

from sales_intelligence.tables import SALES
from shardwell import F
from shardwell.errors import BadQuery
from shardwell.scan import Checkpoint
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import BLOBS
from tests.support.sales import sale

ALL = {f"s{n:04d}" for n in range(60)}


@pytest.fixture
def store(backend: Backend) -> Store:
    store = backend.store(SALES)
    store.batch_put(sale(n, productId=f"p{n}", brand="B" if n % 2 else None) for n in range(60))
    return store


@pytest.mark.parametrize("segments", [1, 4, 40])
def test_every_item_once(store: Store, segments: int) -> None:
    pages = list(store.scan(segments=segments))
    found = [item["saleId"] for page in pages for item in page.items]
    assert {page.segment for page in pages} == set(range(segments))
    assert sorted(found) == sorted(ALL)


def test_filters_and_fields(store: Store) -> None:
    pages = list(store.scan(segments=2, where=F("brand") == "B", only=("saleId",)))
    found = [item for page in pages for item in page.items]
    assert sorted(item["saleId"] for item in found) == sorted(one for one in ALL if int(one[1:]) % 2)
    assert all(set(item) == {"saleId"} for item in found)


def test_goes_on_from_each_checkpoint(store: Store) -> None:
    pages = list(store.scan(segments=4))
    for done in range(1, len(pages) + 1):
        checkpoint = Checkpoint.from_json(pages[done - 1].checkpoint.to_json())
        before = [item["saleId"] for page in pages[:done] for item in page.items]
        after = [item["saleId"] for page in store.scan(segments=4, resume=checkpoint) for item in page.items]
        assert sorted(before + after) == sorted(ALL)


def test_another_number_of_segments_is_refused(store: Store) -> None:
    checkpoint = next(store.scan(segments=4)).checkpoint
    with pytest.raises(BadQuery, match="of 4 segments and the scan has 5"):
        list(store.scan(segments=5, resume=checkpoint))


@pytest.mark.diverges("moto", "cannot scan segments of a table whose partition key is bytes")
def test_a_segment_in_several_pages_with_keys_of_bytes(backend: Backend) -> None:
    store = backend.store(BLOBS)
    items = [{"digest": bytes([n]), "part": b"\xff\x00", "text": "x" * 300_000} for n in range(8)]
    store.batch_put(items)
    found: list[bytes] = []
    resume = None
    while True:
        page = next(store.scan(segments=2, resume=resume, only=("digest",)), None)
        if page is None:
            break
        found += [item["digest"] for item in page.items]
        resume = Checkpoint.from_json(page.checkpoint.to_json())
    assert sorted(found) == [bytes([n]) for n in range(8)]
