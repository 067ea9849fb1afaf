"""What an event says of a sold product, once it has been checked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

SOURCE = "carousel.products"
DETAIL_TYPE = "carousel.product.sold"
SALES = "sales"
"""The one field of a packed detail: a list of sales."""

POINTER = "embeddingS3Key"
"""The attribute of a sale that says where its embedding is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldEvent:
    """One sold product, as its producer reported it; the names are those of the sale that it becomes.

    Prices are exact and have no zeros at the end. `embedding` is float32 numbers, little-endian. `currency` is None
    where the event names none. `sale_id` is the producer's, or else derived. `ignored` names the fields of the event
    that no sale has.
    """

    tenant: str
    product_id: str
    sale_id: str
    sale_date: str
    sale_price: Decimal
    original_price: Decimal
    category: str
    currency: str | None = None
    brand: str | None = None
    condition: str | None = None
    image_s3_key: str | None = None
    embedding_id: str | None = None
    embedding: bytes | None = None
    description: str | None = None
    vendor_id: str | None = None
    days_to_sell: int | None = None
    ignored: tuple[str, ...] = ()

    @property
    def key(self) -> dict[str, str]:
        """The fields of the sale's table key."""
        return {
            "tenant": self.tenant,
            "productId": self.product_id,
            "saleDate": self.sale_date,
            "saleId": self.sale_id,
        }
