"""The Lambda function that takes sold products from the queue and writes them as sales."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from carousel_sync.event_sync import Sync
from carousel_sync.settings import settings_of
from sales_intelligence.tables import SALES
from shardwell.client import shared_client
from shardwell.object_client import make_object_client
from shardwell.queue_client import make_queue_client, show_at_once
from shardwell.queue_events import Message, failures_answer, messages_of
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@cache
def _queues() -> SQSClient:
    # Not made while Lambda starts, as what is below: most processes never see a message that they must give up.
    return make_queue_client()


def _give_up(messages: Sequence[Message]) -> None:
    show_at_once(_queues(), messages)


# Made while Lambda starts, at full speed and for one thread only.
sync = Sync(
    Store(SALES, name=os.environ["TABLE_NAME"], client=shared_client()),
    VectorObjects(make_object_client(), os.environ["LAKE_BUCKET"]),
    settings_of(os.environ),
    give_up=_give_up,
)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 (the signature is Lambda's)
    """The messages that are to come again."""
    return failures_answer(sync.handle(messages_of(event)))
