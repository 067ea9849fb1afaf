"""What AWS asks for a unit of each service, from one dated file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "prices.json"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit in US dollars, what the unit is, and the page that says so."""

    name: str
    usd: Decimal
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of a region as they were on a day."""

    date: str
    region: str
    prices: dict[str, Price]

    def cost(self, name: str, units: float | Decimal) -> Decimal:
        """US dollars for so many units; an error where the list has no such price, never zero."""
        if name not in self.prices:
            raise LookupError(f"There is no price {name!r} in the list of {self.date}: add it with its source.")
        return self.prices[name].usd * Decimal(units)


@cache
def price_list() -> PriceList:
    """The list that comes with this package."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    prices = {
        name: Price(name, Decimal(found["usd"]) / found["per"], found["unit"], found["source"])
        for name, found in content["prices"].items()
    }
    return PriceList(content["date"], content["region"], prices)
