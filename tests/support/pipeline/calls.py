"""The calls that functions make to their surroundings: counted, and disturbed where a plan says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from tests.support.faults import Crash

T = TypeVar("T")

Kind = Literal[
    "crash_before",
    "crash_after",
    "never_arrives",
    "answer_lost",
    "refused",
    "unreachable",
    "lost_then_unreachable",
    "late",
    "overtaken",
    "meanwhile",
    "compacted",
]
"""What happens at a call.

`crash_before`, `crash_after`: the process ends, the call not made or made.
`never_arrives`, `answer_lost`: the caller waits in vain, the call not made or made.
`refused`: the service answers that it will not.
`unreachable`, `lost_then_unreachable`: as the two above, and so does all that this process sends after it.
`late`: the caller waits in vain, and the call is made when nobody counts on it any more.
`overtaken`: another process does the same work as a whole before this call.
`meanwhile`: the other functions do theirs before this call.
`compacted`: the lake's files are rewritten before this call.
"""
KINDS: tuple[Kind, ...] = get_args(Kind)
ASIDE: frozenset[Kind] = frozenset({"overtaken", "meanwhile", "compacted"})


class Made(NamedTuple):
    """A call that was made: the function's `number`-th of all its processes together."""

    function: str
    number: int
    operation: str


class Hit(NamedTuple):
    """A call that was disturbed."""

    call: Made
    kind: Kind


Plan = Callable[[Made], Kind | None]
"""What happens at a call; mostly nothing."""


def undisturbed(_: Made) -> None:
    """The plan of a good day."""


@dataclass(frozen=True)
class Errors:
    """How a caller of one service learns of its bad luck: each returns the answer for it, or raises."""

    no_answer: Callable[[], Any]
    refusal: Callable[[], Any]


@dataclass
class _Process:
    function: str
    dead: bool = False
    unreachable: bool = False


@dataclass
class Calls:
    """What passes between the functions of one pipeline and their services."""

    plan: Plan = undisturbed
    aside: Callable[[Kind], None] = lambda _kind: None
    """Does what a kind of `ASIDE` says; calls made in it are those of others."""
    made: list[Made] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    delayed: list[Callable[[], Any]] = field(default_factory=list)
    """Calls on their way, whose callers have given up."""
    _counts: Counter[str] = field(default_factory=Counter)
    _process: _Process | None = None

    @contextmanager
    def process(self, function: str) -> Iterator[None]:
        """Calls made in here are those of a process of this function."""
        before, self._process = self._process, _Process(function)
        try:
            yield
        finally:
            self._process = before

    @contextmanager
    def others(self) -> Iterator[None]:
        """Calls made in here are nobody's that is looked at, and go through."""
        before, self._process = self._process, None
        try:
            yield
        finally:
            self._process = before

    def make(self, operation: str, do: Callable[[], T], errors: Errors) -> T:
        """The answer of a call, if it gets one."""
        process = self._process
        if process is None:
            return do()
        if process.dead:
            raise Crash("The process has ended already.")
        if process.unreachable:
            return errors.no_answer()
        self._counts[process.function] += 1
        call = Made(process.function, self._counts[process.function], operation)
        self.made.append(call)
        kind = self.plan(call)
        if kind is None:
            return do()
        self.hits.append(Hit(call, kind))
        return self._disturbed(kind, process, do, errors)

    def _disturbed(self, kind: Kind, process: _Process, do: Callable[[], T], errors: Errors) -> T:
        if kind in ASIDE:
            with self.others():
                self.aside(kind)
            return do()
        if kind in ("crash_after", "answer_lost", "lost_then_unreachable"):
            do()
        if kind == "late":
            self.delayed.append(do)
        process.dead = kind in ("crash_before", "crash_after")
        process.unreachable = kind in ("unreachable", "lost_then_unreachable")
        if process.dead:
            raise Crash(kind)
        return errors.refusal() if kind == "refused" else errors.no_answer()
