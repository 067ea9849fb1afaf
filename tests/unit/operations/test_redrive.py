"""Failed messages: found, looked into without being lost, moved at least once, dropped, by filter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from operations.local.console import Voice
from operations.local.problem import Problem
from operations.redrive import __main__ as command
from operations.redrive.contents import call_of, position_of, title_of
from operations.redrive.drop import count, drop, new_file
from operations.redrive.messages import Holding, Letter
from operations.redrive.move import move, rehearse
from operations.redrive.queues import Queue, failure_queues, find
from operations.redrive.returning import MOST_BYTES, Left, Returning, packs
from operations.redrive.selection import Selection
from operations.redrive.shown import lines_of, shortened
from operations.stage import Stage

ACCOUNT = "123456789012"


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """SQS with a queue, its dead letters, and some more."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr("operations.redrive.messages.WAIT_SECONDS", 0)
    with mock_aws():
        client = boto3.client("sqs", region_name="eu-west-1")
        for name in ("sales-dlq-dev", "shardwell-dev-x-StreamSkipped-1", "shardwell-dev-x-Undelivered-1", "other"):
            client.create_queue(QueueName=name)
        client.create_queue(QueueName="shardwell-prod-x-StreamSkipped-1")
        policy = {"deadLetterTargetArn": arn("sales-dlq-dev"), "maxReceiveCount": 3}
        client.create_queue(QueueName="shardwell-dev-x-Sold", Attributes={"RedrivePolicy": json.dumps(policy)})
        yield client


@pytest.fixture
def said() -> StringIO:
    return StringIO()


@pytest.fixture
def voice(said: StringIO) -> Voice:
    return Voice(Console(file=said, width=100, highlight=False, soft_wrap=True))


