"""What a function does to its queue beside answering: it shows messages again that gain nothing by waiting.

Lambda does not touch a message that a function has reported as failed: it stays hidden for the rest of its queue's
visibility timeout, 6 times the function's own and more, and that before each further attempt. Where only time can help
this is right. Where nothing can, it keeps the message from the dead-letter queue for minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shardwell.queue_events import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=3)
"""Short: without an answer the messages come all the same, only later."""

logger = Logger()


def make_queue_client(**settings: Any) -> SQSClient:
    """A client of SQS with this library's settings; `settings` are those of `boto3.client`."""
    return boto3.client("sqs", **{"config": CONFIG, **settings})


def show_at_once(client: SQSClient, messages: Sequence[Message], *, log: Logger = logger) -> None:
    """Have messages delivered again without delay, each also to be reported as failed.

    The function needs `sqs:ChangeMessageVisibility`. What SQS refuses is a warning in the log, and comes when its
    visibility timeout is over.
    """
    for url, some in _requests(client.meta.endpoint_url, messages):
        entries: list[Any] = [
            {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": 0}
            for number, message in enumerate(some)
        ]
        try:
            answer = client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            # The rest is left too: a queue that does not answer would cost the function its time.
            log.warning("messages not shown at once", extra={"queue": url, "reason": str(error)})
            return
        for refused in answer.get("Failed", []):
            told = {"messageId": some[int(refused["Id"])].id, "reason": f"{refused['Code']}: {refused.get('Message')}"}
            log.warning("message not shown at once", extra=told)


def _requests(endpoint: str, messages: Sequence[Message]) -> Iterator[tuple[str, Sequence[Message]]]:
    """Messages by the URL of their queue, as many as one request takes."""
    queues: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        account, name = message.queue.split(":")[4:6]
        queues[f"{endpoint}/{account}/{name}"].append(message)
    for url, some in queues.items():
        for start in range(0, len(some), AT_ONCE):
            yield url, some[start : start + AT_ONCE]
