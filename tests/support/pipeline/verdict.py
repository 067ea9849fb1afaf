"""Whether a pipeline that has come to rest has every accepted sale once, in both stores, as it was sent."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shardwell.values import decode_item
from tests.support.lake import rows_of
from tests.support.pipeline.workload import DERIVED, Key, Sent, Workload, said
from tests.support.pipeline.world import BUCKET, World

_SAME = {
    "tenant": "tenant_id",
    "productId": "product_id",
    "saleId": "sale_id",
    "season": "season",
    "category": "category",
    "brand": "brand",
    "currency": "currency",
    "salePrice": "sale_price",
    "originalPrice": "original_price",
    "vendorId": "vendor_id",
    "daysToSell": "days_to_sell",
    "description": "description",
    "embeddingId": "embedding_id",
    "embeddingS3Key": "embedding_s3_key",
    "fingerprint": "fingerprint",
}
"""An attribute of an item, and the column of its row that has the same value."""
_SENT = {
    "category": "category",
    "brand": "brand",
    "salePrice": "salePrice",
    "listedPrice": "originalPrice",
    "description": "description",
    "vendorId": "vendorId",
    "daysToSell": "daysToSell",
    "embeddingId": "embeddingId",
}
"""A field of an event, and the attribute that has the same value."""


@dataclass
class Verdict:
    """What is wrong with the end of a run: nothing, if all is empty."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Not as it was sent, or not where it belongs."""

    @property
    def good(self) -> bool:
        """Whether nothing is."""
        return not (self.lost or self.repeated or self.wrong)


def judge(world: World, workload: Workload) -> Verdict:
    """The verdict on a run that has been drained."""
    found = Verdict()
    accepted = workload.accepted
    items = {_key_of(item): item for item in map(decode_item, world.table.items.values())}
    rows: dict[Key, list[dict[str, Any]]] = {}
    with world.calls.others():
        for row in rows_of(world.load()):
            rows.setdefault(_row_key(row), []).append(row)
    _compare_keys(found, accepted, items, rows)
    winners: dict[Key, Sent] = {}
    for key in accepted.keys() & items.keys():
        winner = next((one for one in accepted[key] if _is_of(items[key], one)), None)
        if winner is None:
            found.wrong.append(f"the item {key} is as nobody sent it")
            continue
        winners[key] = winner
        _compare_vector(found, world, key, items[key], winner)
        for row in rows.get(key, []):
            _compare_row(found, key, items[key], row, winner)
    _compare_dead(found, world, workload, winners)
    if not world.at_rest:
        found.wrong.append("something was still on its way when time was up")
    return found


def _compare_keys(
    found: Verdict, accepted: Iterable[Key], items: Mapping[Key, Any], rows: Mapping[Key, list[Any]]
) -> None:
    wanted = set(accepted)
    found.lost += [f"no item {key}" for key in sorted(wanted - items.keys())]
    found.lost += [f"no row {key}" for key in sorted(wanted - rows.keys())]
    found.repeated += [f"{len(several)} rows {key}" for key, several in rows.items() if len(several) > 1]
    found.wrong += [f"an item {key} that nobody sent" for key in items.keys() - wanted]
    found.wrong += [f"a row {key} that nobody sent" for key in rows.keys() - wanted]


def _compare_vector(found: Verdict, world: World, key: Key, item: Mapping[str, Any], winner: Sent) -> None:
    pointer = item.get("embeddingS3Key")
    if (pointer is None) != (winner.embedding is None):
        found.wrong.append(f"the item {key} points at {pointer}")
    elif pointer is not None:
        place, _, row = pointer.removeprefix(f"s3://{BUCKET}/").rpartition("#")
        content = world.bucket.objects.get(place)
        if content is None or _vector(content[0], int(row)) != winner.embedding:
            found.wrong.append(f"the item {key} points at {pointer}, which is not its vector")


def _compare_row(found: Verdict, key: Key, item: Mapping[str, Any], row: Mapping[str, Any], winner: Sent) -> None:
    differing = [name for name, column in _SAME.items() if item.get(name) != row[column]]
    numbers = row["embedding"]
    vector = None if numbers is None else struct.pack(f"<{len(numbers)}f", *numbers)
    if differing or vector != winner.embedding or row["operation"] != "insert":
        found.wrong.append(f"the row {key} differs from its item in {differing or 'its vector'}")


def _compare_dead(found: Verdict, world: World, workload: Workload, winners: Mapping[Key, Sent]) -> None:
    def refused(one: Sent) -> bool:
        return not one.good or (one.key in winners and said(one) != said(winners[one.key]))

    expected = Counter(message.body for message in workload.messages if any(map(refused, message.sales)))
    dead = Counter(world.queue.dead)
    found.wrong += [f"a message is not among the dead letters: {one[:200]}" for one in expected - dead]
    found.wrong += [f"a message is among the dead letters: {one[:200]}" for one in dead - expected]


def _key_of(item: Mapping[str, Any]) -> Key:
    return item["tenant"], item["productId"], item["saleDate"], _given_id(item["saleId"])


def _row_key(row: Mapping[str, Any]) -> Key:
    return row["tenant_id"], row["product_id"], row["sale_date"].isoformat(), _given_id(row["sale_id"])


def _given_id(text: str) -> str:
    return DERIVED if text.startswith("derived-") else text


def _is_of(item: Mapping[str, Any], sent: Sent) -> bool:
    return all(_plain(item.get(name)) == _plain(sent.detail.get(told)) for told, name in _SENT.items())


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | float | Decimal) else value


def _vector(content: bytes, row: int) -> bytes:
    """A row of an object of vectors, read by nothing but its description: all here have four numbers."""
    (length,) = struct.unpack_from("<I", content, 12)
    start = 20 + length + 16 * row
    return content[start : start + 16]
