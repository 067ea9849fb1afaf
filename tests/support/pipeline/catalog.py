"""A lake in memory whose every access by a function is one of its calls: files read and written, loads, commits."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import cycle
from typing import Any

from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException, ServiceUnavailableError
from pyiceberg.io import FileIO, InputFile, OutputFile
from requests import ConnectionError as NoConnection
from requests import ReadTimeout

from tests.support.lake import LocalLake
from tests.support.pipeline.calls import Calls, Errors


def _raises(*makers: Callable[[], Exception]) -> Callable[[], Any]:
    """Raises these in turn, at each call the next."""
    left = cycle(makers)

    def fail() -> Any:
        raise next(left)()

    return fail


def _file_errors() -> Errors:
    return Errors(_raises(lambda: OSError("no answer")), _raises(lambda: OSError("SLOW_DOWN")))


def _load_errors() -> Errors:
    return Errors(_raises(NoConnection, ReadTimeout), _raises(lambda: ServiceUnavailableError("503")))


def _commit_errors() -> Errors:
    return Errors(
        _raises(lambda: CommitStateUnknownException("500"), ReadTimeout),
        _raises(lambda: CommitFailedException("another was first")),
    )


class _Input(InputFile):
    def __init__(self, files: WatchedFiles, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files.files[self.location])

    def exists(self) -> bool:
        return self.location in self._files.files

    def open(self, seekable: bool = True) -> Any:
        return io.BytesIO(self._files.read(self.location))


class _Written(io.BytesIO):
    """What is written appears as a whole when it is closed, and not when a process that died is cleared away."""

    def __init__(self, files: WatchedFiles, location: str) -> None:
        super().__init__()
        self._target: tuple[WatchedFiles, str] | None = (files, location)

    def close(self) -> None:
        target, self._target = self._target, None
        if target is not None:
            files, location = target
            files.write(location, self.getvalue())
        super().close()


class _Output(OutputFile):
    def __init__(self, files: WatchedFiles, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files.files[self.location])

    def exists(self) -> bool:
        return self.location in self._files.files

    def to_input_file(self) -> InputFile:
        return _Input(self._files, self.location)

    def create(self, overwrite: bool = False) -> Any:
        return _Written(self._files, self.location)


class WatchedFiles(FileIO):
    """Files in a dictionary, read and written by calls."""

    def __init__(self, calls: Calls) -> None:
        super().__init__({})
        self.files: dict[str, bytes] = {}
        self.calls = calls
        self._errors = _file_errors()

    def new_input(self, location: str) -> InputFile:
        """A file to read."""
        return _Input(self, location)

    def new_output(self, location: str) -> OutputFile:
        """A file to write."""
        return _Output(self, location)

    def delete(self, location: Any) -> None:
        """Deletes a file."""
        where = location if isinstance(location, str) else location.location
        self.calls.make("DeleteFile", lambda: self.files.pop(where, None), self._errors)

    def read(self, location: str) -> bytes:
        """The whole file."""
        return self.calls.make("ReadFile", lambda: self.files[location], self._errors)

    def write(self, location: str, content: bytes) -> None:
        """Puts a whole file there."""
        self.calls.make("WriteFile", lambda: self.files.__setitem__(location, content), self._errors)


class WatchedLake(LocalLake):
    """A catalog of one process, which holds commits to their requirements, asked by calls."""

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self.io: Any = WatchedFiles(calls)
        self._calls = calls
        self._load_errors = _load_errors()
        self._commit_errors = _commit_errors()

    def watch(self, calls: Calls) -> None:
        """From here on accesses are among these calls."""
        self._calls = self.io.calls = calls

    def load_table(self, identifier: Any) -> Any:
        """The table as it is now."""
        return self._calls.make("LoadTable", lambda: super(WatchedLake, self).load_table(identifier), self._load_errors)

    def commit_table(self, table: Any, requirements: Any, updates: Any) -> Any:
        """By one swap, or not at all."""
        commit = super().commit_table
        return self._calls.make("Commit", lambda: commit(table, requirements, updates), self._commit_errors)
