"""Messages taken out of a queue for good, and kept in a file first where one is named."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from operations.counting import counting
from operations.local.console import Voice
from operations.local.problem import Problem
from operations.redrive.messages import Holding, Letter
from operations.redrive.queues import Queue
from operations.redrive.selection import Selection


@dataclass
class Dropped:
    """How many messages are gone, and how many SQS did not delete."""

    gone: int = 0
    refused: int = 0


def drop(queue: Queue, selection: Selection, *, holding: Holding, file: TextIO | None, voice: Voice) -> Dropped:
    """Deletes the messages that are meant, each once it is in the file, if there is one."""
    done = Dropped()
    with counting(voice.console, "messages dropped", expected=queue.waiting) as show, holding:
        for letters in selection.batches(holding):
            if file is not None:
                write(file, letters)
            refused = len(holding.delete(letters))
            done.refused += refused
            done.gone += len(letters) - refused
            show(done.gone, "")
    return done


def count(queue: Queue, selection: Selection, *, holding: Holding, voice: Voice) -> int:
    """How many messages `drop` would delete."""
    with counting(voice.console, "messages looked at", expected=queue.waiting) as show, holding:
        for _ in selection.batches(holding):
            show(selection.found, "")
    return selection.found


@contextmanager
def new_file(path: Path | None) -> Iterator[TextIO | None]:
    """A new file to write messages to; None where none is wanted. One that is there already is refused."""
    if path is None:
        yield None
        return
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise Problem(f"{path} is there already: name a file that is not.") from None
    except OSError as error:
        raise Problem(f"{path} cannot be written ({error.strerror}): name another file with --save.") from error
    with file:
        yield file


def write(file: TextIO, letters: Sequence[Letter]) -> None:
    """Messages as lines of JSON, on the disk when this returns."""
    for letter in letters:
        told = {"id": letter.id, "system": dict(letter.system), "attributes": _plain(letter.attributes)}
        file.write(json.dumps({**told, "body": letter.body}, ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())


def _plain(attributes: Any) -> Any:
    """Attributes as JSON has them: bytes as hexadecimal text."""
    return {
        name: {key: value.hex() if isinstance(value, bytes) else value for key, value in one.items()}
        for name, one in attributes.items()
    }
