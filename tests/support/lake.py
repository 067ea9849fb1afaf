"""A lake in memory: a real PyIceberg catalog without a server, its files in a dictionary, to watch and to disturb."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.io import FileIO, InputFile, OutputFile
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

LOCATION = "memory://lake"


@dataclass
class Disturbance:
    """What happens before and after each write of a file (`WriteFile`), load (`LoadTable`) and commit (`Commit`)."""

    before: Callable[[str, str], None] = lambda _operation, _name: None
    after: Callable[[str, str], None] = lambda _operation, _name: None
    calls: list[tuple[str, str]] = field(default_factory=list)


class _Stream(io.BytesIO):
    def __init__(self, files: MemoryIO, location: str) -> None:
        super().__init__()
        self._files = files
        self._location = location

    def close(self) -> None:
        if not self.closed:
            self._files.write(self._location, self.getvalue())
        super().close()


class _Input(InputFile):
    def __init__(self, files: MemoryIO, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files.files[self.location])

    def exists(self) -> bool:
        return self.location in self._files.files

    def open(self, seekable: bool = True) -> Any:
        if not self.exists():
            raise FileNotFoundError(self.location)
        return io.BytesIO(self._files.files[self.location])


class _Output(OutputFile):
    def __init__(self, files: MemoryIO, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files.files[self.location])

    def exists(self) -> bool:
        return self.location in self._files.files

    def to_input_file(self) -> InputFile:
        return _Input(self._files, self.location)

    def create(self, overwrite: bool = False) -> Any:
        if self.exists() and not overwrite:
            raise FileExistsError(self.location)
        return _Stream(self._files, self.location)


class MemoryIO(FileIO):
    """Files in a dictionary."""

    def __init__(self, disturbance: Disturbance) -> None:
        super().__init__({})
        self.files: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self._disturbance = disturbance

    def new_input(self, location: str) -> InputFile:
        """A file to read."""
        return _Input(self, location)

    def new_output(self, location: str) -> OutputFile:
        """A file to write."""
        return _Output(self, location)

    def delete(self, location: Any) -> None:
        """Deletes a file, and remembers that."""
        where = location if isinstance(location, str) else location.location
        self.deleted.append(where)
        self.files.pop(where, None)

    def write(self, location: str, content: bytes) -> None:
        """Puts a whole file there: half a file is never seen, as in S3."""
        self._disturbance.calls.append(("WriteFile", location))
        self._disturbance.before("WriteFile", location)
        self.files[location] = content
        self._disturbance.after("WriteFile", location)


class LocalLake(MetastoreCatalog, NoopCatalog):
    """A catalog of one process. It holds commits to their requirements, as a server does."""

    def __init__(self) -> None:
        super().__init__("local")
        self.disturbance = Disturbance()
        self.io = MemoryIO(self.disturbance)
        self.namespaces: set[str] = set()
        self.tables: dict[tuple[str, ...], Table] = {}

    def create_namespace(self, namespace: Any, properties: Any = None) -> None:
        """As a server does."""
        (name,) = self.identifier_to_tuple(namespace)
        if name in self.namespaces:
            raise NamespaceAlreadyExistsError(name)
        self.namespaces.add(name)

    def create_table(
        self,
        identifier: Any,
        schema: Any,
        location: str | None = None,
        partition_spec: Any = UNPARTITIONED_PARTITION_SPEC,
        sort_order: Any = UNSORTED_SORT_ORDER,
        properties: Any = None,
    ) -> Table:
        """As a server does."""
        name = self.identifier_to_tuple(identifier)
        if name[0] not in self.namespaces:
            raise NoSuchNamespaceError(name[0])
        if name in self.tables:
            raise TableAlreadyExistsError(".".join(name))
        where = location or f"{LOCATION}/{'/'.join(name)}"
        staged = self._create_staged_table(name, schema, where, partition_spec, sort_order, properties or {})
        self.tables[name] = Table(name, staged.metadata, staged.metadata_location, self.io, self)
        return self.load_table(name)

    def load_table(self, identifier: Any) -> Table:
        """The table as it is now."""
        name = self.identifier_to_tuple(identifier)
        self.disturbance.calls.append(("LoadTable", name[-1]))
        self.disturbance.before("LoadTable", name[-1])
        return self._loaded(name)

    def commit_table(self, table: Table, requirements: Any, updates: Any) -> CommitTableResponse:
        """As a server does: by one swap, or not at all."""
        name = table.name()
        self.disturbance.calls.append(("Commit", name[-1]))
        self.disturbance.before("Commit", name[-1])
        staged = self._update_and_stage_table(self._loaded(name), name, requirements, updates)
        self.tables[name] = Table(name, staged.metadata, staged.metadata_location, self.io, self)
        self.disturbance.after("Commit", name[-1])
        return CommitTableResponse(metadata=staged.metadata, metadata_location=staged.metadata_location)

    def _loaded(self, name: tuple[str, ...]) -> Table:
        if name not in self.tables:
            raise NoSuchTableError(".".join(name))
        found = self.tables[name]
        return Table(name, found.metadata, found.metadata_location, self.io, self)

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        return self.io


def conflict(*_: Any) -> None:
    """Another writer was first."""
    raise CommitFailedException("another writer was first")


def unknown(*_: Any) -> None:
    """The catalog failed, and does not say whether before or after."""
    raise CommitStateUnknownException("500")


def rows_of(table: Table) -> list[dict[str, Any]]:
    """Every row of a table, in no order."""
    found: list[dict[str, Any]] = table.scan().to_arrow().to_pylist()
    return found
