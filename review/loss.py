"""What a change does to the data that a resource holds, and which policy of which side decides it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.intrinsics import references
from review.model import Certainty, DataLoss, Outcome, Policies, Reason, Replaces, Verdict
from review.overlay import is_custom
from review.paths import Pattern, values_at
from review.protection import weakened
from review.replacement import facts_of
from review.subjects import Subject, properties_of

STATEFUL = Path(__file__).parent / "data" / "stateful.json"
_SERVERLESS = "AWS::Serverless::"
"""Types that a transform turns into others; only its SimpleTable holds data."""
_KEEPING = ("Retain", "RetainExceptOnCreate")
_AGEING = frozenset({"retention-shortened", "ttl-enabled", "ttl-changed"})
"""Rules of changes in place after which the older part of the data goes."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What one type holds, and what stands between it and its deletion."""

    holds: str
    snapshot: bool = False
    """Whether CloudFormation can take a last snapshot."""
    default: str = "Delete"
    """The DeletionPolicy where none is written."""
    default_unless: str = ""
    """The property with which the default is Delete all the same."""
    empties: bool = False
    """Whether it cannot be deleted while something is in it."""
    emptied_by: str = ""
    """The property, or the type of a custom resource that refers to it, which empties it first."""
    protected_by: tuple[tuple[Pattern, Any], ...] = ()
    lesser: bool = False
    """Whether what is lost can be made again, or is of passing use."""
    listed: bool = field(default=False, repr=False)
    reason: str = field(default="", repr=False)


@lru_cache(maxsize=1)
def stateful_types() -> Mapping[str, Holding]:
    """Every type that holds data."""
    content = json.loads(STATEFUL.read_text(encoding="utf-8"))
    return {name: _holding(entry) for name, entry in content.items() if name}


def _holding(entry: Mapping[str, Any]) -> Holding:
    protected = tuple((tuple(path.split("/")), value) for path, value in entry.get("protected_by", ()))
    return Holding(**{**entry, "protected_by": protected})


def holding_of(kind: str) -> Holding | None:
    """What a type holds; a type that nobody knows may hold anything; None for one that holds nothing."""
    if facts_of(kind) is None and not is_custom(kind) and not kind.startswith(_SERVERLESS):
        return Holding(holds="contents of the unknown type")
    return stateful_types().get(kind)


def policies_of(resource: Mapping[str, Any] | None) -> Policies | None:
    """The policies of a resource as they apply; None where it is not there."""
    if resource is None:
        return None
    written = tuple(name for name in ("DeletionPolicy", "UpdateReplacePolicy") if name in resource)
    return Policies(
        deletion=_policy(resource, "DeletionPolicy", _default(resource)),
        update_replace=_policy(resource, "UpdateReplacePolicy", "Delete"),
        written=written,
    )


def _policy(resource: Mapping[str, Any], name: str, default: str) -> str:
    found = resource.get(name, default)
    return found if isinstance(found, str) else "computed"


def _default(resource: Mapping[str, Any]) -> str:
    holding = stateful_types().get(resource["Type"])
    if holding is None or (holding.default_unless and holding.default_unless in properties_of(resource)):
        return "Delete"
    return holding.default


def loss_of(subject: Subject, *, condition_changed: bool = False) -> DataLoss | None:
    """What becomes of the data of the subject; None where it holds none or nothing is put at risk."""
    if subject.section != "Resources" or subject.before is None:
        return None
    holding = holding_of(subject.before["Type"])
    if holding is None:
        return None
    before, after = policies_of(subject.before), policies_of(subject.after)
    if subject.after is None or subject.renamed:
        if subject.new is None:
            text = "left behind with its stack, which is gone from the app, and removed if somebody deletes that"
            return _loss(subject, holding, text, "DeletionPolicy", Certainty.MAYBE, before, after)
        text = "renamed: the old one is removed" if subject.renamed else "removed"
        return _loss(subject, holding, text, "DeletionPolicy", Certainty.SURE, before, after)
    if subject.replaces is not Replaces.NO:
        certainty = {Replaces.YES: Certainty.SURE, Replaces.MAYBE: Certainty.MAYBE}.get(
            subject.replaces, Certainty.UNKNOWN
        )
        text = (
            "replaced by a new, empty one" if certainty is Certainty.SURE else "possibly replaced by a new, empty one"
        )
        return _loss(subject, holding, text, "UpdateReplacePolicy", certainty, before, after)
    if condition_changed:
        return _loss(
            subject, holding, "removed if its condition fails", "DeletionPolicy", Certainty.MAYBE, before, after
        )
    if subject.properties:
        return DataLoss(
            outcome=Outcome.KEPT,
            certainty=Certainty.SURE,
            holds=holding.holds,
            impact=_kept(subject, holding),
            applies="",
            before=before,
            after=after,
        )
    return None


