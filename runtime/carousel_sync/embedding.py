"""Embeddings of events, as float32 bytes."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

from shardwell.errors import BadItem
from shardwell.vectors import Vector, float32

MOST_DIMENSIONS = 4_096
_NUMBERS = {int, float, Decimal}


def read_embedding(given: Any, *, dimensions: int | None = None) -> bytes:
    """The float32 numbers of an embedding, little-endian; `dimensions` is how many there must be, if it is known."""
    if not isinstance(given, list):
        raise BadItem(f"embedding is of type {type(given).__name__}: give a list of numbers.")
    if not 1 <= len(given) <= MOST_DIMENSIONS:
        raise BadItem(f"embedding has {len(given):,} numbers: give 1 to {MOST_DIMENSIONS:,}, or leave it out.")
    if dimensions is not None and len(given) != dimensions:
        raise BadItem(
            f"embedding has {len(given):,} numbers, and this stage takes {dimensions:,}: use the model it is set to."
        )
    if not set(map(type, given)) <= _NUMBERS:
        place, wrong = next((place, one) for place, one in enumerate(given) if type(one) not in _NUMBERS)
        raise BadItem(f"embedding[{place}] is of type {type(wrong).__name__}: give numbers only.")
    try:
        data = float32(given)
    except OverflowError:
        raise _too_large(given) from None
    # One that is not finite makes the sum so, and the sum of so few float32 never is for another reason.
    if not isfinite(sum(Vector({}, data).numbers())):
        raise _too_large(given)
    return data


def _too_large(given: list[Any]) -> BadItem:
    place = next(place for place, one in enumerate(given) if not _fits(one))
    return BadItem(
        f"embedding[{place}] is not within float32, which goes to 3.4028235E+38 and has no NaN here: scale the "
        "vector, or leave it out."
    )


def _fits(number: Any) -> bool:
    try:
        return isfinite(sum(Vector({}, float32([number])).numbers()))
    except OverflowError:
        return False
