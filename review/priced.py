"""What a resource is, to whoever reckons its price, and the amounts that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from review.assumptions import Use
from review.intrinsics import has_intrinsic
from review.model import Amount, CostPart
from review.prices import price_list

HOURS = Decimal(730)
"""A month, as AWS reckons it."""
SECONDS = HOURS * 3600


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One resource of a template, with how much it is used."""

    type: str
    properties: Mapping[str, Any]
    use: Use | None
    nobody_says: str
    """Why its use is not known, where it is not."""


@dataclass(frozen=True)
class Item:
    """One thing that a resource is paid for."""

    part: CostPart
    item: str
    amount: Amount


Pricer = Callable[[Priced], Iterator[Item]]
"""Every item of a resource of one type."""


def fixed(item: str, price: str, units: Decimal | int | None, what: str) -> Item:
    """An amount that is due whatever happens: so many units of a price; None units are unknown, and `what` says why."""
    return Item(CostPart.FIXED, item, _amount(price, units, what))


def usage(item: str, price: str, units: Decimal | None, what: str) -> Item:
    """An amount that depends on assumed use; None units are unknown, and `what` says why."""
    return Item(CostPart.USAGE, item, _amount(price, units, what))


def unknown(part: CostPart, item: str, why: str) -> Item:
    """An amount that cannot be told."""
    return Item(part, item, Amount(value=None, basis=why))


def figures(of: Priced, *names: str) -> tuple[Decimal, ...] | str:
    """The figures of a resource's use in the order of their names; where one is missing, why they are not known."""
    if of.use is None:
        return of.nobody_says
    found = [of.use.of(name) for name in names]
    missing = [name for name, value in zip(names, found, strict=True) if value is None]
    return f"its use says no {missing[0]}" if missing else tuple(value for value in found if value is not None)


def number(value: Any, otherwise: int | None = None) -> Decimal | None:
    """A number of a template; None where only CloudFormation can tell, or where it is none."""
    if value is None:
        return None if otherwise is None else Decimal(otherwise)
    if isinstance(value, bool) or has_intrinsic(value) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 10**12 else None


def _amount(price: str, units: Decimal | int | None, what: str) -> Amount:
    if units is None:
        return Amount(value=None, basis=what)
    listed = price_list().prices[price]
    return Amount(value=Decimal(units) * listed.usd, basis=f"{what}; {_money(listed.usd)}, each a {listed.unit}")


def _money(usd: Decimal) -> str:
    if usd < Decimal("0.001"):
        return f"{(usd * 1_000_000).normalize():f} USD a million"
    return f"{usd:f} USD"