def arn(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"


def stage(sqs: Any, **clients: Any) -> Stage:
    """The stage `dev`, with these clients and no other."""
    return Stage("dev", ACCOUNT, "eu-west-1", client={"sqs": sqs, **clients}.__getitem__)


def put(sqs: Any, queue: Queue, *bodies: str) -> list[str]:
    """The ids of new messages."""
    return [sqs.send_message(QueueUrl=queue.url, MessageBody=body)["MessageId"] for body in bodies]


def bodies(sqs: Any, url: str) -> list[str]:
    """What waits in a queue, which is left so."""
    with Holding(sqs, url) as holding:
        return sorted(letter.body for letters in holding.batches() for letter in letters)


def dead(sqs: Any) -> Queue:
    return find(sqs, "dev", "sales-dlq")


def sold(sqs: Any) -> str:
    url: str = sqs.get_queue_url(QueueName="shardwell-dev-x-Sold")["QueueUrl"]
    return url


def returning(sqs: Any, queue: Queue, **named: Any) -> Returning:
    return Returning(stage(sqs), queue, sqs, **named)


def test_the_queues_for_failures_of_one_stage_are_found(sqs: Any) -> None:
    found = failure_queues(sqs, "dev")
    assert [queue.name for queue in found] == [
        "sales-dlq-dev",
        "shardwell-dev-x-StreamSkipped-1",
        "shardwell-dev-x-Undelivered-1",
    ]
    assert found[0].sources == (arn("shardwell-dev-x-Sold"),)


def test_a_queue_is_found_by_url_by_name_and_by_part_of_its_name(sqs: Any) -> None:
    queue = dead(sqs)
    assert find(sqs, "dev", queue.url) == find(sqs, "dev", "sales-dlq-dev") == find(sqs, "dev", "SALES") == queue
    assert find(sqs, "dev", "other").name == "other"
    with pytest.raises(Problem, match="part of the names of 2 queues"):
        find(sqs, "dev", "shardwell-dev-x")
    with pytest.raises(Problem, match="There is no queue nowhere here"):
        find(sqs, "dev", "nowhere")


def test_a_queue_that_is_worked_on_is_not_looked_into(sqs: Any) -> None:
    """Each look would count as an attempt, and the third would send a good message among the dead."""
    for name in (sold(sqs), "shardwell-dev-x-Sold"):
        with pytest.raises(Problem, match=r"would use up one of its attempts: name the queue .* sales-dlq-dev"):
            find(sqs, "dev", name)


def test_looking_leaves_every_message_in_the_queue_for_all_to_see(sqs: Any) -> None:
    put(sqs, dead(sqs), *(f"{number:02}" for number in range(25)))
    for _ in range(2):
        assert bodies(sqs, dead(sqs).url) == [f"{number:02}" for number in range(25)]
    assert dead(sqs).waiting == 25
    assert dead(sqs).received == 0


def test_what_was_received_is_given_back_also_if_the_block_fails(sqs: Any) -> None:
    put(sqs, dead(sqs), "a", "b")
    with suppress(Crash), Holding(sqs, dead(sqs).url) as holding:
        next(holding.batches())
        assert dead(sqs).waiting == 0
        raise Crash
    assert dead(sqs).waiting == 2


def test_all_messages_go_back_to_their_queue_with_what_their_sender_put_on_them(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    attribute = {"kind": {"DataType": "String", "StringValue": "x"}}
    sqs.send_message(QueueUrl=queue.url, MessageBody="with", MessageAttributes=attribute)
    put(sqs, queue, *(f"{number:02}" for number in range(30)))
    moved = move(returning(sqs, queue), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert moved.places == {"shardwell-dev-x-Sold": 31}
    assert dead(sqs).waiting == dead(sqs).received == 0
    with Holding(sqs, sold(sqs)) as holding:
        letters = [letter for some in holding.batches() for letter in some]
    assert len(letters) == 31
    assert [letter.attribute("kind") for letter in letters if letter.body == "with"] == ["x"]


def test_messages_are_chosen_by_id_and_by_count(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    known = put(sqs, queue, *(f"{number:02}" for number in range(25)))
    chosen = Selection(frozenset({known[3], known[21], "not-there"}))
    moved = move(returning(sqs, queue), chosen, holding=Holding(sqs, queue.url), voice=voice)
    assert (moved.total, chosen.missing) == (2, 1)
    assert bodies(sqs, sold(sqs)) == ["03", "21"]
    assert dead(sqs).waiting == 23
    move(returning(sqs, queue), Selection(count=12), holding=Holding(sqs, queue.url), voice=voice)
    assert dead(sqs).waiting == 11
    assert dead(sqs).received == 0


def test_a_dry_run_moves_nothing(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    put(sqs, queue, "a", "b")
    moved = rehearse(returning(sqs, queue), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert moved.places == {"shardwell-dev-x-Sold": 2}
    assert bodies(sqs, sold(sqs)) == []
    assert dead(sqs).waiting == 2


class Disturbed:
    """A client of SQS, one operation of which is another."""

    def __init__(self, sqs: Any, operation: str, replacement: Any) -> None:
        self._sqs, self._operation, self._replacement = sqs, operation, replacement

    def __getattr__(self, name: str) -> Any:
        return self._replacement if name == self._operation else getattr(self._sqs, name)


def test_a_crash_between_arrival_and_deletion_repeats_a_message_and_loses_none(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    put(sqs, queue, "a", "b")

    def crash(**_: Any) -> None:
        raise Crash

    disturbed = Disturbed(sqs, "delete_message_batch", crash)
    with pytest.raises(Crash):
        move(returning(sqs, queue), Selection(), holding=Holding(disturbed, queue.url), voice=voice)
    assert (bodies(sqs, sold(sqs)), bodies(sqs, queue.url)) == (["a", "b"], ["a", "b"])
    move(returning(sqs, queue), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert (bodies(sqs, sold(sqs)), bodies(sqs, queue.url)) == (["a", "a", "b", "b"], [])


def test_a_message_that_is_refused_stays_and_is_named(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    put(sqs, queue, "good", "bad")

    def send(QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803 (SQS's names)
        refused = [{"Id": one["Id"], "Code": "Odd", "Message": "no"} for one in Entries if one["MessageBody"] == "bad"]
        good = [one for one in Entries if one["MessageBody"] == "good"]
        return {**sqs.send_message_batch(QueueUrl=QueueUrl, Entries=good), "Failed": refused}

    sender = Returning(stage(sqs), queue, Disturbed(sqs, "send_message_batch", send))
    moved = move(sender, Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert (moved.total, moved.left.total()) == (1, 1)
    assert moved.named[0].endswith("SQS refused it (Odd: no)")
    assert bodies(sqs, queue.url) == ["bad"]


def test_a_message_that_fails_again_while_others_are_moved_is_not_moved_for_ever(sqs: Any, voice: Voice) -> None:
    queue = dead(sqs)
    put(sqs, queue, "poison", "fine")

    def send(QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803 (SQS's names)
        # The function is so quick that what fails is back at once, as a message of a new id.
        for entry in Entries:
            if entry["MessageBody"] == "poison":
                sqs.send_message(QueueUrl=queue.url, MessageBody="poison")
        return sqs.send_message_batch(QueueUrl=QueueUrl, Entries=Entries)

    sender = Returning(stage(sqs), queue, Disturbed(sqs, "send_message_batch", send))
    moved = move(sender, Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert (moved.total, moved.came_back) == (2, 1)
    assert bodies(sqs, queue.url) == ["poison"]


def test_where_the_source_is_not_known_a_queue_has_to_be_named(sqs: Any, voice: Voice) -> None:
    queue = find(sqs, "dev", "Undelivered")
    put(sqs, queue, "a")
    moved = move(returning(sqs, queue), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert "name a queue with --to" in moved.named[0]
    moved = move(returning(sqs, queue, to=sold(sqs)), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert moved.total == 1
    assert bodies(sqs, sold(sqs)) == ["a"]


def test_what_was_for_a_function_is_not_sent_to_a_queue(sqs: Any) -> None:
    letter = Letter("1", "r", "{}", attributes={"TARGET_ARN": {"StringValue": "arn:aws:lambda:eu-west-1:1:function:f"}})
    with pytest.raises(Left, match="which is no queue"):
        returning(sqs, dead(sqs)).place(letter)


def test_a_failed_call_is_made_again(sqs: Any, voice: Voice) -> None:
    queue = find(sqs, "dev", "Skipped")
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:backfill"
    put(sqs, queue, json.dumps({"requestContext": {"functionArn": function}, "requestPayload": {"leg": 3}}))
    calls: list[dict[str, Any]] = []

    class Functions:
        def invoke(self, **request: Any) -> None:
            calls.append(request)

    sender = Returning(stage(sqs, **{"lambda": Functions()}), queue, sqs)
    assert rehearse(sender, Selection(), holding=Holding(sqs, queue.url), voice=voice).places == {
        "function backfill": 1
    }
    assert calls == []
    move(sender, Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert calls == [{"FunctionName": function, "InvocationType": "Event", "Payload": b'{"leg": 3}'}]
    assert bodies(sqs, queue.url) == []


def test_a_position_of_a_table_that_no_lake_follows_stays(sqs: Any, voice: Voice) -> None:
    queue = find(sqs, "dev", "Skipped")
    put(sqs, queue, json.dumps({"DDBStreamBatchInfo": position("other-table")}))
    moved = move(returning(sqs, queue), Selection(), holding=Holding(sqs, queue.url), voice=voice)
    assert moved.named[0].endswith("it is of the table other-table, which no lake follows")
    assert dead(sqs).waiting == 0
    assert find(sqs, "dev", "Skipped").waiting == 1


def position(table: str) -> dict[str, Any]:
    return {
        "shardId": "shardId-1",
        "startSequenceNumber": "100000000000000000001",
        "endSequenceNumber": "100000000000000000009",
        "approximateArrivalOfFirstRecord": "2026-11-20T09:02:01Z",
        "approximateArrivalOfLastRecord": "2026-11-20T09:02:03Z",
        "batchSize": 9,
        "streamArn": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{table}/stream/2026",
    }


def test_dropped_messages_are_in_the_file_first(sqs: Any, voice: Voice, tmp_path: Path) -> None:
    queue = dead(sqs)
    put(sqs, queue, *(f"{number:02}" for number in range(12)))
    assert count(queue, Selection(), holding=Holding(sqs, queue.url), voice=voice) == 12
    assert dead(sqs).waiting == 12
    with new_file(tmp_path / "kept") as file:
        done = drop(queue, Selection(), holding=Holding(sqs, queue.url), file=file, voice=voice)
    assert (done.gone, done.refused) == (12, 0)
    assert bodies(sqs, queue.url) == []
    lines = (tmp_path / "kept").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["body"] for line in lines) == [f"{number:02}" for number in range(12)]


def test_a_file_that_cannot_be_written_keeps_all_messages(sqs: Any, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    for path, reason in ((tmp_path / "there", "is there already"), (tmp_path / "no" / "where", "cannot be written")):
        with pytest.raises(Problem, match=reason), new_file(path):
            pytest.fail("the file was taken")


def run(sqs: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("operations.command.aws_stage", lambda _name: stage(sqs))
    return command.main([*arguments, "--stage", "dev"])


def test_dropping_asks_first_and_nobody_there_means_no(
    sqs: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    put(sqs, dead(sqs), "a")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    for what in ("drop", "move"):
        assert run(sqs, monkeypatch, what, "sales-dlq", "--all") == 1
        assert "add --yes to do without" in capsys.readouterr().out
    assert dead(sqs).waiting == 1
    assert run(sqs, monkeypatch, "drop", "sales-dlq", "--all", "--dry-run") == 0
    assert run(sqs, monkeypatch, "drop", "sales-dlq", "--all", "--yes", "--save", str(tmp_path / "f")) == 0
    assert "1 message dropped, kept in" in capsys.readouterr().out
    assert dead(sqs).waiting == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["move", "q"],
        ["drop", "q"],
        ["move", "q", "--all", "--count", "3"],
        ["move", "q", "--all", "--ids", "a"],
        ["drop", "q", "--ids", ","],
        ["show", "q", "--count", "0"],
        ["show"],
        ["list", "--stage", "dev", "--port", "4566"],
        ["list", "--stage", "Dev!"],
        ["purge", "q"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_happens(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.parse(arguments)


def test_messages_are_packed_as_sqs_takes_them() -> None:
    small = [Letter(str(number), "r", "x") for number in range(23)]
    assert [len(pack) for pack in packs(small)] == [10, 10, 3]
    large = [Letter(str(number), "r", "x" * (MOST_BYTES // 2)) for number in range(3)]
    assert [len(pack) for pack in packs(large)] == [2, 1]
    assert packs([Letter("1", "r", "x" * MOST_BYTES * 2)])


def test_a_message_is_known_by_what_it_says() -> None:
    found = Letter("1", "r", json.dumps({"DDBStreamBatchInfo": position("sales")}))
    read = position_of(found)
    assert read is not None
    assert (read.table, read.count) == ("sales", 9)
    assert title_of(found) == "9 changes of sales, 2026-11-20T09:02:01Z to 2026-11-20T09:02:03Z"
    for text in ("no JSON", "[]", '"text"', "{}", '{"DDBStreamBatchInfo": {}}', '{"requestPayload": 1}'):
        assert position_of(Letter("1", "r", text)) is None
        assert call_of(Letter("1", "r", text)) is None


def test_what_is_long_or_private_is_shortened() -> None:
    given = {"embedding": [0.5] * 1024, "description": "secret bag", "sales": [{"a": 1}, {"a": 2}], "ids": [1, 2]}
    assert shortened(given) == {
        "embedding": "(1,024 numbers, from 0.5 to 0.5)",
        "description": "(10 characters)",
        "sales": [{"a": 1}, "(and 1 more)"],
        "ids": [1, 2],
    }
    lines = lines_of(Letter("1", "r", json.dumps({"detail": {"brand": "x" * 500}})))
    assert max(map(len, lines)) <= 94
    assert lines_of(Letter("1", "r", "plain text")) == ["10 characters: plain text"]


def test_an_error_of_aws_is_one_sentence(sqs: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def refused(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ListQueues")

    assert run(Disturbed(sqs, "list_queues", refused), monkeypatch, "list") == 1
    assert "not you" in capsys.readouterr().out
