"""The fingerprint of an event: whether what came with a sale's key is what came with it before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from decimal import Decimal

from carousel_sync.records import SoldEvent
from carousel_sync.sale_id import price_text

_HEX_DIGITS = 32
_LEFT_OUT = {"embedding", "ignored"}


def fingerprint(event: SoldEvent) -> str:
    """32 hex digits of SHA-256 over everything that the event says of the sale, numbers and text in one form each.

    A field that the event lacks is not in it, and neither is the currency that the function would give it: events of
    before stay what they are when a field or another default is added.
    """
    names = sorted(field.name for field in fields(SoldEvent) if field.name not in _LEFT_OUT)
    given = {name: _plain(getattr(event, name)) for name in names if getattr(event, name) is not None}
    canonical = json.dumps(given, separators=(",", ":")).encode()
    # JSON has no zero byte, so where the one part ends and the other begins is never in doubt.
    return hashlib.sha256(canonical + b"\0" + (event.embedding or b"")).hexdigest()[:_HEX_DIGITS]


def _plain(value: str | int | Decimal) -> str | int:
    return price_text(value) if isinstance(value, Decimal) else value
