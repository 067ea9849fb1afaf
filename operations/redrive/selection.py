"""Which messages of a queue are meant: all, some by their ids, or the first so many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from operations.redrive.messages import Holding, Letter


@dataclass
class Selection:
    """The messages that are meant: those of `ids`, or of any id; of these at most `count`."""

    ids: frozenset[str] = frozenset()
    count: int | None = None
    found: int = field(default=0, init=False)
    """How many were met."""

    def batches(self, holding: Holding) -> Iterator[list[Letter]]:
        """The messages of a queue that are meant, a few at a time; reads on only while there may be more of them."""
        for letters in holding.batches():
            chosen = self._chosen(letters)
            if chosen:
                yield chosen
            if self.found == self._most:
                return

    @property
    def missing(self) -> int:
        """How many ids were not met."""
        return max(0, len(self.ids) - self.found) if self.ids else 0

    @property
    def _most(self) -> int | None:
        limits = [limit for limit in (len(self.ids) or None, self.count) if limit is not None]
        return min(limits, default=None)

    def _chosen(self, letters: Sequence[Letter]) -> list[Letter]:
        chosen = [letter for letter in letters if not self.ids or letter.id in self.ids]
        if self._most is not None:
            chosen = chosen[: self._most - self.found]
        self.found += len(chosen)
        return chosen
