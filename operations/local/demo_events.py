"""The demonstration's second half: events in, sales of the table and rows of the lake out, bad ones aside."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carousel_sync.envelope import sales_in
from carousel_sync.publish import publish_sales, publish_sales_singly
from carousel_sync.records import DETAIL_TYPE, SOURCE
from operations.folded import folded
from operations.local.console import Voice
from operations.local.demo_progress import waiting
from operations.local.problem import Problem
from operations.local.samples_events import Bad, Events
from operations.redrive.messages import Holding, Letter
from operations.redrive.queues import described
from operations.redrive.reasons import Reasons
from operations.redrive.selection import Selection
from operations.stage import SYNC_SYSTEM, Stage
from shardwell.ambient import Ambient
from shardwell.errors import BadItem

BUS = "default"
PATIENCE = 90.0
"""Seconds that the queue and the lake are waited for."""
MOST_SHOWN = 12
MEANINGS = {
    "written": "a new sale",
    "duplicate": "there already, the same: nothing is done",
    "invalid": "no sale that could be recorded: a dead letter",
    "conflict": "there already, and another: a dead letter",
}


@dataclass(frozen=True)
class Sent:
    """When the events were sent, how many, and how many of them no sale can come of."""

    at: float
    count: int
    bad: int


def show_events(stage: Stage, events: Events, *, voice: Voice) -> None:
    """Publishes the events, waits until the queue is empty, and shows what became of them."""
    outputs = stage.outputs(SYNC_SYSTEM)
    voice.heading("Sold products: events through a queue, each sale once")
    with voice.step("events") as step:
        sent = send(stage, events, outputs)
        step.detail = told(events, sent)
    wait_for_queue(stage, outputs, messages=sent.count, voice=voice)
    show_outcomes(stage, outputs, sent, voice=voice)
    show_dead_letters(stage, outputs, voice=voice)


def send(stage: Stage, events: Events, outputs: Mapping[str, str]) -> Sent:
    """Sends the good events, and the bad ones too unless there are dead letters already, which they would add to."""
    started = time.time()
    bus = stage.client("events")
    publish_sales_singly(bus, BUS, [*events.single, *events.repeats])
    for pack in events.packs:
        publish_sales(bus, BUS, pack)
    bad = [] if dead_letters(stage, outputs) else list(events.bad)
    for one in bad:
        _send_bad(stage, one, queue=outputs["QueueUrl"])
    return Sent(started, events.count - len(events.bad) + len(bad), len(bad))


def told(events: Events, sent: Sent) -> str:
    """What was sent, in words."""
    singly, repeats, packs = len(events.single), len(events.repeats), len(events.packs)
    good = f"{singly} sales, {repeats} repeats, {packs} packs of {len(events.packs[0])}"
    return f"{sent.count:,}: {good}, {sent.bad or 'none'} bad"


def wait_for_queue(stage: Stage, outputs: Mapping[str, str], *, messages: int, voice: Voice) -> None:
    """Returns once every message is either done with or a dead letter."""
    sqs = stage.client("sqs")
    deadline = time.monotonic() + PATIENCE
    with waiting(voice, "sync", "messages done with", expected=messages) as (step, show):
        while left := _in_queue(sqs, outputs["QueueUrl"]):
            if time.monotonic() > deadline:
                raise Problem(
                    f"{left:,} messages are still in the queue after {PATIENCE:.0f} s: the log of the function "
                    f"{outputs['SyncFunction']} says why."
                )
            show(max(0, messages - left), "")
            time.sleep(0.2)
        step.detail = f"queue empty, {dead_letters(stage, outputs)} dead letters"


def show_outcomes(stage: Stage, outputs: Mapping[str, str], sent: Sent, *, voice: Voice) -> None:
    """What the function's log says of each sale, the first time that it came."""
    found = Counter(read_outcomes(stage, outputs["SyncFunction"], sent).values())
    voice.grid(
        ("outcome", "sales", "which means"),
        [(outcome, f"{found[outcome]:,}", meaning) for outcome, meaning in MEANINGS.items()],
    )
    if not sent.bad:
        voice.say("    the bad ones were not sent again: they are dead letters still")


def read_outcomes(stage: Stage, function: str, sent: Sent) -> dict[tuple[str, str], str]:
    """The outcomes of all that was sent: a log may be some seconds behind the queue."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = outcomes(log_lines(stage, function, since=sent.at))
        messages = {message for message, _ in found}
        if len(messages) >= sent.count:
            return found
        if time.monotonic() > deadline:
            raise Problem(
                f"The log of the function {function} tells of {len(messages):,} messages after {PATIENCE:.0f} s, and "
                f"{sent.count:,} were sent."
            )
        time.sleep(0.3)


def outcomes(lines: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The first outcome of each sale of each message: a message that failed comes again, with all of its sales."""
    found: dict[tuple[str, str], str] = {}
    for line in lines:
        if "outcome" in line:
            found.setdefault((line["messageId"], line["saleId"]), line["outcome"])
    return found


def log_lines(stage: Stage, function: str, *, since: float) -> list[dict[str, Any]]:
    """The lines of JSON that a function has logged, in their order."""
    group = stage.client("lambda").get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    pages = stage.client("logs").get_paginator("filter_log_events")
    messages = (
        event["message"]
        for page in pages.paginate(logGroupName=group, startTime=int(since * 1000), filterPattern="outcome")
        for event in page["events"]
    )
    return [json.loads(message) for message in messages if message.startswith("{")]


def show_dead_letters(stage: Stage, outputs: Mapping[str, str], *, voice: Voice) -> None:
    """The messages that only a person can help, and why; they stay where they are."""
    url = outputs["DeadLettersUrl"]
    voice.heading(f"Dead letters: what waits in {url.rpartition('/')[2]}")
    many = dead_letters(stage, outputs)
    reasons, now = Reasons(stage), Ambient().now()
    with Holding(stage.client("sqs"), url) as holding:
        letters = [letter for some in Selection(count=min(many, MOST_SHOWN)).batches(holding) for letter in some]
    for sentence, count in Counter(reason(reasons, letter, now) for letter in letters).items():
        voice.say(folded(sentence, sign=f"    {count} x  "))
    if many > len(letters):
        voice.say(f"    and {many - len(letters):,} more: .venv/bin/python -m operations.redrive show dlq")


def reason(reasons: Reasons, letter: Letter, now: datetime) -> str:
    """Why a message of this queue failed."""
    try:
        sales_in(letter.body)
    except BadItem as error:
        return f"invalid: {error}"
    return "; ".join(reasons.of(letter, now))


def dead_letters(stage: Stage, outputs: Mapping[str, str]) -> int:
    """How many messages wait for a person."""
    return _in_queue(stage.client("sqs"), outputs["DeadLettersUrl"])


def _in_queue(sqs: Any, url: str) -> int:
    found = described(sqs, url)
    if found is None:
        raise Problem(f"The queue {url} is gone: `make up` deploys it again.")
    return found.waiting + found.received


def _send_bad(stage: Stage, bad: Bad, *, queue: str) -> None:
    if bad.body is not None:
        stage.client("sqs").send_message(QueueUrl=queue, MessageBody=bad.body)
        return
    detail = json.dumps(bad.detail, default=float)
    entry = {"EventBusName": BUS, "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail}
    if refused := stage.client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise Problem(f"The bus {BUS} refused {refused} of the demonstration's events: {detail[:200]}")
