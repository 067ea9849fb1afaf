"""The sync function dies or is refused at any of its calls, and messages come again in any grouping.

In the end every sale was written once, with its own vector, and nothing was ever called done that was not.
"""

from __future__ import annotations

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from carousel_sync.envelope import sales_in
from carousel_sync.event_sync import Sync
from carousel_sync.fingerprint import fingerprint
from carousel_sync.parse import Rules, read_sale
from shardwell.errors import BadItem, Unavailable
from shardwell.queue_events import Message
from tests.support.ambient import START, Surroundings
from tests.support.faults import Crash
from tests.support.sale_table import SaleTable, key_of
from tests.support.sold import message, numbers, packed, plain, sold
from tests.support.vector_bucket import VectorBucket, empty_bucket

MOST_ATTEMPTS = 6

sales = st.builds(
    lambda number, kind: {
        "sale": sold(number),
        "plain": plain(number + 100),
        "nameless": sold(number, saleId=None),
        "other payload": sold(number, description="other"),
        "other vector": sold(number, embedding=numbers(77)),
        "invalid": sold(number, salePrice=0),
    }[kind],
    st.integers(0, 40),
    st.sampled_from(["sale", "sale", "sale", "sale", "plain", "nameless", "other payload", "other vector", "invalid"]),
)
details = st.lists(sales | st.lists(sales, min_size=1, max_size=30).map(packed), min_size=1, max_size=8)
faults = st.tuples(st.integers(1, 6), st.sampled_from(["dies before", "dies after", "refused", "lost answer"]))


class World:
    """A queue, a table and a bucket, and what strikes at their calls."""

    def __init__(self, messages: list[Message]) -> None:
        self.waiting = {one.id: one for one in messages}
        self.table = SaleTable()
        self.bucket: VectorBucket = empty_bucket()
        self.surroundings = Surroundings()
        self.countdown = 0
        self.struck = False
        self.kind = ""
        self.table.before = lambda _operation: self._before(Unavailable("refused"))
        self.table.after = lambda _operation: self._after(Unavailable("lost"))
        self.bucket.before = lambda _operation, _key: self._before(_slow_down())
        self.bucket.after = lambda _operation, _key: self._after(_slow_down())

    def attempt(self, batch: list[Message], fault: tuple[int, str]) -> None:
        """Deliver a batch, one call of which goes wrong: what is done leaves the queue."""
        self.countdown, self.kind = fault
        log = Logger(service=f"sync-{uuid4().hex}", stream=StringIO())
        sync: Any = Sync(
            self.table,
            self.bucket.vectors(),
            ambient=self.surroundings.ambient,
            log=log,
        )
        try:
            failed = sync.handle(batch)
        except Crash:
            return  # a dead process answers nothing, so every message of its batch comes again
        finally:
            self.struck = self.countdown <= 0
            self.kind = "nothing"
        assert set(failed) <= {one.id for one in batch}
        for one in batch:
            if one.id not in failed:
                self._check_done(one)
                self.waiting.pop(one.id, None)

    def _check_done(self, done: Message) -> None:
        for each in sales_in(done.body):
            sale = read_sale(each, Rules(), START)
            item = self.table.items[key_of({**sale.key})]
            assert item["fingerprint"] == fingerprint(sale)
            if sale.embedding is None:
                assert "embeddingS3Key" not in item
            else:
                vector = self.bucket.pointed_at(item["embeddingS3Key"])
                assert vector.data == sale.embedding
                assert vector.key == sale.key

    def _before(self, refusal: Exception) -> None:
        self.countdown -= 1
        if self.countdown == 0 and self.kind == "dies before":
            raise Crash
        if self.countdown == 0 and self.kind == "refused":
            raise refusal

    def _after(self, loss: Exception) -> None:
        if self.countdown == 0 and self.kind == "dies after":
            raise Crash
        if self.countdown == 0 and self.kind == "lost answer":
            raise loss


def _slow_down() -> ClientError:
    return ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "PutObject")


def _fate(messages: list[Message]) -> tuple[dict[tuple[str, ...], set[str]], set[str]]:
    """The payloads that messages have for each key, and the messages with an invalid sale."""
    payloads: dict[tuple[str, ...], set[str]] = {}
    bad: set[str] = set()
    for one in messages:
        for each in sales_in(one.body):
            try:
                sale = read_sale(each, Rules(), START)
            except BadItem:
                bad.add(one.id)
            else:
                payloads.setdefault(key_of(sale.key), set()).add(fingerprint(sale))
    return payloads, bad


@given(details, st.lists(faults, max_size=MOST_ATTEMPTS), st.randoms(use_true_random=False))
def test_each_sale_is_stored_once_whatever_happens(
    given_details: list[Any], struck: list[tuple[int, str]], chance: Any
) -> None:
    messages = [message(number, detail) for number, detail in enumerate(given_details)]
    world = World(messages)
    for fault in struck:
        # What is done may be delivered again, and what waits may come in any order and company.
        batch = chance.sample(messages, chance.randint(1, len(messages)))
        world.attempt(batch, fault)
        world.surroundings.forward(days=chance.randint(0, 1))
    world.attempt(list(world.waiting.values()), (0, "nothing"))

    payloads, bad = _fate(messages)
    assert sorted(world.table.written) == sorted(payloads)
    conflicting = {key for key, found in payloads.items() if len(found) > 1}
    left = set(world.waiting)
    assert bad <= left
    for one in messages:
        if one.id in bad:
            continue
        keys = {
            key_of(sale.key): fingerprint(sale) for sale in (read_sale(s, Rules(), START) for s in sales_in(one.body))
        }
        lost = {key for key, payload in keys.items() if world.table.items[key]["fingerprint"] != payload}
        assert lost <= conflicting
        if not lost and not (keys.keys() & conflicting):
            assert one.id not in left
        if lost:
            assert one.id in left


@pytest.mark.parametrize("kind", ["dies before", "dies after", "refused", "lost answer"])
@pytest.mark.parametrize("number", range(1, 6))
def test_every_call_of_a_batch(kind: str, number: int) -> None:
    messages = [message(n, packed(sold(10 * n + m) for m in range(10))) for n in range(6)]
    world = World(messages)
    world.attempt(messages[:3], (0, "nothing"))
    world.attempt(messages, (number, kind))
    assert world.struck
    world.attempt(messages[::-1], (0, "nothing"))
    assert world.waiting == {}
    assert sorted(world.table.written) == sorted({key_of(one) for one in world.table.items.values()})
    assert len(world.table.written) == 60
