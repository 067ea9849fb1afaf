"""One commit to the lake: rows that it does not have yet, and the ledger that says so, upon one state of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    ServerError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from pyiceberg.table.update import AssertTableUUID
from requests import RequestException

from shardwell.ambient import Ambient
from shardwell.commit import Committed
from shardwell.errors import Unavailable
from shardwell.lake_files import write_data_files
from shardwell.lake_returned import absent_rows
from shardwell.lake_rows import read_rows, unseen_rows
from shardwell.lake_table import RECORDED_AT, LakeTable
from shardwell.ledger import Ledger
from shardwell.staging import Listing, Staged, Vanished

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table, Transaction

UNSURE: Final = (
    CommitStateUnknownException,
    ServerError,
    ServiceUnavailableError,
    TooManyRequestsError,
    RequestException,
    ValidationError,
)
"""What leaves open whether a commit has arrived: faults of the catalog, a lost answer, one that cannot be read."""


class _Rows:
    """The rows of staged objects, each read once, and only if it is needed."""

    def __init__(self, lake: LakeTable, read: Callable[[Staged], bytes]) -> None:
        self._lake = lake
        self._read = read
        self._found: dict[str, pa.Table] = {}

    def of(self, staged: Staged) -> pa.Table:
        if staged.key not in self._found:
            self._found[staged.key] = read_rows(self._lake, staged, self._read(staged))
        return self._found[staged.key]


def commit_batch(
    lake: LakeTable,
    load_table: Callable[[], Table],
    batch: Sequence[Staged],
    read: Callable[[Staged], bytes],
    *,
    listing: Listing,
    ambient: Ambient,
) -> Committed:
    """Add the rows of a batch that the table does not have; after this it has them all, whoever added them.

    The batch is of staged objects, each shard's from its first on, or of returned ones.
    """
    rows = _Rows(lake, read)
    tried: list[tuple[int, Committed]] = []
    trouble: Exception | None = None
    for _ in ambient.attempts():
        try:
            table = load_table()
            for snapshot, done in tried:
                if table.metadata.snapshot_by_id(snapshot) is not None:
                    return done
            ledger = Ledger.of(table.properties)
            fresh = _fresh(lake, table, ledger, batch, rows)
            if not fresh.num_rows:
                return Committed()
            transaction, snapshot = _prepared(table, write_data_files(lake, table, fresh))
            _move_ledger(transaction, ledger, batch, listing, ambient.now())
            tried.append((snapshot, Committed(fresh.num_rows, pc.min(fresh[RECORDED_AT]).as_py())))
            _send(table, transaction)
            return tried[-1][1]
        except (CommitFailedException, Vanished, *UNSURE) as error:
            trouble = error
    if isinstance(trouble, Vanished):
        raise trouble
    raise Unavailable(
        f"The lake's table {lake.name} took no commit ({trouble}): what is staged stays where it is for the next run."
    ) from trouble


def _fresh(lake: LakeTable, table: Table, ledger: Ledger, batch: Sequence[Staged], rows: _Rows) -> pa.Table:
    if any(one.kind != "staged" for one in batch):
        return absent_rows(lake, table, [(one, rows.of(one)) for one in batch])
    return unseen_rows(lake, ledger, ((one, rows.of(one)) for one in batch if not ledger.covers(one.shard, one.last)))


def _prepared(table: Table, files: Sequence[DataFile]) -> tuple[Transaction, int]:
    """A transaction that adds these files, and the snapshot that will have them."""
    transaction = table.transaction()
    append = transaction.update_snapshot().merge_append()
    for file in files:
        append.append_data_file(file)
    append.commit()
    return transaction, append.snapshot_id


def _move_ledger(
    transaction: Transaction, ledger: Ledger, batch: Sequence[Staged], listing: Listing, now: datetime
) -> None:
    reached: dict[str, str] = {}
    for one in batch:
        if one.shard:
            reached[one.shard] = max(one.last, reached.get(one.shard, ""))
    if moved := ledger.moved(reached, now):
        transaction.set_properties(moved)
    if listing.complete and (gone := ledger.outlived(now, staged=listing.shards)):
        transaction.remove_properties(*gone)


def _send(table: Table, transaction: Transaction) -> None:
    # Not `commit_transaction`: that one tries again by itself with a stale ledger unless a property of the table tells
    # it not to, and where it takes a commit for failed it deletes the manifests, which a late success would need.
    requirements = (*transaction._requirements, AssertTableUUID(uuid=table.metadata.table_uuid))
    table.catalog.commit_table(table, requirements, transaction._updates)
