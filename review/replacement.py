"""Whether a change of a property replaces its resource, by the resource schemas and what they miss."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.difference import Difference, Sort
from review.intrinsics import may_be_equal, same
from review.model import ABSENT, Certainty, PropertyChange, Reason, Replaces, Verdict
from review.overlay import CORRECTED, CUSTOM, Correction, is_custom
from review.paths import COMPUTED, Pattern, path_text, rest_of, values_at

TABLE = Path(__file__).parent / "data" / "replacement.json.gz"


ORDER_REASON = Reason(rule="order", text="the order alone changes", verdict=Verdict.LOOK)
"""What is to be said of a list whose entries only stand in another order, which may mean something."""


@dataclass(frozen=True, kw_only=True)
class TypeFacts:
    """What the table says about one type."""

    create_only: tuple[Pattern, ...] = ()
    conditional: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()
    """The properties that name the resource, so that no second one can have the same values."""
    secondary: bool = False
    """Whether the names are told from how they are called, since the identifier itself is made by AWS."""
    fixed: bool = False
    """Whether the type cannot be updated at all."""
    deletes_first: bool = False
    """Whether CloudFormation deletes the old one before it makes the new one."""
    sets: frozenset[str] = frozenset()
    """The create-only lists whose order means nothing."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Every type that CloudFormation had on a day."""

    dated: str
    region: str
    types: Mapping[str, TypeFacts]


@lru_cache(maxsize=1)
def table() -> Table:
    """The distilled table."""
    content = json.loads(gzip.decompress(TABLE.read_bytes()))
    return Table(
        dated=content["dated"],
        region=content["region"],
        types={name: _facts(packed) for name, packed in content["types"].items()},
    )


def _facts(packed: Mapping[str, Any]) -> TypeFacts:
    return TypeFacts(
        create_only=_patterns(packed.get("create", ())),
        conditional=_patterns(packed.get("maybe", ())),
        names=tuple(packed.get("names", ())),
        secondary=packed.get("secondary", False),
        fixed=packed.get("fixed", False),
        deletes_first=packed.get("first", False),
        sets=frozenset(packed.get("sets", ())),
    )


def _patterns(paths: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(tuple(path.split("/")) for path in paths)


def facts_of(kind: str) -> TypeFacts | None:
    """What is known about a type; None where it is unknown to CloudFormation's schemas."""
    return table().types.get(CUSTOM if is_custom(kind) else kind)


def property_change(kind: str, difference: Difference, resources: Mapping[str, Any]) -> PropertyChange:
    """The difference with what it means for a resource of that type; `resources` are those of its template."""
    replaces, reason = _judged(kind, difference, resources)
    if difference.sort is Sort.ORDER and reason is None:
        reason = ORDER_REASON
    return PropertyChange(
        path=difference.path, before=difference.before, after=difference.after, replaces=replaces, reason=reason
    )


def _judged(kind: str, difference: Difference, resources: Mapping[str, Any]) -> tuple[Replaces, Reason | None]:
    if is_custom(kind):
        return Replaces.MAYBE, _reason("custom-resource", _custom_text(difference), Certainty.MAYBE)
    facts = facts_of(kind)
    if facts is None:
        return Replaces.UNKNOWN, _reason("unknown-type", _unknown_text(kind, difference), Certainty.UNKNOWN)
    found = _corrected(kind, difference, resources) or _by_schema(facts, difference, resources)
    if found is None and facts.fixed:
        text = f"{path_text(difference.path)} changes, and {kind} has no update: CloudFormation replaces it or refuses"
        return Replaces.MAYBE, _reason("no-update", text, Certainty.MAYBE)
    return found or (Replaces.NO, None)


def _corrected(
    kind: str, difference: Difference, resources: Mapping[str, Any]
) -> tuple[Replaces, Reason | None] | None:
    for correction in CORRECTED.get(kind, ()):
        if _touched(correction.pattern, difference, resources) is not Replaces.NO:
            return correction.replaces, _correction_reason(correction)
    return None


def _correction_reason(correction: Correction) -> Reason | None:
    if not correction.text:
        return None
    return _reason(correction.rule, correction.text, _certainty(correction.replaces))


def _by_schema(
    facts: TypeFacts, difference: Difference, resources: Mapping[str, Any]
) -> tuple[Replaces, Reason | None] | None:
    """The first pattern that surely replaces, or the first that may."""
    possible: tuple[Replaces, Reason] | None = None
    for pattern in facts.create_only:
        touched = _touched(pattern, difference, resources)
        if touched is Replaces.YES:
            text = f"{'.'.join(pattern)} can be set only when the resource is created"
            return touched, _reason("create-only-property", text, Certainty.SURE)
        if touched is Replaces.MAYBE and possible is None:
            text = (
                f"{'.'.join(pattern)} can be set only when the resource is created, "
                "and whether its value changes is known only at deployment"
            )
            possible = touched, _reason("create-only-property", text, Certainty.MAYBE)
    for pattern in facts.conditional if possible is None else ():
        if _touched(pattern, difference, resources) is not Replaces.NO:
            text = f"some changes of {'.'.join(pattern)} replace the resource"
            return Replaces.MAYBE, _reason("conditional-create-only-property", text, Certainty.MAYBE)
    return possible


def _touched(pattern: Pattern, difference: Difference, resources: Mapping[str, Any]) -> Replaces:
    """Whether the difference changes the value at the pattern."""
    rest = rest_of(pattern, difference.path)
    if rest is None:
        return Replaces.NO
    if difference.sort is Sort.ORDER:
        return Replaces.MAYBE
    if not rest:
        maybe = may_be_equal(difference.before, difference.after, resources)
        return Replaces.MAYBE if maybe else Replaces.YES
    before, after = values_at(difference.before, rest), values_at(difference.after, rest)
    if COMPUTED in before or COMPUTED in after:
        return Replaces.MAYBE
    if same(_present(before), _present(after)):
        return Replaces.NO
    if "*" in rest:
        return Replaces.MAYBE
    return Replaces.MAYBE if may_be_equal(before[0], after[0], resources) else Replaces.YES


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not ABSENT]


def _reason(rule: str, text: str, certainty: Certainty) -> Reason:
    return Reason(rule=rule, text=text, verdict=Verdict.LOOK, certainty=certainty)


def _certainty(replaces: Replaces) -> Certainty:
    return Certainty.MAYBE if replaces is Replaces.MAYBE else Certainty.SURE


def _custom_text(difference: Difference) -> str:
    return (
        f"{path_text(difference.path)} changes: the custom resource's own code updates it, "
        "and replaces it if it answers with another physical id"
    )


def _unknown_text(kind: str, difference: Difference) -> str:
    return f"{path_text(difference.path)} changes, and nothing is known about the type {kind}"
