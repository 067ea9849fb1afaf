"""A DynamoDB table in memory behind the client's methods: faithful where the store could err, and far faster than moto.

It pages by a number of items, returns items that tie on an index's sort key in no meaningful order, goes on from keys
that are gone, and refuses what DynamoDB refuses: unused placeholders, key attributes of a wrong type or size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError

from tests.property.evaluator import Invalid, Item, Reader, ordered

_INSERT = re.compile(r"INSERT INTO \"([^\"]+)\" VALUE \{(.*)\}", re.DOTALL)
_KEY_CONDITION = re.compile(r"(#\w+) = (:\w+)( AND .*)?", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')*)': \?")
_MOST_BYTES = {"HASH": 2048, "RANGE": 1024}


@dataclass(frozen=True)
class Schema:
    """The attributes of a table's or an index's key: partition, then sort."""

    names: tuple[str, ...]
    projected: frozenset[str] | None = None


class MemoryClient:
    """One table behind the methods of a client that a store calls."""

    def __init__(self, creation: Mapping[str, Any], *, page: int = 1_000) -> None:
        self.table = creation["TableName"]
        self.page = page
        self.items: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.requests: list[tuple[str, Mapping[str, Any]]] = []
        self._types = {one["AttributeName"]: one["AttributeType"] for one in creation["AttributeDefinitions"]}
        self._key = _names(creation)
        self._indexes: dict[str, Schema] = {}
        for index in creation.get("GlobalSecondaryIndexes", ()):
            fields = index["Projection"].get("NonKeyAttributes", ())
            everything = index["Projection"]["ProjectionType"] == "ALL"
            projected = None if everything else frozenset([*self._key, *_names(index), *fields])
            self._indexes[index["IndexName"]] = Schema(_names(index), projected)
        self._lock = RLock()

    def get_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("GetItem", request):
            found = self.items.get(self._place(request["Key"]))
            self._check_names(request, [])
            return {} if found is None else {"Item": self._projected(found, request)}

    def put_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("PutItem", request):
            return self._write("Put", request)()

    def update_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("UpdateItem", request):
            return self._write("Update", request)()

    def delete_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("DeleteItem", request):
            return self._write("Delete", request)()

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("BatchGetItem", request):
            keys = request["RequestItems"][self.table]["Keys"]
            places = [self._place(key) for key in keys]
            if not 1 <= len(places) <= 100 or len(set(places)) < len(places):
                raise Invalid("Provided list of item keys contains duplicates, or too many")
            return {"Responses": {self.table: [dict(self.items[p]) for p in places if p in self.items]}}

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        with self._answering("BatchWriteItem", request):
            asked = request["RequestItems"][self.table]
            kinds = [
                ("Put", one["PutRequest"]) if "PutRequest" in one else ("Delete", one["DeleteRequest"]) for one in asked
            ]
            places = [self._place(one.get("Item", one.get("Key"))) for _, one in kinds]
            if not 1 <= len(places) <= 25 or len(set(places)) < len(places):
                raise Invalid("Provided list of item keys contains duplicates, or too many")
            for do in [self._write(kind, one) for kind, one in kinds]:
                do()
            return {"UnprocessedItems": {}}

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        with self._answering("BatchExecuteStatement", request):
            responses = []
            for one in request["Statements"]:
                match = _INSERT.fullmatch(one["Statement"])
                if match is None or match[1] != self.table or len(request["Statements"]) > 25:
                    raise Invalid("Statement wasn't well formed")
                names = [name.replace("''", "'") for name in _QUOTED.findall(match[2])]
                item = dict(zip(names, one["Parameters"], strict=True))
                if self._place(item) in self.items:
                    responses.append({"Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists"}})
                else:
                    self._write("Put", {"Item": item})()
                    responses.append({})
            return {"Responses": responses, "ResponseMetadata": {}}

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        with self._answering("TransactWriteItems", request):
            actions = [next(iter(one.items())) for one in request["TransactItems"]]
            doing, reasons = [], []
            for kind, one in actions:
                try:
                    doing.append(self._write(kind, one))
                    reasons.append({"Code": "None"})
                except ClientError as error:
                    reasons.append({"Code": "ConditionalCheckFailed", "Item": error.response.get("Item")})
            if len(doing) < len(actions):
                raise _error("TransactionCanceledException", "Transaction cancelled", CancellationReasons=reasons)
            for do in doing:
                do()
            return {}

    def query(self, **request: Any) -> dict[str, Any]:
        with self._answering("Query", request):
            schema = self._indexes[request["IndexName"]] if "IndexName" in request else Schema(self._key)
            condition = self._reader(request["KeyConditionExpression"], request)
            chosen = condition.condition()
            self._check_key_condition(schema, request)
            found = [item for item in self.items.values() if self._is_in(schema, item) and chosen(item)]
            return self._paged(found, schema, request, condition)

    def scan(self, **request: Any) -> dict[str, Any]:
        with self._answering("Scan", request):
            segment, total = request.get("Segment", 0), request.get("TotalSegments", 1)
            found = [i for i in self.items.values() if crc32(repr(i[self._key[0]]).encode()) % total == segment]
            return self._paged(found, Schema(self._key), request, None)

    def _paged(
        self, found: Iterable[Item], schema: Schema, request: Mapping[str, Any], key_reader: Reader | None
    ) -> dict[str, Any]:
        ordering = sorted(found, key=lambda item: self._order(schema, item))
        if not request.get("ScanIndexForward", True):
            ordering.reverse()
        start = request.get("ExclusiveStartKey")
        if start is not None:
            if set(start) != {*self._key, *schema.names}:
                raise Invalid("The provided starting key is invalid")
            after = self._order(schema, start)
            forward = request.get("ScanIndexForward", True)
            ordering = [
                i for i in ordering if (self._order(schema, i) > after) is forward and self._order(schema, i) != after
            ]
        looked_at = ordering[: min(request.get("Limit", self.page), self.page)]
        readers = [] if key_reader is None else [key_reader]
        kept = looked_at
        if "FilterExpression" in request:
            readers.append(self._reader(request["FilterExpression"], request))
            passes = readers[-1].condition()
            kept = [item for item in looked_at if passes(item)]
        answer: dict[str, Any] = {"Count": len(kept), "ScannedCount": len(looked_at)}
        if request.get("Select") != "COUNT":
            visible = [{n: v for n, v in i.items() if schema.projected is None or n in schema.projected} for i in kept]
            answer["Items"] = [self._projected(item, request) for item in visible]
        self._check_names(request, readers)
        stopped = len(looked_at) == min(request.get("Limit", self.page), self.page)
        if stopped and looked_at:
            answer["LastEvaluatedKey"] = {name: looked_at[-1][name] for name in {*self._key, *schema.names}}
        return answer

    def _write(self, kind: str, request: Mapping[str, Any]) -> Any:
        """Checks a write and its condition, and gives what does it."""
        place = self._place(request["Item"] if kind == "Put" else request["Key"])
        before = self.items.get(place)
        readers = []
        if "ConditionExpression" in request:
            readers.append(self._reader(request["ConditionExpression"], request))
            if not readers[-1].condition()(before or {}):
                self._check_names(request, [*readers, *self._update_readers(request)])
                wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before is not None
                raise _error("ConditionalCheckFailedException", "refused", **({"Item": dict(before)} if wanted else {}))
        after: dict[str, Any] | None = dict(request["Item"]) if kind == "Put" else before
        if kind == "Update":
            readers += self._update_readers(request)
            after = readers[-1].update()({**request["Key"], **(before or {})})
            if {request.get("ExpressionAttributeNames", {}).get(name) for name in readers[-1].changed} & set(self._key):
                raise Invalid("Cannot update attribute. This attribute is part of the key")
        if kind != "ConditionCheck" and kind != "Delete":
            self._check_item(after or {})
        self._check_names(request, readers)

        def do() -> dict[str, Any]:
            if kind == "Delete":
                self.items.pop(place, None)
            elif after is not None and kind != "ConditionCheck":
                self.items[place] = after
            returned = {"ALL_OLD": before, "ALL_NEW": after}.get(request.get("ReturnValues", ""))
            return {} if returned is None else {"Attributes": dict(returned)}

        return do

    def _update_readers(self, request: Mapping[str, Any]) -> list[Reader]:
        if "UpdateExpression" not in request:
            return []
        reader = self._reader(request["UpdateExpression"], request)
        Reader.update(self._reader(request["UpdateExpression"], request))
        return [reader]

    def _reader(self, text: str, request: Mapping[str, Any]) -> Reader:
        names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        return Reader(text, names, values)

    def _check_names(self, request: Mapping[str, Any], readers: list[Reader]) -> None:
        given = {*request.get("ExpressionAttributeNames", {}), *request.get("ExpressionAttributeValues", {})}
        used = set().union(*(reader.used for reader in readers))
        for expression in ("ProjectionExpression", "UpdateExpression"):
            if expression in request:
                reader = self._reader(request[expression], request)
                _ = reader.names() if expression.startswith("P") else reader.update()
                used |= reader.used
        if given - used:
            raise Invalid(f"Value provided in ExpressionAttribute… unused in expressions: {given - used}")

    def _check_item(self, item: Item) -> None:
        for name in self._types:
            if name in item:
                self._check_key_value(name, item[name])

    def _check_key_value(self, name: str, value: Mapping[str, Any]) -> None:
        ((kind, inner),) = value.items()
        if kind != self._types[name] or inner in ("", b""):
            raise Invalid(f"Type mismatch for Index Key {name}, or empty: {value}")
        roles = [
            r
            for names in (self._key, *(i.names for i in self._indexes.values()))
            for n, r in zip(names, _MOST_BYTES, strict=False)
            if n == name
        ]
        most = min(_MOST_BYTES[role] for role in roles)
        if kind != "N" and len(inner.encode() if kind == "S" else inner) > most:
            raise Invalid(f"Size of {name} has exceeded the maximum size limit of {most} bytes")

    def _check_key_condition(self, schema: Schema, request: Mapping[str, Any]) -> None:
        match = _KEY_CONDITION.fullmatch(request["KeyConditionExpression"])
        if match is None or request["ExpressionAttributeNames"][match[1]] != schema.names[0]:
            raise Invalid("Query condition missed key schema element")
        values = request["ExpressionAttributeValues"]
        for token, most in ((match[2], 2048), *((one, 1024) for one in re.findall(r":\w+", match[3] or ""))):
            ((kind, inner),) = values[token].items()
            if inner in ("", b"") or (kind != "N" and len(inner.encode() if kind == "S" else inner) > most):
                raise Invalid(f"Size of a key value is 0 or has exceeded {most} bytes")

    def _place(self, item: Item) -> tuple[Any, ...]:
        if not set(self._key) <= set(item):
            raise Invalid("The provided key element does not match the schema")
        for name in self._key:
            self._check_key_value(name, item[name])
        return tuple(ordered(item[name]) for name in self._key)

    def _is_in(self, schema: Schema, item: Item) -> bool:
        return all(name in item for name in schema.names)

    def _order(self, schema: Schema, item: Item) -> tuple[Any, ...]:
        """The place of an item in an index; those that tie on the sort key are in the order of a hash."""
        place = self._place(item)
        if schema.names == self._key:
            return place
        own = tuple(ordered(item[name]) for name in schema.names)
        return (*own, crc32(repr(place).encode()), place)

    def _projected(self, item: Item, request: Mapping[str, Any]) -> dict[str, Any]:
        if "ProjectionExpression" not in request:
            return dict(item)
        names = self._reader(request["ProjectionExpression"], request).names()
        if len(set(names)) < len(names):
            raise Invalid("Two document paths overlap with each other")
        return {name: item[name] for name in names if name in item}

    def place(self, plain: Mapping[str, str]) -> tuple[Any, ...]:
        """Where the item with this key is in `items`."""
        return self._place({name: {self._types[name]: value} for name, value in plain.items()})

    def _answering(self, operation: str, request: Mapping[str, Any]) -> Any:
        return _Answering(self, operation, request)


class _Answering:
    """Holds the table while a request is answered, and turns what it refuses into the client's error."""

    def __init__(self, client: MemoryClient, operation: str, request: Mapping[str, Any]) -> None:
        self._client = client
        self._noted = (operation, request)

    def __enter__(self) -> None:
        self._client._lock.acquire()
        self._client.requests.append(self._noted)

    def __exit__(self, _type: Any, error: BaseException | None, _trace: Any) -> None:
        self._client._lock.release()
        if isinstance(error, Invalid):
            raise _error("ValidationException", str(error)) from error


def _names(described: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one["AttributeName"] for one in described["KeySchema"])


def _error(code: str, message: str, **further: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}, **further}, "Any")
