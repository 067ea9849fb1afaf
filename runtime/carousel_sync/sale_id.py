"""The id of a sale whose producer gave it none."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

PREFIX = "derived-"
_HEX_DIGITS = 32


def derived_sale_id(*, tenant: str, product_id: str, sale_date: str, vendor_id: str | None, sale_price: Decimal) -> str:
    """An id that is the same for the same product, day, vendor and price, however the price was written.

    Two genuine sales that agree in all of these are one to this pipeline: a producer that has such gives ids.
    """
    parts = [tenant, product_id, sale_date, vendor_id, price_text(sale_price)]
    digest = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
    return PREFIX + digest[:_HEX_DIGITS]


def price_text(price: Decimal) -> str:
    """A price in the one form that does not tell 450, 450.0 and 4.5E+2 apart: `450`."""
    text = format(price, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
