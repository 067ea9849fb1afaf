"""Events on their way into the table while requests are refused, their answers are lost, or the process dies."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from threading import Barrier
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from carousel_sync.event_sync import Sync
from shardwell.client import FAN_OUT
from shardwell.queue_events import Message
from shardwell.store import Store
from tests.support.backends import POOL, Backend
from tests.support.faults import Crash, always, broken, crash_after, denied, lost_answer, throttled, times
from tests.support.sold import message, packed, sold
from tests.support.vector_bucket import VectorBucket, empty_bucket
from tests.support.wire import Fault, Sent

MESSAGES = [message(n, packed(sold(10 * n + m) for m in range(10))) for n in range(6)]
ALL = [one.id for one in MESSAGES]


def has(number: int) -> str:
    return f"S{number:04d}"


class Scene:
    """The function over the emulator's table."""

    def __init__(self, emulator: Backend, store: Store) -> None:
        self.emulator, self.store = emulator, store
        self.bucket: VectorBucket = empty_bucket()

    def deliver(self, messages: list[Message], fault: Fault | None = None) -> list[str]:
        """The messages that failed."""
        log = Logger(service=f"sync-{uuid4().hex}", stream=StringIO())
        ambient = self.emulator.surroundings.ambient
        self.emulator.wire.fault = fault
        try:
            return Sync(self.store, self.bucket.vectors(), ambient=ambient, log=log).handle(messages)
        finally:
            barrier = Barrier(FAN_OUT)  # a thread of a dead process does nothing more: wait for what ours have begun
            list(POOL.map(lambda _: barrier.wait(30), range(FAN_OUT)))
            self.emulator.wire.clear()

    def check_all_stored_once(self) -> None:
        """Sixty sales, each under its key and pointing at its own vector."""
        found = self.emulator.raw(self.store)
        assert Counter(item["saleId"]["S"] for item in found) == Counter(has(n) for n in range(60))
        for item in found:
            number = int(item["saleId"]["S"][1:])
            vector = self.bucket.pointed_at(item["embeddingS3Key"]["S"])
            assert list(vector.numbers()) == sold(number)["embedding"]


@pytest.fixture
def scene(emulator: Backend, store: Store) -> Scene:
    return Scene(emulator, store)


def inserts(sent: Sent) -> bool:
    return sent.operation == "BatchExecuteStatement"


@pytest.mark.parametrize("fault", [throttled, broken, lost_answer])
@pytest.mark.parametrize("count", [1, 3])
def test_what_passes_is_not_noticed(scene: Scene, fault: Fault, count: int) -> None:
    assert scene.deliver(MESSAGES, times(count, fault, inserts)) == []
    scene.check_all_stored_once()
    assert scene.deliver(MESSAGES) == []
    scene.check_all_stored_once()


@pytest.mark.parametrize("fault", [throttled, broken, lost_answer, denied])
def test_what_does_not_pass_fails_the_messages_that_it_is_about(scene: Scene, fault: Fault) -> None:
    # Sales 0 to 24 travel in one request: those of messages 0 and 1, and half of message 2.
    failed = scene.deliver(MESSAGES, always(fault, lambda sent: inserts(sent) and has(7) in str(sent.body)))
    assert failed == ["m0", "m1", "m2"]
    stored = {item["saleId"]["S"] for item in scene.emulator.raw(scene.store)}
    assert stored >= {has(n) for n in range(25, 60)}
    assert scene.deliver(MESSAGES) == []
    scene.check_all_stored_once()


@pytest.mark.parametrize("fault", [throttled, broken, lost_answer, denied])
def test_where_nothing_passes_every_message_fails(scene: Scene, fault: Fault) -> None:
    assert scene.deliver(MESSAGES, always(fault)) == ALL
    assert scene.deliver(MESSAGES) == []
    scene.check_all_stored_once()


def test_repeats_that_cannot_be_looked_at_fail(scene: Scene) -> None:
    scene.deliver(MESSAGES[:1])
    failed = scene.deliver(MESSAGES, always(denied, lambda sent: sent.operation == "BatchGetItem"))
    assert failed == ["m0"]
    assert scene.deliver(MESSAGES[:1]) == []
    scene.check_all_stored_once()


@pytest.mark.parametrize("number", range(1, 5))
def test_a_process_that_dies_after_any_request(scene: Scene, number: int) -> None:
    scene.deliver(MESSAGES[:1])
    with pytest.raises(Crash):
        scene.deliver(MESSAGES, crash_after(number))
    # What comes again comes in other company.
    assert scene.deliver([*MESSAGES[3:], MESSAGES[0]]) == []
    assert scene.deliver(MESSAGES[:3]) == []
    scene.check_all_stored_once()
