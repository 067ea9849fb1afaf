"""The ledger goes forward only, and forgets nothing that may still matter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.errors import SchemaError
from shardwell.ledger import KEPT, PROPERTY, Ledger
from tests.support.ambient import START

SEQUENCES = st.integers(0, 10**40 - 1).map(lambda number: str(number).zfill(40))
SHARDS = st.sampled_from(["a", "shardId-1-b", "c"])


@given(st.lists(st.dictionaries(SHARDS, SEQUENCES), max_size=6))
def test_it_is_the_furthest_that_each_shard_has_come(moves: list[dict[str, str]]) -> None:
    properties: dict[str, str] = {"other": "x"}
    for move in moves:
        properties.update(Ledger.of(properties).moved(move, START))
    ledger = Ledger.of(properties)
    for shard in ("a", "shardId-1-b", "c", "never"):
        furthest = max((move[shard] for move in moves if shard in move), default="")
        assert ledger.last(shard) == furthest
        if furthest:
            assert ledger.covers(shard, furthest)
            assert ledger.covers(shard, "0" * 40)
        assert not ledger.covers(shard, "9" * 41)


def test_what_does_not_go_forward_is_not_set() -> None:
    ledger = Ledger.of(Ledger({}).moved({"a": "5".zfill(40)}, START))
    assert ledger.moved({"a": "5".zfill(40)}, START) == ledger.moved({"a": "4".zfill(40)}, START) == {}
    assert list(ledger.moved({"a": "6".zfill(40)}, START)) == [f"{PROPERTY}a"]


def test_an_entry_goes_after_three_days_without_a_move_and_with_nothing_staged() -> None:
    ledger = Ledger.of(Ledger({}).moved({"a": "5".zfill(40), "b": "5".zfill(40)}, START))
    assert ledger.outlived(START + KEPT, staged=[]) == []
    later = START + KEPT + timedelta(seconds=1)
    assert ledger.outlived(later, staged=["b"]) == [f"{PROPERTY}a"]


@pytest.mark.parametrize("text", ["", "5", "5 yesterday"])
def test_an_entry_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(SchemaError, match="restore it"):
        Ledger.of({f"{PROPERTY}a": text})
