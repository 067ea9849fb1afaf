"""What opens a resource to the public, or takes its encryption away, by the properties that say so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.intrinsics import canonical, has_intrinsic
from review.model import ABSENT, Certainty, Reason, Verdict
from review.paths import COMPUTED, Pattern, values_at
from review.subjects import Subject, properties_of

EXPOSURES = Path(__file__).parent / "data" / "exposures.json"
_ANYTHING = "*"


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """One property whose value protects a resource, or exposes it."""

    rule: str
    path: Pattern
    text: str
    """What holds once it is exposed."""
    verdict: Verdict
    good: tuple[Any, ...] = ()
    """The values that protect: to lose them exposes."""
    bad: tuple[Any, ...] = ()
    """The values that expose; `*` is any."""
    kept: bool = False
    """Whether any value protects, and none exposes."""
    absent: Any = ABSENT
    """What applies where nothing is written."""
    unless: str = ""
    """A property that protects instead, where it is there."""


@lru_cache(maxsize=1)
def exposures() -> Mapping[str, tuple[Exposure, ...]]:
    """Every such property by the type that has it."""
    content = json.loads(EXPOSURES.read_text(encoding="utf-8"))
    return {name: tuple(_exposure(entry) for entry in entries) for name, entries in content.items() if name}


def exposed(subject: Subject) -> Iterator[Reason]:
    """What of a resource that stays or comes is exposed and was not before."""
    if subject.section != "Resources" or subject.after is None:
        return
    after = properties_of(subject.after)
    before = properties_of(subject.before) if subject.before is not None else None
    for exposure in exposures().get(subject.type, ()):
        if exposure.unless and exposure.unless in after:
            continue
        was = None if before is None else _state(exposure, before)
        now = _state(exposure, after)
        if was is not None and was == now:
            continue
        worse = now.bad - was.bad if was else now.bad
        lost = was is not None and was.good and not now.good
        if now.computed and (was is None or not was.computed) and not (worse or now.good):
            if was is not None and (was.good or exposure.bad):
                text = f"it depends on the deployment now whether {exposure.text}"
                yield _reason(exposure, text, Certainty.MAYBE)
        elif worse or lost:
            yield _reason(exposure, exposure.text)


@dataclass(frozen=True)
class _State:
    good: bool
    """Whether every value protects."""
    bad: frozenset[str]
    """The values that expose."""
    computed: str
    """The values that only CloudFormation can tell, as JSON; empty where there are none."""


def _state(exposure: Exposure, properties: Mapping[str, Any]) -> _State:
    found = [exposure.absent if value is ABSENT else value for value in values_at(properties, exposure.path)]
    there = [value for value in found if value is not ABSENT]
    if exposure.kept:
        return _State(good=any(value not in ([], {}, "", None) for value in there), bad=frozenset(), computed="")
    known = [_text(value) for value in there if value is not COMPUTED and not has_intrinsic(value)]
    computed = [value for value in there if value is COMPUTED or has_intrinsic(value)]
    good, bad = ({_text(value) for value in values} for values in (exposure.good, exposure.bad))
    return _State(
        good=bool(there) and not computed and all(value in good for value in known),
        bad=frozenset(value for value in known if value in bad or _ANYTHING in bad),
        computed=json.dumps([canonical(value) if value is not COMPUTED else "" for value in computed], sort_keys=True)
        if computed
        else "",
    )


def _text(value: Any) -> str:
    """A value as CloudFormation takes it: `true` and `"true"` are the same."""
    same = canonical(value)
    return same if isinstance(same, str) else json.dumps(same, sort_keys=True)


def _reason(exposure: Exposure, text: str, certainty: Certainty = Certainty.SURE) -> Reason:
    return Reason(rule=exposure.rule, text=text, verdict=exposure.verdict, certainty=certainty)


def _exposure(entry: Mapping[str, Any]) -> Exposure:
    return Exposure(
        **{
            **entry,
            "path": tuple(entry["path"].split("/")),
            "verdict": Verdict[entry["verdict"].upper()],
            "good": tuple(entry.get("good", ())),
            "bad": tuple(entry.get("bad", ())),
        }
    )
