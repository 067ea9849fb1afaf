"""The design that this pipeline took the place of, for the meter: one event a call, a record of it, a file of it.

The rule calls a function once for each event. It notes the event's id in a table of its own as begun, puts the sale
unless it is there, writes one Parquet file with the one row, and notes the event as done. The id is the product's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sales_intelligence.factory import new_sale
from sales_intelligence.records import Sale
from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.codec import Codec
from shardwell.fields import to_item
from shardwell.object_client import make_object_client
from shardwell.schema import Key, Table
from tests.bench.cost_meter import Meter
from tests.support.pipeline.bucket import MemoryBucket
from tests.support.pipeline.line import NOWHERE, Line
from tests.support.pipeline.table import MemoryTable

MEMORY_MB = 1_024
IDEMPOTENCY = Table("idempotency", key=Key(id=str, state=str))
BUCKET = "lake"


class Original:
    """Its function, over services in memory."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._sales = Line(make_client(**NOWHERE))
        self._events = Line(make_client(**NOWHERE))
        self._objects = Line(make_object_client(**NOWHERE))
        self._codec = Codec.of(SALES, None, SALES.name_template)
        services = (
            (self._sales, MemoryTable(SALES, name=SALES.name_template, now=_now)),
            (self._events, MemoryTable(IDEMPOTENCY, name=IDEMPOTENCY.name_template, now=_now)),
            (self._objects, MemoryBucket(name=BUCKET, now=_now)),
        )
        for line, service in services:
            line.connect(service, meter)
            line.heard = meter.heard

    def carry(self, details: Sequence[str]) -> None:
        """Every event, one after the other."""
        for detail in details:
            with self._meter.function("original", memory_mb=MEMORY_MB, price="lambda.gb_second_x86"):
                self._handle(json.loads(detail, parse_float=Decimal))

    def _handle(self, detail: dict[str, Any]) -> None:
        event_id = {"id": {"S": detail["saleId"]}}
        note = self._events.client.put_item
        name = IDEMPOTENCY.name_template
        note(
            TableName=name,
            Item={**event_id, "state": {"S": "INPROGRESS"}},
            ConditionExpression="attribute_not_exists(id)",
        )
        sale = to_item(sale_of_detail(detail))
        item = self._codec.encoded(sale, _now())
        self._sales.client.put_item(
            TableName=SALES.name_template, Item=item, ConditionExpression="attribute_not_exists(PK)"
        )
        file = io.BytesIO()
        row = {key: str(value) if isinstance(value, Decimal) else value for key, value in sale.items()}
        pq.write_table(pa.Table.from_pylist([row]), file)
        day = detail["soldDate"]
        key = f"tenant_id={detail['tenantId']}/year={day[:4]}/month={day[5:7]}/{detail['saleId']}.parquet"
        self._objects.client.put_object(Bucket=BUCKET, Key=key, Body=file.getvalue())
        note(TableName=name, Item={**event_id, "state": {"S": "COMPLETED"}})


def sale_of_detail(detail: dict[str, Any]) -> Sale:
    """The sale of an event that is taken at its word."""
    return new_sale(
        tenant=detail["tenantId"],
        product_id=detail["productId"],
        sale_id=detail["saleId"],
        sale_date=detail["soldDate"],
        sale_price=Decimal(detail["salePrice"]),
        original_price=Decimal(detail["listedPrice"]),
        currency="USD",
        category=detail["category"],
        brand=detail["brand"],
        condition=detail["condition"],
        vendor_id=detail["vendorId"],
        description=detail["description"],
        days_to_sell=detail["daysToSell"],
        image_s3_key=detail["imageS3Key"],
    )


def _now() -> datetime:
    return datetime.now(UTC)
