"""The matrix finds what it is there to find: each of these mistakes in a function loses, repeats or misplaces sales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest
from pyiceberg.exceptions import CommitFailedException

from carousel_sync import sale
from carousel_sync.event_sync import Sync
from carousel_sync.stage import Stager
from shardwell import commit_batch as one_commit
from shardwell.commit import CommitReport, Committer
from shardwell.ledger import Ledger
from shardwell.queue_events import failures_answer
from shardwell.staging import Listing, Staged, delete_staged, read_staged
from shardwell.vector_objects import Pointer, VectorObjects, object_key
from shardwell.vectors import pack
from tests.support.pipeline import world
from tests.support.pipeline.calls import Kind
from tests.support.pipeline.schedules import PLAIN_SEED, Schedule, plain_calls, run
from tests.support.pipeline.world import deterministic

MOST = 12
"""Schedules until a mistake must have shown."""


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    with deterministic():
        yield


def shown(what: Literal["lost", "repeated", "wrong"], kind: Kind, function: str, operation: str) -> list[str]:
    """What is lost (or repeated, or wrong) at last, with this fault at each such call of a plain run until it is."""
    calls = [one for one in plain_calls() if (one.function, one.operation) == (function, operation)]
    assert calls
    for call in calls[:MOST]:
        verdict = run(Schedule(PLAIN_SEED, (function, call.number, kind))).verdict
        if found := getattr(verdict, what):
            return list(found)
    return []


def test_no_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "of", classmethod(lambda cls, _properties: cls({})))
    assert shown("repeated", "crash_before", "commit", "DeleteObjects")


def test_a_ledger_that_is_not_in_the_commit_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_commit, "_move_ledger", lambda *_: None)
    assert shown("repeated", "crash_before", "commit", "DeleteObjects")


def test_items_before_their_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[tuple[str, bytes]] = []
    handle, insert = Sync.handle, Sync._insert

    def start(self: Sync, messages: Any) -> list[str]:
        waiting.clear()
        return handle(self, messages)

    def write(self: VectorObjects, vectors: Any, day: Any) -> list[Pointer]:
        content = pack(vectors)
        waiting.append((object_key(content, day), content))
        return [Pointer(self.bucket, waiting[-1][0], row) for row in range(len(vectors))]

    def insert_then_write(self: Sync, deliveries: Any, outcomes: Any) -> None:
        insert(self, deliveries, outcomes)
        for key, content in waiting:
            self._objects.client.put_object(Bucket=self._objects.bucket, Key=key, Body=content)

    monkeypatch.setattr(Sync, "handle", start)
    monkeypatch.setattr(VectorObjects, "write", write)
    monkeypatch.setattr(Sync, "_insert", insert_then_write)
    assert shown("lost", "crash_before", "sync", "PutObject")


def test_staged_objects_deleted_before_their_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    def early(self: Committer, batch: Sequence[Staged], listing: Listing, report: CommitReport) -> None:
        contents = {one.key: read_staged(self.objects, self.settings.bucket, one) for one in batch}
        delete_staged(self.objects, self.settings.bucket, batch)
        one_commit.commit_batch(
            self.lake,
            self.load_table,
            batch,
            lambda one: contents[one.key],
            listing=listing,
            ambient=self.ambient,
        )

    monkeypatch.setattr(Committer, "_commit", early)
    assert shown("lost", "crash_before", "commit", "Commit")


def test_an_unknown_commit_taken_for_a_failed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a client does that tries again by itself: the same files upon the new state, and the same ledger."""
    prepared, send = one_commit._prepared, one_commit._send
    files: list[Any] = []

    def prepare(table: Any, new: Any) -> Any:
        files[:] = new
        return prepared(table, new)

    def send_again(table: Any, transaction: Any) -> None:
        properties = [one for one in transaction._updates if one.action == "set-properties"]
        try:
            send(table, transaction)
        except (CommitFailedException, *one_commit.UNSURE):
            now = table.catalog.load_table(table.name())
            again, _ = prepared(now, files)
            again._updates += tuple(properties)
            send(now, again)

    monkeypatch.setattr(one_commit, "_prepared", prepare)
    monkeypatch.setattr(one_commit, "_send", send_again)
    assert shown("repeated", "answer_lost", "commit", "Commit")


def test_a_failed_message_that_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "failures_answer", lambda _failed: failures_answer([]))
    assert shown("lost", "unreachable", "sync", "BatchExecuteStatement")


def test_a_batch_of_the_stream_that_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Stager.handle

    def forgiving(self: Stager, event: Any) -> dict[str, Any]:
        try:
            return handle(self, event)
        except world.FAILURES:
            return {"state": {}}

    monkeypatch.setattr(Stager, "handle", forgiving)
    assert shown("lost", "unreachable", "stage", "PutObject")


def test_a_conflict_taken_for_a_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale, "fingerprint", lambda _event: "0" * 32)
    assert any("not among the dead letters" in one for one in shown("wrong", "late", "sync", "PutObject"))


def test_a_vector_that_is_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Stager.rows

    def rounded(self: Stager, changes: Any) -> list[dict[str, Any]]:
        found = rows(self, changes)
        for row in found:
            if row["embedding"] is not None:
                row["embedding"] = memoryview(bytes(row["embedding"]).replace(b"\x00\x00\x00\x80", b"\x00\x00\x00\x00"))
        return found

    monkeypatch.setattr(Stager, "rows", rounded)
    assert any("its vector" in one for one in shown("wrong", "late", "sync", "PutObject"))
