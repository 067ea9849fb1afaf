"""Two commands of one checkout take turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.local.problem import Problem
from operations.local.turn import turn


def test_a_second_command_is_told_who_is_at_work(tmp_path: Path) -> None:
    with turn(tmp_path, "up"), pytest.raises(Problem, match="`make up` is still at work here"), turn(tmp_path, "down"):
        pytest.fail("both had their turn")


def test_the_turn_is_free_again_afterwards_also_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError), turn(tmp_path, "up"):
        raise KeyError
    with turn(tmp_path, "down"):
        assert (tmp_path / "turn.lock").read_text() == "`make down`"
