"""What protects data and becomes weaker in place: recovery, deletion protection, retention, times to live, indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.indexes import index_changes, is_deployed_table
from review.intrinsics import has_intrinsic, same
from review.model import ABSENT, Certainty, Reason, Replaces, Verdict
from review.overlay import TABLES
from review.paths import COMPUTED, Pattern, values_at
from review.subjects import Subject, properties_of

PROTECTIONS = Path(__file__).parent / "data" / "protections.json"
_ANY = object()


@dataclass(frozen=True, kw_only=True)
class Protection:
    """One property that protects, and what is safer about its values."""

    rule: str
    path: Pattern
    what: str
    verdict: Verdict
    good: Any = ABSENT
    """The value that protects."""
    bad: Any = ABSENT
    """The value that takes the protection away."""
    kept: bool = False
    """Whether each value that is there protects, and each that goes is missed."""
    more: bool = False
    """Whether it is a number, of which more is safer."""
    floor: float | None = None
    """What applies where the number is absent; None is without limit."""
    zero_is_all: bool = False
    zero_is_none: bool = False
    """Whether 0 turns the protection off, which is worse than less of it."""


@lru_cache(maxsize=1)
def protections() -> Mapping[str, tuple[Protection, ...]]:
    """Every protection by the type that has it."""
    content = json.loads(PROTECTIONS.read_text(encoding="utf-8"))
    return {name: tuple(_protection(entry) for entry in entries) for name, entries in content.items() if name}


def _protection(entry: Mapping[str, Any]) -> Protection:
    given = {**entry, "path": tuple(entry["path"].split("/")), "verdict": Verdict[entry["verdict"].upper()]}
    return Protection(**given)


def weakened(subject: Subject) -> Iterator[Reason]:
    """What of the protections of a resource that stays becomes weaker."""
    if subject.section != "Resources" or subject.before is None or subject.after is None:
        return
    before, after = properties_of(subject.before), properties_of(subject.after)
    for protection in protections().get(subject.type, ()):
        yield from _weakened(protection, before, after)
    if is_deployed_table(subject) and subject.replaces is not Replaces.YES:
        yield from _indexes(subject)
    if subject.type in TABLES:
        yield from _time_to_live(before.get("TimeToLiveSpecification"), after.get("TimeToLiveSpecification"))


def _weakened(protection: Protection, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Reason]:
    for name, old, new in _matched(protection.path, before, after):
        where = f" of {name}" if name else ""
        if protection.kept:
            old_values, new_values = ([each for each in side if each is not ABSENT] for side in (old, new))
            gone = [each for each in old_values if not any(same(each, other) for other in new_values)]
            if gone and not (new_values and all(has_intrinsic(each) for each in new_values)):
                yield _reason(protection, f"{protection.what}{where} is gone")
            continue
        was, now = _first(old), _first(new)
        if same(was, now) if ABSENT not in (was, now) else was is now:
            continue
        if protection.more:
            yield from _less(protection, where, was, now)
        elif has_intrinsic(now) or now is COMPUTED:
            yield _reason(protection, f"{protection.what}{where} depends on the deployment now", Certainty.MAYBE)
        elif (protection.good is not ABSENT and same(was, protection.good)) or (
            protection.bad is not ABSENT and same(now, protection.bad)
        ):
            verb = f"becomes {_shown(now)}" if protection.good is ABSENT else f"is turned off ({_shown(now)})"
            yield _reason(protection, f"{protection.what}{where} {verb}")


def _matched(
    pattern: Pattern, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """The values at the pattern on both sides: entry by entry where replicas or rules are told apart by name."""
    if "*" not in pattern or pattern[-1] in ("*", "Region", "RuleName"):
        yield "", values_at(before, pattern), values_at(after, pattern)
        return
    at = pattern.index("*")
    old, new = (_entries(side, pattern[:at]) for side in (before, after))
    # An entry that comes or goes as a whole is another matter, except that a new rule may delete what was kept.
    for name in sorted({*old, *new}) if pattern[-1].endswith("Days") else sorted(set(old) & set(new)):
        missing = name not in old or name not in new
        if not (missing and (name not in new or "Lifecycle" not in pattern[0])):
            # The only one, without a name of its own, is told apart by nothing and needs no number.
            called = "" if {*old, *new} == {"0"} else name
            yield called, values_at(old.get(name, {}), pattern[at + 1 :]), values_at(new[name], pattern[at + 1 :])


def _entries(properties: Mapping[str, Any], pattern: Pattern) -> dict[str, Any]:
    found = values_at(properties, pattern)
    entries = found[0] if found and isinstance(found[0], list) else []
    return {_name(entry, at): entry for at, entry in enumerate(entries)}


def _name(entry: Any, at: int) -> str:
    names = (entry.get(key) for key in ("Region", "RuleName", "Id")) if isinstance(entry, Mapping) else ()
    return next((name for name in names if isinstance(name, str)), str(at))


def _first(values: list[Any]) -> Any:
    return values[0] if values else ABSENT


def _less(protection: Protection, where: str, was: Any, now: Any) -> Iterator[Reason]:
    old, new = (_number(side, protection) for side in (was, now))
    if old is None or new is None:
        text = f"{protection.what}{where}: {_shown(was)} becomes {_shown(now)}, which may be less"
        yield _reason(protection, text, Certainty.MAYBE)
    elif new < old:
        text = f"{protection.what}{where}: {_shown(was)} becomes {_shown(now)}"
        off = protection.zero_is_none and new == 0
        yield Reason(rule=protection.rule, text=text, verdict=Verdict.DANGER if off else protection.verdict)


def _number(value: Any, protection: Protection) -> float | None:
    """The number as it applies; None where only CloudFormation can tell."""
    if value is ABSENT:
        return float("inf") if protection.floor is None else protection.floor
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            return None
        return float("inf") if protection.zero_is_all and number == 0 else number
    return None


def _indexes(subject: Subject) -> Iterator[Reason]:
    changes = index_changes(subject)
    for name in changes.removed:
        text = f"index {name} is removed: whoever queries it fails from then on"
        yield Reason(rule="index-removed", text=text, verdict=Verdict.DANGER)
    for name in changes.changed:
        text = f"index {name} is made anew: until it is filled again, whoever queries it fails"
        yield Reason(rule="index-changed", text=text, verdict=Verdict.DANGER)
    for name in changes.added:
        text = f"index {name} is added, and filled from the table"
        yield Reason(rule="index-added", text=text, verdict=Verdict.LOOK)
    if changes.computed:
        text = "which indexes there are is known only at deployment"
        yield Reason(rule="index-computed", text=text, verdict=Verdict.DANGER, certainty=Certainty.UNKNOWN)


def _time_to_live(before: Any, after: Any) -> Iterator[Reason]:
    old, new = _ttl(before), _ttl(after)
    if old == new:
        return
    if new and old:
        text = f"the time to live is read from {new}, no longer from {old}: items expire by another attribute"
        yield Reason(rule="ttl-changed", text=text, verdict=Verdict.DANGER)
    elif new:
        text = f"the time to live is turned on: items whose {new} is past are deleted"
        yield Reason(rule="ttl-enabled", text=text, verdict=Verdict.DANGER)
    else:
        text = f"the time to live is turned off: items are no longer deleted by {old}"
        yield Reason(rule="ttl-disabled", text=text, verdict=Verdict.LOOK)


def _ttl(specification: Any) -> str:
    """The attribute by which items expire, empty where none do."""
    if not isinstance(specification, Mapping) or specification.get("Enabled") in (False, "false"):
        return ""
    return _shown(specification.get("AttributeName", "an attribute known only at deployment"))


def _reason(protection: Protection, text: str, certainty: Certainty = Certainty.SURE) -> Reason:
    return Reason(rule=protection.rule, text=text, verdict=protection.verdict, certainty=certainty)


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