def _kept(subject: Subject, holding: Holding) -> str:
    if any(reason.rule in _AGEING for reason in weakened(subject)):
        return f"The resource stays, and of the {holding.holds} those that are newer than the new limit."
    return f"The {holding.holds} stay as they are."


def _loss(
    subject: Subject,
    holding: Holding,
    happens: str,
    applies: str,
    certainty: Certainty,
    before: Policies | None,
    after: Policies | None,
) -> DataLoss:
    decides = before if applies == "DeletionPolicy" else after
    policy = "" if decides is None else decides.deletion if applies == "DeletionPolicy" else decides.update_replace
    outcome, then = _outcome(subject, holding, policy)
    if certainty is not Certainty.SURE and outcome is Outcome.LOST:
        outcome = Outcome.MAYBE_LOST
    side = "as last deployed" if applies == "DeletionPolicy" else "of the new template"
    return DataLoss(
        outcome=outcome,
        certainty=certainty,
        holds=holding.holds,
        impact=f"The resource is {happens}; its {applies} {side} is {policy}: {then}.",
        applies=applies,
        before=before,
        after=after,
    )


def _outcome(subject: Subject, holding: Holding, policy: str) -> tuple[Outcome, str]:
    holds = holding.holds
    if policy in _KEEPING:
        return Outcome.ORPHANED, f"the {holds} stay in the old one, which no stack owns any more"
    if policy == "Snapshot" and holding.snapshot:
        return Outcome.SNAPSHOT, f"the {holds} go, and a last snapshot of them stays"
    if policy == "computed":
        return Outcome.MAYBE_LOST, f"whether the {holds} stay is known only at deployment"
    if _is_protected(subject, holding):
        return Outcome.ORPHANED, f"deletion protection keeps the {holds}, and CloudFormation's clean-up fails"
    if holding.empties and not _is_emptied(subject, holding):
        return Outcome.MAYBE_LOST, f"it can be deleted only while it is empty; if the {holds} are there, clean-up fails"
    return Outcome.LOST, f"the {holds} are deleted"


def _is_protected(subject: Subject, holding: Holding) -> bool:
    """Whether the service refuses the deletion; a protection that the same change takes away does not count."""
    sides = [side for side in (subject.before, None if subject.renamed else subject.after) if side is not None]
    return bool(holding.protected_by) and all(
        any(good in values_at(properties_of(side), pattern) for pattern, good in holding.protected_by) for side in sides
    )


def _is_emptied(subject: Subject, holding: Holding) -> bool:
    if not holding.emptied_by:
        return False
    if "::" not in holding.emptied_by:
        return properties_of(subject.before).get(holding.emptied_by) in (True, "true")
    name = subject.before_id or subject.logical_id
    return subject.old is not None and any(
        resource["Type"] == holding.emptied_by and any(each.name == name for each in references(resource))
        for resource in subject.old.resources.values()
    )


def loss_reasons(subject: Subject, loss: DataLoss | None) -> Iterator[Reason]:
    """Why the loss is bad, and what about the policies themselves becomes weaker."""
    if loss is None:
        return
    holding = holding_of(subject.before["Type"])
    if loss.outcome is not Outcome.KEPT and holding is not None:
        yield Reason(
            rule=f"data-{loss.outcome.replace(' ', '-')}",
            text=loss.impact,
            verdict=_verdict(subject, holding, loss),
            certainty=loss.certainty,
        )
    if loss.before is not None and loss.after is not None:
        yield from _weaker(loss.before, loss.after)


def _verdict(subject: Subject, holding: Holding, loss: DataLoss) -> Verdict:
    removed_and_kept = subject.after is None and loss.outcome is Outcome.ORPHANED
    return Verdict.LOOK if holding.lesser or removed_and_kept else Verdict.DANGER


def _weaker(before: Policies, after: Policies) -> Iterator[Reason]:
    for name, old, new in (
        ("DeletionPolicy", before.deletion, after.deletion),
        ("UpdateReplacePolicy", before.update_replace, after.update_replace),
    ):
        if old != new and _rank(new) < _rank(old):
            text = f"{name} becomes {new}, it was {old}: from the next deployment on, less is kept"
            yield Reason(rule="policy-weakened", text=text, verdict=Verdict.DANGER)


def _rank(policy: str) -> int:
    return {"Retain": 3, "RetainExceptOnCreate": 3, "Snapshot": 2}.get(policy, 1)
