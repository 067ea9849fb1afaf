"""Killed at any moment, and resumed: every record right, none deleted that should stay, none written twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.backfill import checkpoint_file
from operations.backfill.run import run
from operations.backfill.target import Target
from operations.local.console import Voice
from shardwell.backfill_tally import Tally
from shardwell.rate import RateLimit
from tests.support.wire import Forward, Sent
from tests.unit.backfill.scene import FAST, Scene, expected_ttl, is_too_old, mixed, sort_key

RECORDS = 120
KILLS = 12


class Killed(BaseException):
    """The process is no more: from here on nothing that it sends arrives, and no answer reaches it."""


class Mortal:
    """The process of one run, which dies at its n-th request: before that arrives, or before the answer does."""

    def __init__(self, dies_at: int, *, request_arrives: bool) -> None:
        self.requests = 0
        self.dead = False
        self._dies_at = dies_at
        self._request_arrives = request_arrives
        self._lock = threading.Lock()

    def __call__(self, _sent: Sent, forward: Forward) -> Any:
        with self._lock:
            self.requests += 1
            last = self.requests == self._dies_at
            if self.dead or (last and not self._request_arrives):
                self.dead = True
                raise Killed
        response = forward()
        self.dead = self.dead or last
        if self.dead:
            raise Killed
        return response


def run_it(scene: Scene, path: Path, *, segments: int | None = None) -> Tally:
    """The command's core, in silence."""
    name, client = scene.store.name, scene.backend.client
    target = Target(scene.table, name, "local", "0" * 12, "eu-west-1", "this table", RECORDS, client)
    voice = Voice(Console(file=StringIO()))
    ambient = scene.backend.surroundings.ambient
    return run(target, path=path, limit=RateLimit(FAST), segments=segments, voice=voice, ambient=ambient)


@pytest.fixture
def rows(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Records of all kinds, in pages that are small enough for a kill to find many."""
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 9)
    monkeypatch.setattr("shardwell.backfill.WRITES_AT_ONCE", 6)
    items = [mixed(number) for number in range(RECORDS)]
    for item in items:
        scene.put(item)
    return items


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_it_leaves_every_record_right(
    scene: Scene, rows: list[dict[str, Any]], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    path = tmp_path / "checkpoint.json"
    written: Counter[str] = Counter()
    stays = {sort_key(item): item for item in rows if not is_too_old(item)}
    before = scene.raw()
    kills = 0
    while True:
        mortal = Mortal(chance.randrange(1, 9), request_arrives=chance.random() < 0.5)
        scene.backend.wire.fault = counting(mortal if kills < KILLS else None, written)
        try:
            run_it(scene, path)
        except Killed:
            kills += 1
            scene.backend.wire.fault = None
            check_halfway(scene, before, stays)
        else:
            break
    assert kills >= 10
    scene.backend.wire.fault = None
    found = scene.raw()
    assert {key: item["ttl"]["N"] for key, item in found.items()} == {k: expected_ttl(i) for k, i in stays.items()}
    assert {key: {n: v for n, v in item.items() if n != "ttl"} for key, item in found.items()} == {
        key: item for key, item in before.items() if key in stays
    }
    assert written.keys() == before.keys()
    assert set(written.values()) == {1}
    assert not path.exists()


def check_halfway(scene: Scene, before: dict[str, Any], stays: dict[str, Any]) -> None:
    """At no moment is a record missing that should stay, or anything of a record wrong."""
    found = scene.raw()
    assert stays.keys() <= found.keys() <= before.keys()
    for key, item in found.items():
        if "ttl" in item:
            assert item["ttl"]["N"] == expected_ttl(stays[key])


def counting(mortal: Mortal | None, written: Counter[str]) -> Callable[[Sent, Forward], Any]:
    """Counts the writes that DynamoDB carried out, whether their answer arrives or not."""

    def fault(sent: Sent, forward: Forward) -> Any:
        def forward_and_count() -> Any:
            response = forward()
            if sent.operation in ("UpdateItem", "DeleteItem") and response.status_code == 200:
                written[sent.body["Key"]["SK"]["S"]] += 1
            return response

        return forward_and_count() if mortal is None else mortal(sent, forward_and_count)

    return fault


def test_at_every_single_request_in_turn(scene: Scene, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Each run dies one request later than the last, until one lives to its end."""
    path = tmp_path / "checkpoint.json"
    written: Counter[str] = Counter()
    lives = 1
    while True:
        scene.backend.wire.fault = counting(Mortal(lives, request_arrives=lives % 2 == 0), written)
        try:
            run_it(scene, path)
            break
        except Killed:
            lives += 1
    assert lives > 10
    scene.backend.wire.fault = None
    stays = {sort_key(item): expected_ttl(item) for item in rows if not is_too_old(item)}
    assert {key: item["ttl"]["N"] for key, item in scene.raw().items()} == stays
    assert set(written.values()) == {1}


def test_a_resumed_run_reads_again_only_the_pages_that_were_under_way(
    scene: Scene, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.json"
    scene.backend.wire.fault = Mortal(90, request_arrives=True)
    with pytest.raises(Killed):
        run_it(scene, path, segments=2)
    kept = checkpoint_file.load(path, identity="this table", segments=None)
    assert kept.tally.looked_at >= 45
    scene.backend.wire.clear()
    tally = run_it(scene, path)
    # Too old records of pages under way may be deleted already, and are not found a second time.
    assert RECORDS - 18 <= tally.looked_at <= RECORDS
    reads = [sent for sent in scene.backend.wire.sent if sent.operation == "Scan"]
    assert len(reads) <= (RECORDS - kept.tally.looked_at) // 9 + 3
