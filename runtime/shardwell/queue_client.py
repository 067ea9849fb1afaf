"""What a function does to its queue beside answering: it shows messages again that gain nothing by waiting.

Lambda does not touch a message that a function has reported as failed: it stays hidden for the rest of its queue's
visibility timeout, 6 times the function's own and more, and that before each further attempt. Where only time can help
this is right. Where nothing can, it keeps the message from the dead-letter queue for minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shardwell.queue_events import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=3)
"""Short: without an answer the messages come all the same, only later."""

logger = Logger()


def make_queue_client(**settings: Any) -> SQSClient:
    """A client of SQS with this library's settings; `settings` are those of `boto3.client`."""
    return boto3.client("sqs", **{"config": CONFIG, **settings})


def show_at_once(client: SQSClient, messages: Sequence[Message], *, log: Logger = logger) -> None:
    """Have messages delivered again without delay, each also to be reported as failed.

    The function needs `sqs:ChangeMessageVisibility`. Where SQS does not do it, the log has a warning, and this message
    and those after it come again when their visibility timeout is over.
    """
    for place, message in enumerate(messages):
        try:
            client.change_message_visibility(
                QueueUrl=_url_of(client.meta.endpoint_url, message.queue),
                ReceiptHandle=message.receipt,
                VisibilityTimeout=0,
            )
        except (ClientError, BotoCoreError) as error:
            # The rest is left too: a queue that does not answer would cost the function its time.
            told = {"messageId": message.id, "left": len(messages) - place, "reason": str(error)}
            log.warning("messages not shown at once", extra=told)
            return


def _url_of(endpoint: str, arn: str) -> str:
    """A queue's URL: that of its region's endpoint, which is the function's own, and what its ARN ends with."""
    account, name = arn.split(":")[4:6]
    return f"{endpoint}/{account}/{name}"
