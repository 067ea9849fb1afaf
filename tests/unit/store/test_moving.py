"""An item that moves to another shard just between the looks into the two is found all the same, and once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any

import pytest

from shardwell import Key, Table
from shardwell.store import Store

TABLE = Table(
    "moving-{stage}",
    key=Key(PK="SALE#{id}"),
    indexes={"ByDay": Key(GPK="SHARD#{shard}", GSK="{day}#{id}").sharded(2, by="id", former=(1,))},
)


class OneAfterTheOther(Executor):
    """A pool whose work is done at once, so that a test decides what happens between two requests."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Service:
    """Two shards; one item leaves `start` for the other shard after so many requests."""

    def __init__(self, *, start: int, after: int) -> None:
        self.place = start
        self.after = after
        self.requests = 0
        self.still = {shard: [item(f"{day}", f"still{shard}") for day in (1, 3)] for shard in (0, 1)}

    def query(self, **request: Any) -> dict[str, Any]:
        shard = int(request["ExpressionAttributeValues"][":v0"]["S"].removeprefix("SHARD#"))
        found = self.still[shard] + ([item("2", "mover")] if shard == self.place else [])
        self.requests += 1
        if self.requests == self.after:
            self.place = 1 - self.place
        begun = request.get("ExclusiveStartKey", {}).get("GSK", {"S": ""})["S"]
        found = sorted((one for one in found if one["GSK"]["S"] > begun), key=lambda one: str(one["GSK"]["S"]))
        kept = found[: request["Limit"]]
        last = {"LastEvaluatedKey": kept[-1]} if len(kept) < len(found) else {}
        return {"Items": kept, "Count": len(kept), "ScannedCount": len(kept), **last}


def item(day: str, name: str) -> dict[str, Any]:
    return {
        "PK": {"S": f"SALE#{name}{day}"},
        "GSK": {"S": f"{day}#{name}"},
        "GPK": {"S": "SHARD#x"},
        "id": {"S": f"{name}{day}"},
    }


@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_item_once_whenever_it_moves(start: int, after: int, limit: int) -> None:
    service = Service(start=start, after=after)
    store = Store(TABLE, name="moving", client=service, cursor_keys=(b"k" * 32,))
    store._connection = replace(store._connection, pool=OneAfterTheOther())
    found, cursor = [], None
    for _ in range(20):
        page = store.query("ByDay").page(limit=limit, cursor=cursor)
        found += [one["id"] for one in page.items]
        if (cursor := page.cursor) is None:
            break
    assert sorted(found) == ["mover2", "still01", "still03", "still11", "still13"]
    assert [name[-1] for name in found] == sorted(name[-1] for name in found)
