"""The queues of a stage where failed messages wait: found by name and by the policies that lead to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from operations.local.problem import Problem

_FOR_FAILURES = re.compile(r"dlq|dead-?letter|undelivered|skipped|failure", re.IGNORECASE)
"""What the name of a queue has in it that messages of no other queue come to, but failed calls and deliveries."""
_URL = re.compile(r"https?://\S+/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: how many messages wait, how many somebody has received, and where those go that fail, by ARN."""

    url: str
    name: str
    arn: str
    waiting: int
    received: int
    fails_to: str | None
    sources: tuple[str, ...] = ()
    """The ARNs of the queues whose failed messages come here."""

    @property
    def for_failures(self) -> bool:
        """Whether it is a queue that only a person reads."""
        return self.fails_to is None and bool(self.sources or _FOR_FAILURES.search(self.name))


def failure_queues(sqs: Any, stage: str) -> list[Queue]:
    """The queues of a stage where failed messages wait, by name."""
    ours = re.compile(rf"shardwell-{re.escape(stage)}-.+|.+-dlq-{re.escape(stage)}", re.ASCII)
    found = [queue for url in _urls(sqs) if ours.fullmatch(name_of(url)) and (queue := described(sqs, url))]
    return sorted((one for one in with_sources(found) if one.for_failures), key=lambda queue: queue.name)


def find(sqs: Any, stage: str, wanted: str) -> Queue:
    """The queue of a URL, of a name, or of a part of the name of exactly one of the stage's failure queues."""
    known = failure_queues(sqs, stage)
    name = name_of(wanted)
    exact = [queue for queue in known if queue.name == name]
    similar = exact or [queue for queue in known if name.lower() in queue.name.lower()]
    if len(similar) == 1:
        return similar[0]
    if similar:
        raise Problem(
            f"{wanted} is part of the names of {len(similar)} queues: give more of the one you mean.",
            detail="\n".join(queue.name for queue in similar),
        )
    return _check_reader(_another(sqs, wanted))


def described(sqs: Any, url: str) -> Queue | None:
    """What SQS says of a queue; None where it is gone."""
    try:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    except sqs.exceptions.QueueDoesNotExist:
        return None
    allowed = json.loads(found.get("RedriveAllowPolicy") or "{}")
    fails_to = json.loads(found.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
    return Queue(
        url=url,
        name=name_of(url),
        arn=found["QueueArn"],
        waiting=int(found.get("ApproximateNumberOfMessages", 0)),
        received=int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
        fails_to=fails_to,
        sources=tuple(allowed.get("sourceQueueArns", ())),
    )


def with_sources(queues: Sequence[Queue]) -> list[Queue]:
    """The queues, each with those of them whose policy leads to it."""
    return [
        replace(
            queue,
            sources=tuple(
                dict.fromkeys(
                    (*queue.sources, *(one.arn for one in queues if one.fails_to and one.fails_to == queue.arn))
                )
            ),
        )
        for queue in queues
    ]


def url_of(sqs: Any, arn: str) -> str:
    """The URL of a queue by its ARN; refuses one that is not there."""
    _, _, service, _, account, name = arn.split(":", 5)
    if service != "sqs":
        raise Problem(f"{arn} is no queue: nothing can be moved to it.")
    try:
        return str(sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"])
    except sqs.exceptions.QueueDoesNotExist:
        raise Problem(f"The queue {name}, where the messages came from, is gone: name another one with --to.") from None


def name_of(url: str) -> str:
    """The name in a queue's URL; a text that is no URL is a name already."""
    found = _URL.fullmatch(url)
    return found[1] if found else url


def _urls(sqs: Any) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        answer = sqs.list_queues(MaxResults=1000, **token)
        yield from answer.get("QueueUrls", [])
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _another(sqs: Any, wanted: str) -> Queue:
    """A queue that is not among those of the stage."""
    try:
        url = wanted if _URL.fullmatch(wanted) else sqs.get_queue_url(QueueName=wanted)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        url = None
    found = described(sqs, url) if url else None
    if found is None:
        raise Problem(f"There is no queue {wanted} here: `python -m operations.redrive list` shows those there are.")
    near = [queue for other in _urls(sqs) if (queue := described(sqs, other))]
    return next((one for one in with_sources(near) if one.arn == found.arn), found)


def _check_reader(queue: Queue) -> Queue:
    if queue.fails_to:
        raise Problem(
            f"{queue.name} is worked on by a function, and each look at a message would use up one of its attempts: "
            f"name the queue where its failed messages wait, {queue.fails_to.rpartition(':')[2]}."
        )
    return queue
