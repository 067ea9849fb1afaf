"""Embeddings of current sales, read from the lake."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from carousel_sync.lake import SALES_HISTORY

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import Table

COLUMNS = ("product_id", "sale_date", "sale_id", "embedding_id", "embedding")


def read_embeddings(
    lake: Table, tenant: str, *, start: str | None = None, end: str | None = None, product_id: str | None = None
) -> pa.Table:
    """A tenant's current sales that have an embedding, and the embedding, bit for bit as it was sent.

    `start` and `end` are days, both included. Only files of the tenant and of the years between them are read, and of
    the months where both are in one year.
    """
    import pyarrow.compute as pc

    from shardwell.lake_read import current_state

    found = current_state(SALES_HISTORY, lake, where=_where(tenant, start, end, product_id), columns=COLUMNS)
    return found.filter(pc.is_valid(found["embedding"]))


def _where(tenant: str, start: str | None, end: str | None, product_id: str | None) -> BooleanExpression:
    """What is asked of columns of the key, and of the partition's, which follow from them: so files are left out."""
    import pyiceberg.expressions

    ask: Any = pyiceberg.expressions  # mypy sees the fields of these classes, and not how they are made
    first, last = (None if day is None else date.fromisoformat(day) for day in (start, end))
    where: BooleanExpression = ask.EqualTo("tenant_id", tenant)
    if product_id is not None:
        where = ask.And(where, ask.EqualTo("product_id", product_id))
    for day, bound in ((first, ask.GreaterThanOrEqual), (last, ask.LessThanOrEqual)):
        if day is not None:
            where = ask.And(where, bound("sale_date", day.isoformat()), bound("year", day.year))
    if first and last and first.year == last.year:
        months = ask.GreaterThanOrEqual("month", first.month), ask.LessThanOrEqual("month", last.month)
        where = ask.And(where, *months)
    return where
