"""Tables described for tests: what the sales table does not have."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shardwell import Key, Shape, Table, Ttl

READINGS = Table(
    "test-readings",
    key=Key(device=str, at=int),
    indexes={
        "ByLevel": Key(station=str, level=Decimal),
        "ByDigest": Key(station=str, digest=bytes),
        "ByMinute": Key(minute=int),
    },
)
"""Every key is a field used as it is: text, numbers and bytes. Items are free in form."""

BLOBS = Table("test-blobs", key=Key(digest=bytes, part=bytes))
"""A key of bytes alone."""

PLAIN = Table("test-plain", key=Key(id=str))
"""No sort key, no index, no record."""

INDEXED = Table("test-indexed", key=Key(id=str), indexes={"ByA": Key(APK="A#{a}", ASK="B#{b}")})
"""An index made of two fields, of items that are free in form."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What VERSIONED keeps."""

    doc_id: str
    folder: str
    title: str
    author: str | None = None
    reads: int = 0
    price: Decimal | None = None


VERSIONED = Table(
    "test-documents",
    key=Key(PK="DOC#{docId}", SK="FOLDER#{folder}"),
    indexes={"ByAuthor": Key(AuthorPK="AUTHOR#{author}", AuthorSK="TITLE#{title}")},
    record=Document,
    version="version",
)
"""Optimistic versions, a sparse index, and a key whose field may change."""

SHOP = Table(
    "test-shop",
    shapes={
        "customer": Shape(
            Key(PK="CUSTOMER#{customerId}", SK="PROFILE"),
            {"ByCity": Key(GPK="CITY#{city}", GSK="CUSTOMER#{customerId}")},
        ),
        "order": Shape(Key(PK="CUSTOMER#{customerId}", SK="ORDER#{orderId}")),
        "line": Shape(Key(PK="CUSTOMER#{customerId}", SK="LINE#{orderId}#{position:03d}")),
    },
)
"""Three kinds of items, in one partition for each customer."""

PROJECTED = Table(
    "test-projected",
    key=Key(PK="TENANT#{tenant}#ITEM#{itemId}"),
    indexes={
        "Keys": Key(KPK="TENANT#{tenant}#KIND#{kind}", KSK="DAY#{day}").keys_only(),
        "Some": Key(SPK="TENANT#{tenant}#KIND#{kind}#SHARD#{shard}", SSK="DAY#{day}")
        .sharded(3, by="itemId")
        .projecting("title"),
    },
    ttl=Ttl("expires", days=10, after="day"),
)
"""Indexes that hold keys alone, or keys and a title; items expire ten days after their day."""
