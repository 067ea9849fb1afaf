"""The checkpoint of a backfill in a file, which is whole at any moment."""

from __future__ import annotations

import os
from pathlib import Path

from operations.local.problem import Problem
from shardwell.backfill import beginning
from shardwell.backfill_checkpoint import BackfillCheckpoint
from shardwell.errors import BadQuery

SEGMENTS = 4


def load(path: Path, *, identity: str, segments: int | None) -> BackfillCheckpoint:
    """The checkpoint in the file, or a new one; refuses one of another table, or of another number of segments."""
    try:
        found = BackfillCheckpoint.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return beginning(identity, segments=segments or SEGMENTS)
    except (BadQuery, UnicodeDecodeError) as error:
        raise Problem(f"{path} cannot be resumed from: remove it to begin anew.", detail=str(error)) from error
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}): name another file with --checkpoint.") from error
    if found.table != identity:
        raise Problem(
            f"{path} is of another table: remove it to begin anew, or name another file with --checkpoint.",
            detail=f"it is of   {found.table}\nthis one is {identity}",
        )
    if segments not in (None, found.scan.segments):
        raise Problem(
            f"{path} is of {found.scan.segments} segments and --segments is {segments}: leave that out to resume, or "
            "remove the file to begin anew."
        )
    return found


def save(path: Path, checkpoint: BackfillCheckpoint) -> None:
    """Put the checkpoint in the place of the former one, in one step: whoever is killed here leaves one of the two."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(checkpoint.to_json())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise Problem(f"{path} cannot be written ({error.strerror}): name another file with --checkpoint.") from error
