"""The demonstration of events: what it sends, what it waits for, and what it says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from operations.local import demo_events, demo_lake
from operations.local.console import DETAIL_WIDTH, Voice
from operations.local.demo_events import Sent
from operations.local.problem import Problem
from operations.local.samples_events import Bad, Events
from operations.redrive.messages import Letter
from operations.redrive.reasons import Reasons
from operations.stage import Stage
from tests.support.sold import plain

SOLD = [plain(number) for number in range(1, 6)]
EVENTS = Events(
    single=SOLD[:2],
    repeats=SOLD[:1],
    packs=[SOLD[2:]],
    bad=[Bad(detail=plain(9, salePrice=0)), Bad(body="not JSON at all")],
)


@dataclass(frozen=True)
class Clouds:
    """A bus whose events go to a queue, and a queue for what failed there."""

    stage: Stage
    outputs: dict[str, str]

    def bodies(self, queue: str) -> list[str]:
        """What a queue has."""
        sqs, found = self.stage.client("sqs"), []
        while answer := sqs.receive_message(QueueUrl=self.outputs[queue], MaxNumberOfMessages=10).get("Messages"):
            found += [one["Body"] for one in answer]
        return found


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        stage = Stage("local", "123456789012", "eu-west-1", lambda name: boto3.client(name, region_name="eu-west-1"))
        sqs, events = stage.client("sqs"), stage.client("events")
        outputs = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("QueueUrl", "DeadLettersUrl")}
        events.put_rule(Name="sold", EventPattern=json.dumps({"source": ["carousel.products"]}))
        arn = "arn:aws:sqs:eu-west-1:123456789012:QueueUrl"
        events.put_targets(Rule="sold", Targets=[{"Id": "queue", "Arn": arn}])
        yield Clouds(stage, {**outputs, "SyncFunction": "sync"})


def test_everything_is_sent_and_what_a_bus_would_not_take_goes_straight_into_the_queue(clouds: Clouds) -> None:
    sent = demo_events.send(clouds.stage, EVENTS, clouds.outputs)
    assert (sent.count, sent.bad) == (EVENTS.count, 2) == (6, 2)
    bodies = clouds.bodies("QueueUrl")
    assert "not JSON at all" in bodies
    details = [json.loads(body)["detail"] for body in bodies if body != "not JSON at all"]
    packed = [detail for detail in details if "sales" in detail]
    assert [[sale["saleId"] for sale in detail["sales"]] for detail in packed] == [["S0003", "S0004", "S0005"]]
    singly = sorted(detail["saleId"] for detail in details if "sales" not in detail)
    assert singly == ["S0001", "S0001", "S0002", "S0009"]


def test_the_bad_ones_are_not_added_to_dead_letters_that_are_there(clouds: Clouds) -> None:
    clouds.stage.client("sqs").send_message(QueueUrl=clouds.outputs["DeadLettersUrl"], MessageBody="{}")
    sent = demo_events.send(clouds.stage, EVENTS, clouds.outputs)
    assert (sent.count, sent.bad) == (4, 0)
    assert len(clouds.bodies("QueueUrl")) == 4


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (10, "1,000: 900 sales, 60 repeats, 30 packs of 10, 10 bad"),
        (0, "990: 900 sales, 60 repeats, 30 packs of 10, none bad"),
    ],
)
def test_what_was_sent_is_told_in_a_line(bad: int, said: str) -> None:
    events = Events([{}] * 900, [{}] * 60, [[{}] * 10] * 30, [Bad()] * 10)
    assert demo_events.told(events, Sent(0.0, 990 + bad, bad)) == said
    assert len(said) <= DETAIL_WIDTH + 2


def test_the_queue_is_waited_for_until_nothing_is_in_it(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sqs = clouds.stage.client("sqs")
    for number in range(3):
        sqs.send_message(QueueUrl=clouds.outputs["QueueUrl"], MessageBody=f"{number}")
    monkeypatch.setattr(demo_events.time, "sleep", lambda _: take_one())

    def take_one() -> None:
        (message,) = sqs.receive_message(QueueUrl=clouds.outputs["QueueUrl"])["Messages"]
        sqs.delete_message(QueueUrl=clouds.outputs["QueueUrl"], ReceiptHandle=message["ReceiptHandle"])

    demo_events.wait_for_queue(clouds.stage, clouds.outputs, messages=3, voice=Voice())
    assert "✓ sync        queue empty, 0 dead letters" in capsys.readouterr().out


def test_a_queue_that_does_not_empty_is_told_with_the_place_to_look(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clouds.stage.client("sqs").send_message(QueueUrl=clouds.outputs["QueueUrl"], MessageBody="stays")
    monkeypatch.setattr(demo_events, "PATIENCE", -1.0)
    with pytest.raises(Problem, match=r"1 messages are still in the queue .* log of the function sync says why"):
        demo_events.wait_for_queue(clouds.stage, clouds.outputs, messages=1, voice=Voice())
    assert "✗ sync" in capsys.readouterr().out


def test_of_a_sale_that_came_more_than_once_in_a_message_the_first_outcome_counts() -> None:
    lines = [
        {"messageId": "m1", "saleId": "a", "outcome": "written"},
        {"messageId": "m1", "saleId": "b", "outcome": "invalid"},
        {"message": "something else"},
        {"messageId": "m2", "saleId": "a", "outcome": "duplicate"},
        {"messageId": "m1", "saleId": "a", "outcome": "duplicate"},
        {"messageId": "m1", "saleId": "b", "outcome": "invalid"},
    ]
    assert demo_events.outcomes(lines) == {
        ("m1", "a"): "written",
        ("m1", "b"): "invalid",
        ("m2", "a"): "duplicate",
    }


def test_outcomes_are_read_until_every_message_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"messageId": f"m{number}", "saleId": "a", "outcome": "written"} for number in range(3)]
    answers = [lines[:1], lines[:2], lines]
    monkeypatch.setattr(demo_events, "log_lines", lambda *_, **__: answers.pop(0) if len(answers) > 1 else answers[0])
    monkeypatch.setattr(demo_events.time, "sleep", lambda _: None)
    stage = committing(None)
    assert len(demo_events.read_outcomes(stage, "sync", Sent(0.0, 3, 0))) == 3
    monkeypatch.setattr(demo_events, "PATIENCE", -1.0)
    with pytest.raises(Problem, match="tells of 3 messages after -1 s, and 4 were sent"):
        demo_events.read_outcomes(stage, "sync", Sent(0.0, 4, 0))


def test_a_message_that_is_no_event_says_what_it_is_not(clouds: Clouds) -> None:
    letter = Letter(id="m1", receipt="r", body="not JSON at all")
    said = demo_events.reason(Reasons(clouds.stage), letter, datetime(2026, 11, 20, tzinfo=UTC))
    assert said.startswith("invalid: The message is no JSON that can be read")


class Committing:
    """A Lambda service whose committer answers so."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def invoke(self, **_: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def committing(answer: Any) -> Stage:
    return Stage("local", "000000000000", "eu-west-1", lambda _: Committing(answer))


def test_a_commit_that_runs_already_is_as_good_as_one_of_ours() -> None:
    busy = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": ""}}, "Invoke")
    demo_lake.commit(committing(busy), "commit")
    with pytest.raises(ClientError):
        demo_lake.commit(committing(ClientError({"Error": {"Code": "AccessDenied"}}, "Invoke")), "commit")


def test_a_commit_that_fails_is_a_problem_with_what_it_said() -> None:
    from io import BytesIO

    with pytest.raises(Problem, match="The function commit failed") as caught:
        demo_lake.commit(committing({"FunctionError": "Unhandled", "Payload": BytesIO(b"no catalog")}), "commit")
    assert caught.value.detail == "no catalog"
