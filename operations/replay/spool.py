"""Sales on the disk for a while, given back in the order of the objects that their embeddings are in.

A table is read in the order of nothing. Had each sale its embedding joined as it comes, an object that a thousand sales
point at would be read a thousand times, or all objects be kept in memory. In this order each is read once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from shardwell.values import decode_item, encode_item

POINTER = "embeddingS3Key"


class Spool:
    """Items in a file, which is of this process alone and worth nothing once it ends."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", "cache_size = -16000"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE items (object TEXT NOT NULL, day TEXT NOT NULL, item TEXT NOT NULL)")

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Keep some items."""
        rows = [(object_of(item), str(item.get("saleDate", "")), json.dumps(encode_item(item))) for item in items]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO items VALUES (?, ?, ?)", rows)
        self._database.execute("COMMIT")

    def chunks(self, *, items: int, objects: int) -> Iterator[Sequence[dict[str, Any]]]:
        """All items, at most so many at a time, which point into at most so many objects."""
        chunk: list[dict[str, Any]] = []
        names: set[str] = set()
        # By month within no object, so that a chunk is of few partitions of the lake.
        for name, text in self._database.execute("SELECT object, item FROM items ORDER BY object, day"):
            if len(chunk) == items or len(names | {name}) > objects:
                yield chunk
                chunk, names = [], set()
            chunk.append(decode_item(json.loads(text)))
            names.add(name)
        if chunk:
            yield chunk


def object_of(item: Mapping[str, Any]) -> str:
    """What an item's pointer names, without the row in it; empty where it points at nothing."""
    pointer = item.get(POINTER)
    return pointer.rpartition("#")[0] or pointer if isinstance(pointer, str) else ""
