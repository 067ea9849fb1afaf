"""What CloudFormation refuses to do in one deployment, and the order of deployments that does it instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.indexes import IndexChanges, index_changes, is_deployed_table
from review.intrinsics import same
from review.model import ABSENT, Certainty, Member, Reason, Replaces, Verdict
from review.names import name_certain, own_name, shown_name
from review.overlay import REFUSED
from review.paths import path_text, rest_of, values_at
from review.replacement import facts_of
from review.subjects import Subject, properties_of

MOST_RESOURCES = 500
MOST_OUTPUTS = 200
MOST_PARAMETERS = 200


@dataclass(frozen=True)
class Blocked:
    """Why a change cannot be deployed as one, and how it can be."""

    reason: Reason
    deployments: tuple[str, ...] = ()


Limit = Callable[[Subject], Iterator[Blocked]]


def blocked_by(subject: Subject) -> Iterator[Blocked]:
    """Everything for which CloudFormation, or the service behind it, would refuse the change of a resource."""
    if subject.section != "Resources" or subject.before is None or subject.after is None:
        return
    limits: tuple[Limit, ...] = (
        (_rename,) if subject.renamed else (_other_type, _same_name, _indexes, _replicas, _pool_domain, _refused)
    )
    for limit in limits:
        yield from limit(subject)


def over_limits(stack: str, template: Mapping[str, Any]) -> Iterator[Reason]:
    """What of a template is more than CloudFormation takes."""
    for section, most in (("Resources", MOST_RESOURCES), ("Outputs", MOST_OUTPUTS), ("Parameters", MOST_PARAMETERS)):
        count = len(template.get(section) or {})
        if count > most:
            text = f"{stack} has {count} {section.lower()}, and CloudFormation takes {most}: split the stack"
            yield Reason(rule="template-limit", text=text, verdict=Verdict.BLOCKED)


def _other_type(subject: Subject) -> Iterator[Blocked]:
    old, new = subject.before["Type"], subject.after["Type"]
    if old != new:
        text = f"{subject.logical_id} is {old} and would become {new}, and CloudFormation refuses another type"
        yield _blocked("other-type", text, Certainty.SURE, f"Give the {new} a logical id of its own.")


def _same_name(subject: Subject) -> Iterator[Blocked]:
    """A replacement is made before the old one goes, and so cannot have the same name."""
    facts = facts_of(subject.type)
    name, old = own_name(subject.after), own_name(subject.before)
    if name is None or old is None or subject.replaces not in (Replaces.MAYBE, Replaces.YES):
        return
    if facts is None or facts.deletes_first or not same(list(old), list(name)) or _spread_into(subject, facts.names):
        return
    shown = shown_name(subject.after)
    if subject.replaces is Replaces.MAYBE:
        text = f"should it be replaced, CloudFormation refuses: its name {shown} stays"
        reason = Reason(rule="custom-name", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)
        yield Blocked(reason)
        return
    yield _blocked(
        "custom-name",
        f"its name {shown} stays, and CloudFormation cannot replace what has a name of its own",
        Certainty.SURE if name_certain(subject.after) else Certainty.MAYBE,
        f"Give it another name than {shown} in the same change; what refers to it follows.",
        "Or deploy without it first, and then with the new one, if what it holds may go.",
    )


def _spread_into(subject: Subject, names: tuple[str, ...]) -> bool:
    """Whether the name itself gets another value, through what it refers to."""
    return any(change.path[:1] and change.path[0] in names for change in subject.properties)


def _rename(subject: Subject) -> Iterator[Blocked]:
    """Another logical id with the same name: the second one is made while the first is still there."""
    name, old = own_name(subject.after), own_name(subject.before)
    if name is not None and old is not None and same(list(old), list(name)):
        shown = shown_name(subject.after)
        where = subject.before_id or f"{subject.before_stack}.{subject.logical_id}"
        yield _blocked(
            "name-taken",
            f"{shown} is made anew while {where} still has that name, so that it already exists",
            Certainty.SURE if name_certain(subject.after) else Certainty.MAYBE,
            f"Keep the logical id {subject.before_id or subject.logical_id} (in CDK: override_logical_id), "
            "or move the resource with a stack refactoring.",
        )


def _indexes(subject: Subject) -> Iterator[Blocked]:
    if not is_deployed_table(subject) or subject.replaces is Replaces.YES:
        return
    changes = index_changes(subject)
    if changes.steps > 1:
        yield _blocked(
            "one-index-at-a-time",
            f"one index can be made or removed in a deployment, and these are {changes.steps}: {_listed(changes)}",
            Certainty.SURE,
            *_steps(changes),
        )


def _listed(changes: IndexChanges) -> str:
    parts = [f"{name} goes" for name in changes.removed]
    parts += [f"{name} goes and comes back with other keys or another projection" for name in changes.changed]
    return ", ".join((*parts, *(f"{name} comes" for name in changes.added)))


def _steps(changes: IndexChanges) -> Iterator[str]:
    """One line for each deployment; what is removed goes first, since a table has a limit of indexes too."""
    actions = [f"remove the index {name}" for name in changes.removed]
    for name in changes.changed:
        actions += [f"remove the index {name}", f"add the index {name} as it is to be"]
    actions += [f"add the index {name}" for name in changes.added]
    yield from (f"Deployment {number}: {action}." for number, action in enumerate(actions, start=1))
    if changes.changed:
        yield "Or add the new index under another name first, move its readers, and then remove the old one."


def _replicas(subject: Subject) -> Iterator[Blocked]:
    if subject.type != "AWS::DynamoDB::GlobalTable" or subject.replaces is Replaces.YES:
        return
    old, new = (
        {each for each in values_at(properties_of(side), ("Replicas", "*", "Region")) if isinstance(each, str)}
        for side in (subject.before, subject.after)
    )
    actions = [f"remove the replica in {region}" for region in sorted(old - new)]
    actions += [f"add the replica in {region}" for region in sorted(new - old)]
    if len(actions) > 1:
        yield _blocked(
            "one-replica-at-a-time",
            f"one replica can be added or removed in a deployment, and these are {len(actions)}",
            Certainty.SURE,
            *(f"Deployment {number}: {action}." for number, action in enumerate(actions, start=1)),
        )


def _pool_domain(subject: Subject) -> Iterator[Blocked]:
    """A user pool has one domain with a prefix, and the new one is made before the old one goes."""
    if subject.type != "AWS::Cognito::UserPoolDomain" or subject.replaces is not Replaces.YES:
        return
    old, new = properties_of(subject.before), properties_of(subject.after)
    own_address = "CustomDomainConfig" in old or "CustomDomainConfig" in new
    if not own_address and not any(change.path[:1] == ("UserPoolId",) for change in subject.properties):
        yield _blocked(
            "one-domain-a-pool",
            "it is made anew while the user pool still has the old domain, and a pool has one domain with a prefix",
            Certainty.SURE,
            "Deployment 1: remove the domain.",
            "Deployment 2: add it with its new prefix; nobody can sign in through it between the two.",
        )


def _refused(subject: Subject) -> Iterator[Blocked]:
    for refusal in REFUSED.get(subject.type, ()):
        for change in subject.properties:
            inside = change.section == "Properties" and rest_of(refusal.pattern, change.path) == ()
            entry = change.path and isinstance(change.path[-1], Member | int)
            addition = change.before is ABSENT and (entry or len(change.path) == len(refusal.pattern))
            if inside and (refusal.additions or not addition):
                text = f"{refusal.text} ({path_text(change.path)})"
                yield _blocked("refused", text, refusal.certainty, *refusal.instead)
                break


def _blocked(rule: str, text: str, certainty: Certainty, *deployments: str) -> Blocked:
    return Blocked(Reason(rule=rule, text=text, verdict=Verdict.BLOCKED, certainty=certainty), deployments)
