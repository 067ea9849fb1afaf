"""How far a backfill has come, to be kept and resumed from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shardwell.backfill_tally import NOTHING, Tally
from shardwell.errors import BadQuery
from shardwell.scan import Checkpoint
from shardwell.values import AttributeValue

_FORM = 1


@dataclass(frozen=True, slots=True)
class BackfillCheckpoint:
    """Each segment's position after its last page of which every record was dealt with, and the counts up to there.

    `table` says which table that is, in words of the one who keeps it; `rehearsal` that nothing has been written.
    """

    table: str
    scan: Checkpoint
    rehearsal: bool = False
    tally: Tally = NOTHING

    @property
    def complete(self) -> bool:
        """Whether every segment has come to its end."""
        return all(self.scan.positions.get(number, {}) is None for number in range(self.scan.segments))

    def after(self, segment: int, position: Mapping[str, AttributeValue] | None, tally: Tally) -> BackfillCheckpoint:
        """The checkpoint once a further page of a segment has been dealt with."""
        positions = {**self.scan.positions, segment: None if position is None else dict(position)}
        scan = Checkpoint(self.scan.segments, positions)
        return BackfillCheckpoint(self.table, scan, self.rehearsal, self.tally + tally)

    def to_json(self) -> str:
        """Text to keep, for `from_json`."""
        plain = {
            "form": _FORM,
            "table": self.table,
            "rehearsal": self.rehearsal,
            "scan": json.loads(self.scan.to_json()),
            "tally": self.tally.to_dict(),
        }
        return json.dumps(plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> BackfillCheckpoint:
        """The checkpoint that `to_json` wrote."""
        try:
            plain: dict[str, Any] = json.loads(text)
            if plain["form"] != _FORM:
                raise BadQuery(
                    f"The checkpoint is of form {plain['form']!r} and this version reads {_FORM}: begin anew."
                )
            scan = Checkpoint.from_json(json.dumps(plain["scan"]))
            return cls(str(plain["table"]), scan, bool(plain["rehearsal"]), Tally.from_dict(plain["tally"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadQuery(f"The checkpoint cannot be read ({error!r}): begin anew, without it.") from error
