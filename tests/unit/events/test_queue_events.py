"""Batches of a queue, and the answer to them."""

from __future__ import annotations

from typing import Any

import pytest

from shardwell.queue_events import Message, failures_answer, messages_of
from tests.support.sold import queue_event


def test_messages_are_read_in_order() -> None:
    messages = [Message("m1", "one"), Message("m2", "two")]
    assert messages_of(queue_event(*messages)) == messages
    assert messages_of(queue_event()) == []


@pytest.mark.parametrize(
    "event",
    [{}, {"Records": None}, {"detail": {}}, {"Records": [{"eventSource": "aws:dynamodb"}]}, {"Records": [{}]}],
)
def test_an_event_of_anything_else_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="none of an SQS queue"):
        messages_of(event)


def test_the_answer_names_each_message_once() -> None:
    assert failures_answer([]) == {"batchItemFailures": []}
    assert failures_answer(["m2", "m1", "m2"]) == {
        "batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m1"}]
    }


def test_a_message_knows_its_delivery_which_makes_it_no_other_message() -> None:
    (message,) = messages_of(queue_event(Message("m1", "one")))
    assert message.receipt == "00000000-0000-0000-0000-000000000000"
    assert message.queue == "arn:aws:sqs:eu-west-1:000000000000:sales"
    assert message == Message("m1", "one", "another delivery", "another queue")
