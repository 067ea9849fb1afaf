"""The shared DynamoDB client, its settings chosen on purpose, and its errors as ours."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from platform import python_version
from typing import TYPE_CHECKING, Any

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.session import get_session

from shardwell.answers import ItemParserFactory
from shardwell.errors import (
    BadItem,
    BadQuery,
    ConditionFailed,
    SchemaError,
    ShardwellError,
    Throttled,
    TooLarge,
    Unavailable,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FAN_OUT = 32
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=2,
    read_timeout=10,
    tcp_keepalive=True,
    max_pool_connections=FAN_OUT + 8,
    parameter_validation=False,
    user_agent=f"shardwell Boto3/{boto3.__version__} Botocore/{botocore.__version__} Python/{python_version()}",
)
"""botocore's defaults are one minute of waiting and ten connections, fewer than a fan-out uses at once.

Requests are not validated a second time: every value in them has been through this library's own encoder. The user
agent is put together here once, and not by botocore for each request, which takes it a tenth of a small request's time.
"""

REFUSALS = (ShardwellError, ClientError, BotoCoreError)
"""Every way in which a request can fail; anything else is a mistake in the code and is not caught."""

_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflictException",
    "TransactionConflict",
    "TransactionInProgressException",
}
_INVALID: tuple[tuple[str, type[ShardwellError]], ...] = (
    ("xpression size", BadQuery),
    ("exceeded the maximum allowed size", TooLarge),
    ("Invalid FilterExpression", BadQuery),
    ("Invalid ConditionExpression", BadQuery),
    ("Invalid ProjectionExpression", BadQuery),
    ("Filter Expression can only contain", BadQuery),
    ("incorrect data type", BadItem),
    ("magnitude", BadItem),
    ("precision", BadItem),
    ("numeric value", BadItem),
)
"""What a caller's own values make DynamoDB refuse, and only it can tell: a word of its message, and our error."""

_FAULTS = {"InternalServerError", "InternalServerErrorException", "ServiceUnavailable", "InternalFailure"}


@cache
def shared_client() -> DynamoDBClient:
    """One client for the whole process: making one takes 50 ms and is not safe in two threads at once."""
    return make_client()


def make_client(**settings: Any) -> DynamoDBClient:
    """A client with this library's settings and its way to read answers; `settings` are those of `boto3.client`."""
    session = get_session()
    session.register_component("response_parser_factory", ItemParserFactory())
    return boto3.Session(botocore_session=session).client("dynamodb", **{"config": CONFIG, **settings})


@cache
def shared_pool() -> ThreadPoolExecutor:
    """The threads that requests of one query or batch run in side by side; none of them waits for another."""
    return ThreadPoolExecutor(FAN_OUT, thread_name_prefix="shardwell")


def call(operation: Callable[..., Any], **request: Any) -> Any:
    """The answer of a client's operation, its errors as the ones a caller can act on."""
    try:
        return operation(**request)
    except ClientError as error:
        found = as_ours(error.response["Error"].get("Code", ""), str(error), request.get("TableName"))
        if found is None:
            raise
        raise found from error
    except (BotoConnectionError, HTTPClientError) as error:
        raise Unavailable(
            f"DynamoDB did not answer ({error}): whether the request was carried out is not known."
        ) from error
    except BotoCoreError as error:
        if type(error).__name__ == "FlexibleChecksumError" or "checksum" in str(error).lower():
            raise Unavailable(f"DynamoDB's answer was damaged on its way ({error}).") from error
        raise


def as_ours(code: str, message: str, table: str | None) -> ShardwellError | None:
    """The error of ours for a code of DynamoDB's; None where a caller can do nothing but report it."""
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(f"The condition of the write does not hold: {message}")
    if code in _THROTTLES:
        return Throttled(f"DynamoDB refused for lack of capacity or for contention, also when asked again: {message}")
    if code in _FAULTS:
        return Unavailable(f"DynamoDB had a fault of its own: {message}")
    if code in ("ItemCollectionSizeLimitExceededException", "ItemCollectionSizeLimitExceeded"):
        return TooLarge(message)
    if code in ("ValidationException", "ValidationError"):
        kind = next((error for part, error in _INVALID if part in message), None)
        return None if kind is None else kind(f"DynamoDB refuses the request until it is changed: {message}")
    if code in ("ResourceNotFoundException", "ResourceNotFound"):
        return SchemaError(f"The table or index {table or ''} does not exist in this account and region: {message}")
    return None
