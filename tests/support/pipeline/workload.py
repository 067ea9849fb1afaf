"""Messages for a pipeline: sales alone and packed, sent again in other words, in conflict, and bad ones."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.support.sold import body

Key = tuple[str, str, str, str]
DERIVED = "derived"
"""Stands in a key for an id that the producer did not give: product and day are enough to tell such sales apart."""
HARD_NUMBERS = (-0.0, 1e-45, 3.4028234663852886e38, 0.1, -1.0000001192092896)
"""What a careless step would change: the sign of a zero, the least and the greatest float32, one that is rounded."""


@dataclass(frozen=True)
class Sent:
    """A sale in a message, as its producer means it; `good` unless it is one that nothing can be made of."""

    detail: Mapping[str, Any]
    good: bool = True

    @property
    def key(self) -> Key:
        """What identifies it."""
        one = self.detail
        return one["tenantId"], one["productId"], one["soldDate"], one.get("saleId", DERIVED)

    @property
    def embedding(self) -> bytes | None:
        """Its vector as float32."""
        numbers = self.detail.get("embedding")
        return None if numbers is None else struct.pack(f"<{len(numbers)}f", *numbers)


@dataclass(frozen=True)
class Sending:
    """A message, and the sales in it."""

    body: str
    sales: tuple[Sent, ...]


@dataclass(frozen=True)
class Workload:
    """Messages in the order in which they are sent."""

    messages: tuple[Sending, ...]

    @property
    def accepted(self) -> dict[Key, list[Sent]]:
        """For every sale that must be stored, what was said of it: more than one thing where there is a conflict."""
        found: dict[Key, list[Sent]] = {}
        for one in (sale for message in self.messages for sale in message.sales if sale.good):
            known = found.setdefault(one.key, [])
            if all(said(one) != said(other) for other in known):
                known.append(one)
        return found


def workload(chance: Random, *, sales: int = 16) -> Workload:
    """So many different sales, and what else comes with them."""
    distinct = [Sent(_detail(number, chance)) for number in range(sales)]
    queue: list[list[Sent]] = []
    left = list(distinct)
    while left:
        size = chance.choice((1, 1, 1, 2, 4))
        queue.append(left[:size])
        left = left[size:]
    repeats = [[_in_other_words(chance.choice(distinct))] for _ in range(3)]
    packed_repeat = [_in_other_words(chance.choice(distinct)), chance.choice(distinct)]
    conflicts = [[Sent({**one.detail, "salePrice": 7})] for one in chance.sample(_named(distinct), 2)]
    bad = [
        [Sent({**_detail(90, chance), "salePrice": "much"}, good=False)],
        [Sent(_detail(91, chance)), Sent({**_detail(92, chance), "tenantId": ""}, good=False)],
    ]
    queue += [*repeats, packed_repeat, *conflicts, *bad]
    chance.shuffle(queue)
    return Workload(tuple(Sending(_body(sales), tuple(sales)) for sales in queue))


def _detail(number: int, chance: Random) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "saleId": f"S-{number:03d}",
        "productId": f"PROD-{number % 9}" if number % 5 else f"PROD-of-{number}",
        "tenantId": ("north", "süd#1")[number % 2],
        "category": "handbags",
        "brand": "Aurelle" if number % 3 else None,
        "listedPrice": 500 + number,
        "salePrice": 450 + number,
        "soldDate": ("2025-12-30", "2026-01-05")[number // 2 % 2],
        "description": f"A bag, the {number}th",
        "vendorId": "VENDOR-789",
        "daysToSell": number,
    }
    if number % 5 == 0:
        del detail["saleId"]
    if number % 4 != 3:
        numbers = [chance.choice(HARD_NUMBERS), *(chance.gauss(0, 0.05) for _ in range(3))]
        detail |= {"embeddingId": f"emb-{number}", "embedding": numbers}
    return {name: value for name, value in detail.items() if value is not None}


def _named(sales: Iterable[Sent]) -> list[Sent]:
    """Those whose key does not follow from their price."""
    return [one for one in sales if "saleId" in one.detail]


def _in_other_words(one: Sent) -> Sent:
    detail = dict(reversed(one.detail.items()))
    return Sent({**detail, "salePrice": float(detail["salePrice"]), "condition": None})


def _body(sales: Iterable[Sent]) -> str:
    details = [dict(one.detail) for one in sales]
    return body(details[0] if len(details) == 1 else {"sales": details})


def said(one: Sent) -> str:
    """What a sale says, however it is put."""
    told = {name: value for name, value in one.detail.items() if value is not None}
    told["salePrice"] = float(told["salePrice"]) if one.good else told["salePrice"]
    return json.dumps(told, sort_keys=True)
