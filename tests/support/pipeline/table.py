"""A DynamoDB table in memory, behind DynamoDB's protocol, with a stream of two shards."""

from __future__ import annotations

import copy
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSResponse

from shardwell.creation import create_table_request
from shardwell.schema import Table
from tests.support.pipeline.line import Request, response
from tests.support.rules.batches import inserted
from tests.support.rules.items import size_of

SHARDS = ("shardId-00000001768478400000-00000000", "shardId-00000001768478400000-00000001")
_FIRST_SEQUENCES = (985, 49_590_338_271_490_256_608_559_692_538_361_571_095)
"""Those of one shard soon get another digit: as text alone they would sort wrongly."""
_ABSENT = re.compile(r"attribute_not_exists\s*\(\s*([#\w]+)\s*\)")


class MemoryTable:
    """Items, inserted if they are absent and read by key; and the records of the stream, by shard."""

    def __init__(self, table: Table, *, name: str, now: Callable[[], datetime]) -> None:
        self._described = {**create_table_request(table, name=name), "TableStatus": "ACTIVE"}
        self._names = tuple(attribute.name for attribute in table.key.attributes)
        self._name = name
        self._now = now
        self._lock = Lock()  # a batch's requests come side by side, and each shard has one order
        self.items: dict[tuple[str, ...], dict[str, Any]] = {}
        self.records: dict[str, list[dict[str, Any]]] = {shard: [] for shard in SHARDS}

    def answer(self, request: Request) -> AWSResponse:
        """As DynamoDB does."""
        with self._lock:
            return self._answer(request)

    def refusal(self) -> AWSResponse:
        """Too much was asked of the table."""
        return _error("ProvisionedThroughputExceededException")

    def _answer(self, request: Request) -> AWSResponse:
        asked = json.loads(request.body)
        match request.operation:
            case "BatchExecuteStatement":
                return _json({"Responses": [self._insert(item) for _, item in inserted(asked)]})
            case "BatchGetItem":
                return _json({"Responses": {self._name: list(self._found(asked))}, "UnprocessedKeys": {}})
            case "PutItem":
                return self._put(asked)
            case "DescribeTable":
                return _json({"Table": self._described})
        raise NotImplementedError(request.operation)

    def _insert(self, item: Mapping[str, Any]) -> dict[str, Any]:
        if self._key(item) in self.items:
            return {"Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}}
        self._store(item)
        return {"TableName": self._name}

    def _put(self, asked: Mapping[str, Any]) -> AWSResponse:
        condition = asked.get("ConditionExpression")
        if condition is not None and not _ABSENT.fullmatch(condition):
            raise NotImplementedError(condition)
        if condition is not None and self._key(asked["Item"]) in self.items:
            return _error("ConditionalCheckFailedException")
        self._store(asked["Item"])
        return _json({})

    def _found(self, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for key in asked["RequestItems"][self._name]["Keys"]:
            if (item := self.items.get(self._key(key))) is not None:
                yield item

    def _key(self, item: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(item[name]["S"] for name in self._names)

    def _store(self, item: Mapping[str, Any]) -> None:
        key, old = self._key(item), self.items.get(self._key(item))
        new = {name: _as_stored(value) for name, value in item.items()}
        self.items[key] = new
        number = zlib.crc32(key[0].encode()) % len(SHARDS)
        told = self.records[SHARDS[number]]
        images = {"NewImage": new} if old is None else {"OldImage": old, "NewImage": new}
        told.append(
            {
                "eventID": f"{number}-{len(told)}",
                "eventName": "INSERT" if old is None else "MODIFY",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "ApproximateCreationDateTime": self._now().timestamp(),
                    "Keys": {name: new[name] for name in self._names},
                    "SequenceNumber": str(_FIRST_SEQUENCES[number] + 3 * len(told)),
                    "SizeBytes": size_of(new),
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                    **copy.deepcopy(images),
                },
            }
        )


def _as_stored(value: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, inner),) = value.items()
    if kind != "N":
        return dict(value)
    number = Decimal(inner).normalize()
    return {"N": format(number, "f")}


def _json(body: Mapping[str, Any]) -> AWSResponse:
    content = json.dumps(body).encode()
    return response(200, content, content_type="application/x-amz-json-1.0")


def _error(code: str) -> AWSResponse:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "refused by the test"}
    return response(400, json.dumps(body).encode(), content_type="application/x-amz-json-1.0")
