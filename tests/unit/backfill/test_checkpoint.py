"""The checkpoint, as text and in its file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from operations.backfill.checkpoint_file import SEGMENTS, load, save
from operations.local.problem import Problem
from shardwell.backfill import beginning
from shardwell.backfill_checkpoint import BackfillCheckpoint
from shardwell.backfill_tally import Tally
from shardwell.errors import BadQuery

KEY = {"PK": {"S": "TENANT#ä%23"}, "SK": {"B": b"\x00\xff"}, "N": {"N": "12"}}


def some() -> BackfillCheckpoint:
    begun = beginning("arn of it", segments=3).after(1, KEY, Tally(looked_at=5, given=4, failed=1, write_units=16.5))
    return begun.after(2, None, Tally(looked_at=1, gone=1))


def test_what_is_written_is_read() -> None:
    assert BackfillCheckpoint.from_json(some().to_json()) == some()


def test_it_is_complete_once_every_segment_is_at_its_end() -> None:
    checkpoint = some()
    assert not checkpoint.complete
    checkpoint = checkpoint.after(0, None, Tally())
    assert not checkpoint.complete
    assert checkpoint.after(1, None, Tally()).complete


def without(name: str) -> str:
    plain = json.loads(some().to_json())
    del plain[name]
    return json.dumps(plain)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '"text"', "{}"),
        *map(without, ("form", "table", "scan", "tally", "rehearsal")),
        some().to_json().replace('"form": 1', '"form": 2'),
        some().to_json().replace("segments", "pieces"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_the_way_out(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match=r"begin anew|from the beginning"):
        BackfillCheckpoint.from_json(text)
    path = tmp_path / "checkpoint.json"
    path.write_text(text)
    with pytest.raises(Problem, match="remove it to begin anew"):
        load(path, identity="arn of it", segments=None)


def test_without_a_file_it_begins_at_the_beginning(tmp_path: Path) -> None:
    assert load(tmp_path / "none", identity="it", segments=None) == beginning("it", segments=SEGMENTS)
    assert load(tmp_path / "none", identity="it", segments=7) == beginning("it", segments=7)


def test_with_a_file_it_goes_on_in_as_many_segments_as_before(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "checkpoint.json"
    save(path, some())
    assert load(path, identity="arn of it", segments=None) == some()
    assert load(path, identity="arn of it", segments=3) == some()
    with pytest.raises(Problem, match="is of 3 segments and --segments is 4"):
        load(path, identity="arn of it", segments=4)


def test_a_file_of_another_table_or_of_an_earlier_one_of_its_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    save(path, some())
    with pytest.raises(Problem, match="is of another table"):
        load(path, identity="arn of it, made later", segments=None)


def test_a_kill_while_it_is_written_leaves_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoint.json"
    save(path, beginning("arn of it", segments=3))

    def killed(_descriptor: int) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        save(path, some())
    assert load(path, identity="arn of it", segments=None) == beginning("arn of it", segments=3)


def test_a_file_that_cannot_be_had_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"cannot be read .*name another file"):
        load(tmp_path, identity="it", segments=None)
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match=r"cannot be written .*name another file"):
        save(tmp_path / "file" / "checkpoint.json", some())
