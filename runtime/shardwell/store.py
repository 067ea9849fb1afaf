"""The store: reads and writes a table by its description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shardwell.ambient import Ambient
from shardwell.batch_read import batch_get
from shardwell.batch_write import batch_delete, batch_put
from shardwell.change import Change
from shardwell.client import shared_client
from shardwell.codec import Codec, Item
from shardwell.connection import Connection
from shardwell.expressions import Condition
from shardwell.insert import InsertOutcome, insert_many
from shardwell.points import delete, get, put
from shardwell.query import Query, start_query
from shardwell.scan import Checkpoint, ScanPage, scan
from shardwell.schema import Table
from shardwell.transaction import Write, check_write, delete_write, put_write, update_write
from shardwell.update import update

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Store:
    """One table, or one shape of it, in one stage. Make it once and share it: it is safe in any number of threads.

    Items are dicts of the record's fields; the keys of table and indexes are computed on the way in and left out on
    the way out. An expired item is nowhere to be seen, whether DynamoDB has deleted it yet or not.

    `cursor_keys` are secrets of 32 random bytes each: the first signs the cursors of pages, and each may have signed
    one that comes back. Without any, a page that has more after it raises SchemaError. `ambient` is the store's clock,
    its way to wait and its randomness, for tests.
    """

    def __init__(
        self,
        table: Table,
        *,
        name: str,
        shape: str | None = None,
        client: DynamoDBClient | None = None,
        cursor_keys: Sequence[bytes] = (),
        ambient: Ambient | None = None,
    ) -> None:
        self.table = table
        self.name = name
        self._codec = Codec.of(table, shape, name)
        self._connection = Connection(name, client or shared_client(), tuple(cursor_keys), ambient or Ambient())

    def of(self, shape: str) -> Store:
        """The same table, for items of another shape."""
        connection = self._connection
        return Store(
            self.table,
            name=self.name,
            shape=shape,
            client=connection.client,
            cursor_keys=connection.cursor_keys,
            ambient=connection.ambient,
        )

    def get(self, key: Mapping[str, Any], *, consistent: bool = False, only: Sequence[str] = ()) -> Item | None:
        """The item with this key, or None. `key` has the fields that the table's key is made of."""
        return get(self._connection, self._codec, key, consistent=consistent, only=only)

    def put(
        self,
        item: Mapping[str, Any],
        *,
        if_absent: bool = False,
        if_version: int | None = None,
        condition: Condition | None = None,
    ) -> Item:
        """The item as it was stored, in place of any with its key.

        `if_absent` raises AlreadyExists where a live item has the key; `if_version` raises VersionConflict where the
        stored item is not of that version; `condition` raises ConditionFailed.
        """
        return put(self._connection, self._codec, item, if_absent=if_absent, if_version=if_version, condition=condition)

    def update(
        self,
        key: Mapping[str, Any],
        set: Mapping[str, Any] | None = None,
        *,
        remove: Iterable[str] = (),
        add: Mapping[str, Any] | None = None,
        if_version: int | None = None,
        condition: Condition | None = None,
    ) -> Item:
        """The item after the change. Index keys that the change feeds follow it; a new table key moves the item.

        Raises NotFound where no live item has the key. An `add` without `if_version` or `condition` may count twice
        when DynamoDB's answer is lost and the request is sent again: put it in a transaction where that matters.
        """
        change = Change(set or {}, frozenset(remove), add or {})
        return update(self._connection, self._codec, key, change, if_version=if_version, condition=condition)

    def delete(
        self, key: Mapping[str, Any], *, if_version: int | None = None, condition: Condition | None = None
    ) -> Item | None:
        """The item that was deleted, or None where there was none."""
        return delete(self._connection, self._codec, key, if_version=if_version, condition=condition)

    def query(self, index: str | None = None, /, **fields: Any) -> Query:
        """A query of one partition of the table or of an index, given by the fields its partition key is made of.

        A sharded index is read over all of its shards; give the field that it is sharded by as well to read only
        the items of that value, from the one shard they are in.
        """
        return start_query(self._connection, self._codec, index, fields)

    def scan(
        self,
        index: str | None = None,
        /,
        *,
        segments: int = 1,
        resume: Checkpoint | None = None,
        where: Condition | None = None,
        only: Sequence[str] = (),
        expired_too: bool = False,
    ) -> Iterator[ScanPage]:
        """Every item of the table, or of an index, in pages read from several segments side by side, in no order.

        Each page has the checkpoint to resume from once its items have been dealt with.
        """
        return scan(
            self._connection,
            self._codec,
            index,
            segments=segments,
            resume=resume,
            where=where,
            only=only,
            expired_too=expired_too,
        )

    def batch_get(self, keys: Iterable[Mapping[str, Any]], *, consistent: bool = False) -> list[Item | None]:
        """The item of each key in the order of the keys, None where there is none."""
        return batch_get(self._connection, self._codec, keys, consistent=consistent)

    def batch_put(self, items: Iterable[Mapping[str, Any]]) -> int:
        """How many items were written: all of them, or PartialFailure lists the others. The last of one key stays.

        Every item is checked before the first is written. Versions are not counted: use put where they matter.
        """
        return batch_put(self._connection, self._codec, items)

    def batch_delete(self, keys: Iterable[Mapping[str, Any]]) -> int:
        """How many keys were deleted or were not there: all of them, or PartialFailure lists the others."""
        return batch_delete(self._connection, self._codec, keys)

    def insert_many(self, items: Iterable[Mapping[str, Any]]) -> list[InsertOutcome]:
        """What became of each item, in order: inserted, or exists, or failed with its error. Nothing is overwritten.

        25 items travel in one request at the price of plain puts. Every item is checked before the first is sent.
        """
        return insert_many(self._connection, self._codec, items)

    def to_put(
        self,
        item: Mapping[str, Any],
        *,
        if_absent: bool = False,
        if_version: int | None = None,
        condition: Condition | None = None,
    ) -> Write:
        """A put as part of a transaction: see `transact`."""
        return put_write(
            self._connection, self._codec, item, if_absent=if_absent, if_version=if_version, condition=condition
        )

    def to_update(
        self,
        key: Mapping[str, Any],
        set: Mapping[str, Any] | None = None,
        *,
        remove: Iterable[str] = (),
        add: Mapping[str, Any] | None = None,
        if_version: int | None = None,
        condition: Condition | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> Write:
        """An update as part of a transaction.

        `current` is the item as it is: needed where an index key is also made of fields that the change leaves."""
        change = Change(set or {}, frozenset(remove), add or {})
        return update_write(
            self._connection, self._codec, key, change, if_version=if_version, condition=condition, current=current
        )

    def to_delete(
        self, key: Mapping[str, Any], *, if_version: int | None = None, condition: Condition | None = None
    ) -> Write:
        """A deletion as part of a transaction."""
        return delete_write(self._connection, self._codec, key, if_version=if_version, condition=condition)

    def to_check(self, key: Mapping[str, Any], condition: Condition | None = None) -> Write:
        """The demand, as part of a transaction, that a live item is there and `condition` holds for it."""
        return check_write(self._connection, self._codec, key, condition)
