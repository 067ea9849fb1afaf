"""What an index holds of its items, and what a read of it can therefore ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shardwell.codec import Codec, Item
from shardwell.errors import BadQuery
from shardwell.expressions import Condition
from shardwell.key_fields import key_fields, restorable
from shardwell.values import AttributeValue


@dataclass(frozen=True)
class Projection:
    """The fields that items have in an index, or in the table where `index_name` is None."""

    codec: Codec
    index_name: str | None

    def check_fields(self, fields: Iterable[str]) -> None:
        """Refuse fields that items read here do not have."""
        if self.index_name is not None and self._stored is not None:
            told = restorable(self.codec.shape, self.index_name)
            self._refuse(set(fields) - self._stored - told, "project more into it")

    def check_condition(self, condition: Condition) -> None:
        """Refuse a condition on a field that is not stored here: DynamoDB would find nothing, and say nothing."""
        if self._stored is not None:
            self._refuse(condition.fields - self._stored, "to filter by it, project it into the index")

    def request_names(self, fields: Iterable[str]) -> tuple[str, ...]:
        """What DynamoDB is asked for so that items have these fields: those stored here, and the keys."""
        stored = [name for name in fields if self._stored is None or name in self._stored]
        return tuple(dict.fromkeys([*stored, *self.codec.key_attributes(self.codec.index(self.index_name))]))

    def item(self, encoded: Mapping[str, AttributeValue], only: Sequence[str]) -> Item:
        """The caller's item, with what its keys tell; with the fields `only` alone, where there are any."""
        item = self.codec.item(encoded)
        if self.index_name is not None and self._stored is not None:
            item = {**key_fields(self.codec.table, self.index_name, encoded), **item}
        return {name: item[name] for name in only if name in item} if only else item

    @cached_property
    def _stored(self) -> frozenset[str] | None:
        """The attributes that are stored here; None where all are."""
        if self.index_name is None:
            return None
        keys = self.codec.key_attributes(self.codec.index(self.index_name))
        held = self.codec.table.projected(self.index_name)
        return None if held is None else frozenset({*held, *keys})

    def _refuse(self, lacking: Iterable[str], way_out: str) -> None:
        if self.index_name is not None and (names := ", ".join(sorted(lacking))):
            held = ", ".join(self.codec.table.projected(self.index_name) or ()) or "keys"
            raise BadQuery(
                f"{self.index_name} does not hold {names}, it holds {held}: {way_out}, or get the items by their keys."
            )
