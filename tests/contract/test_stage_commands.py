"""The commands on a stage against the emulator, which has what moto lacks: streams, S3 Tables, whole stacks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.lake import __main__ as lake
from operations.local import guard
from operations.redrive import __main__ as redrive
from operations.replay import __main__ as replay
from tests.support import emulator as server
from tests.support import sold
from tests.support.sync_stack import DLQ, STACK, SyncStack, created_earlier, deploy, mended_emulator

LONG_AGO = "2026-11-02T08:00:00.250Z"
RANGE = ["--from", "2026-11-02", "--until", "2026-11-03"]
LAKE = "SELECT tenant_id, sale_id, operation, len(embedding) AS numbers FROM sales_history_rows ORDER BY ALL"


@pytest.fixture(scope="module")
def outer() -> Iterator[None]:
    """The environment comes back, whatever commands make of it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, outer: None) -> Iterator[SyncStack]:
    """Ten sales in the table, of which the lake has the first six."""
    if (reason := server.missing()) is not None:
        pytest.skip(reason)
    with mended_emulator(tmp_path_factory.mktemp("emulator")) as port:
        guard.enclose(port=port)
        found = deploy(port)
        assert found.sync(*(sold.sold(number) for number in range(10))) == []
        records = found.records()
        found.stage(records[:6])
        assert found.commit().rows == 6
        yield found


@pytest.fixture(autouse=True)
def _no_long_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator is one server, which has been asked by any answer."""
    monkeypatch.setattr("operations.redrive.messages.WAIT_SECONDS", 0)


def run(stack: SyncStack, command: Any, *arguments: str) -> int:
    """A command on the emulator."""
    code: int = command.main([*arguments, "--port", str(stack.port)])
    return code


def rows(stack: SyncStack, capsys: pytest.CaptureFixture[str], sql: str = LAKE) -> list[dict[str, Any]]:
    """The answer of the lake."""
    capsys.readouterr()
    assert run(stack, lake, "query", sql, "--format", "json") == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_skipped_position_is_read_from_the_stream_again_and_added_once(
    stack: SyncStack, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in stack.records()]
    stack.fail("SkippedUrl", stack.position(numbers[5], numbers[7], 3))
    assert run(stack, redrive, "move", "Skipped", "--all", "--dry-run") == 0
    assert "would go to the lake, read from the stream again: 3 rows of 3 changes" in capsys.readouterr().out
    assert stack.commit().rows == 0
    assert run(stack, redrive, "move", "Skipped", "--all") == 0
    # The first of the three is in the lake already.
    assert stack.commit().rows == 2
    found = rows(stack, capsys)
    assert len(found) == len({row["sale_id"] for row in found}) == 8
    assert {row["numbers"] for row in found} == {4}


def test_a_position_that_the_stream_has_lost_stays_and_says_what_to_do(
    stack: SyncStack, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in stack.records()]
    stack.fail("SkippedUrl", stack.position("1" * 21, "2" * 21, 3), stack.position(numbers[0], numbers[1], 5))
    assert run(stack, redrive, "move", "Skipped", "--all") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "the stream has lost it" in said
    assert "the stream has 2 of its 5 changes" in said
    assert "python -m operations.replay" in said
    assert stack.commit().objects == 0
    assert run(stack, redrive, "drop", "Skipped", "--all", "--yes") == 0
    assert "2 messages dropped." in capsys.readouterr().out


def test_a_replay_adds_what_the_lake_lacks_and_changes_nothing(
    stack: SyncStack, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "FOLDER", tmp_path)
    before = rows(stack, capsys)
    created_earlier(stack, LONG_AGO)
    assert run(stack, replay, *RANGE, "--dry-run") == 0
    assert "in the range                  10" in capsys.readouterr().out
    assert stack.commit().objects == 0
    assert run(stack, replay, *RANGE) == 0
    assert not list(tmp_path.iterdir())
    assert stack.commit().rows == 10 - len(before)
    after = rows(stack, capsys)
    assert [row for row in after if row in before] == before
    assert [row["sale_id"] for row in after] == [f"S{number:04d}" for number in range(10)]
    assert {row["numbers"] for row in after} == {4}
    assert run(stack, replay, *RANGE) == 0
    assert stack.commit().rows == 0
    assert rows(stack, capsys) == after


def test_messages_tell_why_they_failed_and_go_back_to_their_queue(
    stack: SyncStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.fail(
        "DeadLettersUrl",
        sold.body(sold.sold(1, tenantId="nowhere")),
        sold.body(sold.sold(2, salePrice=1)),
        sold.body(sold.packed([sold.sold(3), sold.sold(100), sold.sold(101)])),
    )
    assert run(stack, redrive, "list") == 0
    assert re.search(rf"{DLQ} +3 +0$", capsys.readouterr().out, re.MULTILINE)
    assert run(stack, redrive, "show", DLQ) == 0
    said = " ".join(capsys.readouterr().out.split())
    for expected in (
        "invalid: tenantId 'nowhere' is no tenant of this stage",
        "conflict: sale 'S0002' of 'north' is stored with another payload",
        "2 sales valid and not stored",
        "1 sale stored by now",
        '"embedding": "(4 numbers, from',
        '"description": "(5 characters)"',
    ):
        assert expected in said
    assert "A bag" not in said
    assert run(stack, redrive, "move", DLQ, "--all") == 0
    assert f"3  moved to {STACK}-Sold" in capsys.readouterr().out
    received = stack.client("sqs").receive_message(QueueUrl=stack.outputs["QueueUrl"], MaxNumberOfMessages=10)
    assert len(received["Messages"]) == 3


def test_an_undelivered_event_goes_to_the_queue_that_it_was_for(
    stack: SyncStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.fail(
        "UndeliveredUrl",
        sold.body(sold.sold(200)),
        TARGET_ARN=f"arn:aws:sqs:eu-west-1:000000000000:{STACK}-Sold",
        ERROR_CODE="NO_PERMISSIONS",
        ERROR_MESSAGE="not allowed",
    )
    assert run(stack, redrive, "show", "Undelivered") == 0
    assert "not delivered, NO_PERMISSIONS: not allowed" in capsys.readouterr().out
    assert run(stack, redrive, "move", "Undelivered", "--all") == 0
    assert f"1  moved to {STACK}-Sold" in capsys.readouterr().out


def test_the_lake_is_described(stack: SyncStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(stack, lake, "tables") == 0
    said = capsys.readouterr().out
    assert "pricing_intelligence.sales_history" in said
    assert "embedding          list<float>       may be" in said
    assert max(map(len, said.splitlines())) <= 100
