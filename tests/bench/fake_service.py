"""A DynamoDB that answers queries of one index from memory, after a given time: it costs nothing but that."""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from shardwell.codec import Codec
from shardwell.schema import Table

PAGE_ITEMS = 2_500
"""About what 1 MB holds of items of 400 bytes."""


class FakeService:
    """The `query` of a DynamoDB client."""

    def __init__(self, table: Table, index: str, *, latency: float) -> None:
        self._codec = Codec.of(table, None, "bench")
        self._key = table.indexes[index]
        self._latency = latency
        self._partitions: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def fill(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Store items, each partition sorted."""
        names = [attribute.name for attribute in self._key.attributes]
        for item in items:
            encoded = self._codec.encoded(item, datetime.now(UTC))
            partition, sort = (encoded[name]["S"] for name in names)
            self._partitions[partition].append((sort, json.dumps(encoded)))
        for found in self._partitions.values():
            found.sort(key=lambda entry: entry[0])

    def query(self, **request: Any) -> dict[str, Any]:
        """One page of a partition."""
        time.sleep(self._latency)
        found = self._partitions[request["ExpressionAttributeValues"][":v0"]["S"]]
        start = 0
        if (key := request.get("ExclusiveStartKey")) is not None:
            start = bisect_right(found, key[self._key.attributes[1].name]["S"], key=lambda entry: entry[0])
        end = start + min(request.get("Limit", PAGE_ITEMS), PAGE_ITEMS)
        items = [json.loads(item) for _, item in found[start:end]]
        answer: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if end < len(found):
            names = self._codec.key_attributes(self._key)
            answer["LastEvaluatedKey"] = {name: items[-1][name] for name in names}
        return answer
