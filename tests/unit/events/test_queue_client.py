"""Messages that are shown again at once: those alone, and no harm where SQS does not do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from shardwell.queue_client import make_queue_client, show_at_once
from shardwell.queue_events import Message

REGION = "eu-west-1"


@dataclass
class Queues:
    """Queues in memory that hide what they have delivered for an hour."""

    client: Any
    log: StringIO

    def delivered(self, name: str, count: int) -> list[Message]:
        """So many new messages of a queue, received and so hidden."""
        url = self.client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
        for number in range(count):
            self.client.send_message(QueueUrl=url, MessageBody=f"{number}")
        return self.received(name, count)

    def received(self, name: str, most: int = 100) -> list[Message]:
        """What a queue has to deliver now, hidden from here on."""
        url = self.client.get_queue_url(QueueName=name)["QueueUrl"]
        arn = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        found: list[Message] = []
        while len(found) < most:
            answer = self.client.receive_message(QueueUrl=url, MaxNumberOfMessages=min(10, most - len(found)))
            if not answer.get("Messages"):
                break
            found += [Message(m["MessageId"], m["Body"], m["ReceiptHandle"], arn) for m in answer["Messages"]]
        return found

    def show(self, *messages: Message) -> None:
        """Show messages again."""
        log = Logger(service=f"queues-{id(self.log)}", stream=self.log)
        show_at_once(self.client, messages, log=log)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def queues() -> Iterator[Queues]:
    with mock_aws():
        settings = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        yield Queues(make_queue_client(**settings), StringIO())


def test_they_are_delivered_again_at_once_and_no_others(queues: Queues) -> None:
    messages = queues.delivered("sold", 25)
    assert queues.received("sold") == []
    queues.show(*messages[:23])
    assert {one.id for one in queues.received("sold")} == {one.id for one in messages[:23]}
    assert queues.lines == []


def test_each_goes_to_its_own_queue(queues: Queues) -> None:
    first, second = queues.delivered("sold", 2), queues.delivered("bought", 2)
    queues.show(first[0], second[1])
    assert queues.received("sold") == [first[0]]
    assert queues.received("bought") == [second[1]]


def test_nothing_is_asked_where_there_is_nothing_to_show(queues: Queues) -> None:
    queues.client.meta.events.register("before-call.sqs", lambda **_: pytest.fail("SQS was called"))
    queues.show()


def test_one_that_is_refused_is_a_warning_and_the_others_come_later(queues: Queues) -> None:
    messages = queues.delivered("sold", 3)
    queues.show(messages[0], replace(messages[1], receipt="of nobody"), messages[2])
    assert queues.received("sold") == [messages[0]]
    (line,) = queues.lines
    assert (line["level"], line["message"]) == ("WARNING", "messages not shown at once")
    assert (line["messageId"], line["left"]) == (messages[1].id, 2)
    assert "ReceiptHandleIsInvalid" in line["reason"]


def test_a_queue_that_does_not_answer_is_asked_once(queues: Queues) -> None:
    messages = queues.delivered("sold", 25)
    asked: list[str] = []

    def lose(**_: Any) -> None:
        asked.append("asked")
        raise ReadTimeoutError(endpoint_url="the test")

    queues.client.meta.events.register("before-call.sqs.ChangeMessageVisibility", lose)
    queues.show(*messages)
    assert asked == ["asked"]
    (line,) = queues.lines
    assert line["left"] == 25


def test_a_queue_that_is_gone_is_a_warning(queues: Queues) -> None:
    (message,) = queues.delivered("sold", 1)
    queues.show(replace(message, queue=f"arn:aws:sqs:{REGION}:123456789012:gone"))
    (line,) = queues.lines
    assert "NonExistentQueue" in line["reason"]
