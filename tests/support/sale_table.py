"""A table of sales in memory, with the calls of a store that the sync function makes, to watch and to disturb."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sales_intelligence.tables import SALES
from shardwell.errors import Failure, PartialFailure, Unavailable
from shardwell.insert import InsertOutcome
from shardwell.schema import Table

KEY = ("tenant", "productId", "saleDate", "saleId")
AT_ONCE = 25


def key_of(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The key of a sale."""
    return tuple(item[name] for name in KEY)


@dataclass
class SaleTable:
    """A store whose items are here, written 25 a request."""

    items: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    written: list[tuple[str, ...]] = field(default_factory=list)
    """The key of every insert that took place: one that is there twice was written twice."""
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _operation: None
    """Called before each request: Unavailable fails its items, anything else ends the process."""
    after: Callable[[str], None] = lambda _operation: None
    """Called once it is done: what it raises is a lost answer."""
    table: Table = SALES
    name: str = "sales"

    def insert_many(self, items: Iterable[Mapping[str, Any]]) -> list[InsertOutcome]:
        """As a store does; requests one after the other."""
        given = list(items)
        found: list[InsertOutcome] = []
        for start in range(0, len(given), AT_ONCE):
            part = given[start : start + AT_ONCE]
            try:
                self._call("insert", self.before)
                done = [self._insert(item) for item in part]
                self._call("insert", self.after)
                found += done
            except Unavailable as error:
                found += [InsertOutcome(item, "failed", error) for item in part]
        return found

    def batch_get(self, keys: Iterable[Mapping[str, Any]], *, consistent: bool) -> list[dict[str, Any] | None]:
        """As a store does."""
        assert consistent
        wanted = list(keys)
        try:
            self._call("get", self.before)
        except Unavailable as error:
            raise PartialFailure(0, [Failure(key, error) for key in wanted]) from error
        return [self.items.get(key_of(key)) for key in wanted]

    def _insert(self, item: Mapping[str, Any]) -> InsertOutcome:
        key = key_of(item)
        if key in self.items:
            return InsertOutcome(item, "exists")
        self.items[key] = dict(item)
        self.written.append(key)
        return InsertOutcome(item, "inserted")

    def _call(self, operation: str, hook: Callable[[str], None]) -> None:
        if hook is self.before:
            self.calls.append(operation)
        hook(operation)
