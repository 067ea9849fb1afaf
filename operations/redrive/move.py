"""Failed messages back to where they came from.

A message is deleted only once it has arrived. Whoever is killed between the two leaves it in both places: it is moved
once more the next time, and what takes it finds that its work is done. Works where SQS has no `StartMessageMoveTask`,
and for some of a queue's messages, which that has not.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from operations.counting import Show, counting
from operations.local.console import Voice
from operations.redrive.messages import Holding, Letter
from operations.redrive.returning import Left, Returning
from operations.redrive.selection import Selection

MOST_NAMED = 20
"""So many messages that were left are named one by one; all are counted."""


@dataclass
class Moved:
    """How many messages went where, and why others stayed."""

    places: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    came_back: int = 0
    """Messages that were the same as one moved before: it had failed again meanwhile."""
    named: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many were moved."""
        return self.places.total()

    def leave(self, letter: Letter, reason: str) -> None:
        """Count a message that stays."""
        self.left[reason] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{letter.id}: {reason}")


def move(returning: Returning, selection: Selection, *, holding: Holding, voice: Voice) -> Moved:
    """Moves the messages that are meant, each once however often it comes back."""
    moved = Moved()
    known: set[bytes] = set()
    with counting(voice.console, "messages moved", expected=returning.queue.waiting) as show, holding:
        for letters in selection.batches(holding):
            fresh = [letter for letter in letters if _digest(letter) not in known]
            moved.came_back += len(letters) - len(fresh)
            known.update(map(_digest, fresh))
            _move_batch(returning, fresh, holding, moved, show)
    return moved


def rehearse(returning: Returning, selection: Selection, *, holding: Holding, voice: Voice) -> Moved:
    """What `move` would do; nothing is sent, staged, called or deleted."""
    moved = Moved()
    with counting(voice.console, "messages looked at", expected=returning.queue.waiting) as show, holding:
        for letters in selection.batches(holding):
            for letter in letters:
                try:
                    moved.places[returning.rehearse(letter)] += 1
                except Left as left:
                    moved.leave(letter, str(left))
            show(selection.found, "")
    return moved


def _move_batch(returning: Returning, letters: Sequence[Letter], holding: Holding, moved: Moved, show: Show) -> None:
    placed = []
    places: dict[str, str] = {}
    for letter in letters:
        try:
            places[letter.id] = returning.place(letter)
            placed.append(letter)
        except Left as left:
            moved.leave(letter, str(left))
    arrived = []
    for letter, reason in returning.send(placed):
        if reason is None:
            arrived.append(letter)
            moved.places[places[letter.id]] += 1
        else:
            moved.leave(letter, reason)
    for letter in holding.delete(arrived):
        moved.leave(
            letter, "it has arrived and could not be deleted here: it will be moved once more, which does no harm"
        )
    show(moved.total, f"{moved.left.total():,} left")


def _digest(letter: Letter) -> bytes:
    return hashlib.sha256(letter.body.encode()).digest()
