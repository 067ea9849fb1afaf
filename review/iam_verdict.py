"""How bad it is that something is allowed anew or no longer: by whom, what and under which conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from review.iam_actions import regex, spelled
from review.iam_model import Entry, Grant, Group, entries
from review.iam_principals import Who
from review.model import Certainty, Reason, Verdict

RESTRICTING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "elasticfilesystem:accessedviamounttarget",
        "kms:calleraccount",
        "kms:viaservice",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
    }
)
"""Keys of conditions that say who may ask."""

_OPEN_VALUES = frozenset({"*", "0.0.0.0/0", "::/0", "arn:aws:*", "arn:*", "0.0.0.0/1", "128.0.0.0/1"})

_ESCALATES = (
    "iam:addusertogroup",
    "iam:attach*policy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:deleterolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:passrole",
    "iam:put*policy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "sts:assumerole",
)
"""Actions that, on any resource, give whoever has them the rights of others."""

_DESTROYS = (
    "backup:delete*",
    "cognito-idp:deleteuserpool",
    "dynamodb:deletebackup",
    "dynamodb:deletetable",
    "dynamodb:updatecontinuousbackups",
    "elasticfilesystem:deletefilesystem",
    "kinesis:deletestream",
    "kms:disablekey",
    "kms:schedulekeydeletion",
    "logs:deleteloggroup",
    "rds:deletedb*",
    "redshift:deletecluster",
    "s3:deletebucket",
    "s3:deletebucketpolicy",
    "s3:putbucketpolicy",
    "s3:putlifecycleconfiguration",
    "s3tables:deletetable*",
    "secretsmanager:deletesecret",
    "sqs:deletequeue",
)
"""Actions that end what holds data, or what protects it."""


@dataclass(frozen=True)
class Sides:
    """The logical ids of the resources on each side, under their names on the head side."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True)
class Judged:
    """What is to be said of a group of grants, the worst first."""

    widened: bool
    certainty: Certainty
    reasons: tuple[Reason, ...]


def judged(group: Group, *, came: bool, sides: Sides) -> Judged:
    """What it means that these grants came, or that they are gone."""
    grant = group.grant
    widened = came == (grant.effect == "Allow")
    certainty = _certainty(grant)
    said = _opaque(grant, came) if grant.opaque else _widened(group, sides) if widened else _narrowed(grant, sides)
    reasons = sorted(dict.fromkeys(said), key=lambda reason: -reason.verdict)
    return Judged(widened or bool(grant.opaque), certainty, tuple(reasons))


def _certainty(grant: Grant) -> Certainty:
    if grant.opaque:
        return Certainty.UNKNOWN
    guessed = grant.when or grant.principal.who is Who.GIVEN or grant.resource.startswith("everything but")
    return Certainty.MAYBE if guessed or grant.actions.but else Certainty.SURE


def _opaque(grant: Grant, came: bool) -> Iterator[Reason]:
    verdict = Verdict.DANGER if came else Verdict.LOOK
    text = f"{grant.opaque} {'is there now' if came else 'is gone'}; what it allows is not known"
    yield Reason(rule="statement-unknown", text=text, verdict=verdict, certainty=Certainty.UNKNOWN)


def _widened(group: Group, sides: Sides) -> Iterator[Reason]:
    grant = group.grant
    if grant.effect == "Deny":
        yield from _denied_no_longer(grant, sides)
        return
    restricted = any(_restricts(entry) for entry in entries(grant.condition))
    yield from _by_principal(grant, restricted)
    if grant.source.identity or not grant.principal.external:
        yield from _by_actions(group)
    if grant.when:
        text = f"it depends on the template's conditions: {', '.join(sorted(grant.when))}"
        yield Reason(rule="access-conditional", text=text, verdict=Verdict.HARMLESS, certainty=Certainty.MAYBE)
    if grant.condition and not restricted and grant.principal.who is Who.ANYONE:
        text = "its Condition does not say who may ask, only how"
        yield Reason(rule="access-condition", text=text, verdict=Verdict.HARMLESS)
    verdict = Verdict.HARMLESS if grant.internal and not grant.principal.external else Verdict.LOOK
    where = "resources of the template" if grant.internal else "what is outside of the template"
    yield Reason(rule="access-widened", text=f"more is allowed, on {where}", verdict=verdict)


def _by_principal(grant: Grant, restricted: bool) -> Iterator[Reason]:
    name, who = grant.principal.name, grant.principal.who
    trusted = f"{name} may ask from outside of the account"
    match who:
        case Who.ANYONE:
            text = f"anyone may ask ({name})" + (", as far as its Condition lets them" if restricted else "")
            verdict = Verdict.LOOK if restricted else Verdict.DANGER
            yield Reason(rule="access-public", text=text, verdict=verdict)
        case Who.OTHER_ACCOUNT:
            yield Reason(rule="access-other-account", text=trusted, verdict=Verdict.DANGER)
        case Who.FEDERATED:
            bound = any(":" in entry[1] and not entry[1].endswith(":aud") for entry in entries(grant.condition))
            verdict = Verdict.LOOK if bound else Verdict.DANGER
            text = trusted + ("" if bound else ", and no Condition says which of its identities")
            yield Reason(rule="access-federated", text=text, verdict=verdict)
        case Who.SERVICE if not restricted and not _is_trust(grant):
            text = f"{name} may ask on behalf of anyone's account: no Condition names a source"
            yield Reason(rule="access-confused-deputy", text=text, verdict=Verdict.LOOK)
        case Who.GIVEN:
            text = f"who {name} is, is known only at deployment"
            yield Reason(rule="access-given", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)


def _is_trust(grant: Grant) -> bool:
    """Whether a service takes on a role: the service itself asks there for whom it works."""
    return grant.source.type == "AWS::IAM::Role"


def _by_actions(group: Group) -> Iterator[Reason]:
    grant, actions = group.grant, group.grant.actions
    own_key = not grant.source.identity
    if actions.all:
        verdict = Verdict.LOOK if own_key else Verdict.DANGER
        yield Reason(rule="access-every-action", text="every action is allowed", verdict=verdict)
        return
    anywhere = any(_is_anywhere(resource) for resource in group.resources)
    wide = sorted(written for written in grant.written if written.endswith(":*"))
    if anywhere and wide:
        text = f"{wide[0]} is allowed on every resource"
        yield Reason(rule="access-wildcard", text=text, verdict=Verdict.LOOK if own_key else Verdict.DANGER)
    elif wide:
        text = f"{wide[0]} allows every action of the service, those of tomorrow too"
        yield Reason(rule="access-wildcard", text=text, verdict=Verdict.LOOK)
    if own_key:
        return
    names = {*actions.names, *actions.patterns}
    if anywhere and (found := _first(names, _ESCALATES)):
        text = f"{spelled(found)} on any resource gives the rights of others"
        yield Reason(rule="access-escalation", text=text, verdict=Verdict.DANGER)
    if found := _first(names, _DESTROYS):
        text = f"{spelled(found)} can end what holds data, or what protects it"
        yield Reason(rule="access-destructive", text=text, verdict=Verdict.DANGER)
    if any(written.startswith("not ") for written in grant.written):
        text = "NotAction allows everything that it does not name"
        yield Reason(rule="access-not-action", text=text, verdict=Verdict.DANGER)


def _is_anywhere(resource: str) -> bool:
    """Whether it is every resource, or every one of a service."""
    return resource == "*" or resource.startswith("everything but") or resource.split(":")[-1] in ("*", "*/*")


def _first(names: set[str], patterns: tuple[str, ...]) -> str:
    return next((name for name in sorted(names) for pattern in patterns if regex(pattern).fullmatch(name)), "")


def _restricts(entry: Entry) -> bool:
    """Whether an entry of a condition says who may ask, and not everybody."""
    operator, key, values = entry
    if operator.startswith(("ForAllValues", "StringNot", "ArnNot", "NotIp", "Null")) or operator.endswith("IfExists"):
        return False
    return (key in RESTRICTING or key.startswith("aws:principaltag/")) and not values & _OPEN_VALUES


def _denied_no_longer(grant: Grant, sides: Sides) -> Iterator[Reason]:
    owner = grant.source.owner or grant.principal.name
    if owner in sides.before and owner not in sides.after:
        text = "what it denied is gone as well"
        yield Reason(rule="deny-removed", text=text, verdict=Verdict.HARMLESS)
    elif "aws:securetransport" in {entry[1] for entry in entries(grant.condition)}:
        text = "requests without TLS are no longer denied"
        yield Reason(rule="tls-not-enforced", text=text, verdict=Verdict.DANGER)
    else:
        text = f"a Deny is gone: {', '.join(grant.written)} may be allowed now"
        yield Reason(rule="deny-removed", text=text, verdict=Verdict.DANGER, certainty=Certainty.MAYBE)


def _narrowed(grant: Grant, sides: Sides) -> Iterator[Reason]:
    names = (grant.principal.name, grant.source.owner)
    ended = any(name in sides.before and name not in sides.after for name in names)
    began = any(name in sides.after and name not in sides.before for name in names)
    what = "less is allowed" if grant.effect == "Allow" else "more is denied"
    if ended or began:
        text = f"{what}, with what is {'gone' if ended else 'new'} itself"
        yield Reason(rule="access-narrowed", text=text, verdict=Verdict.HARMLESS)
    else:
        text = f"{what}: whoever still needs it fails from then on"
        yield Reason(rule="access-narrowed", text=text, verdict=Verdict.LOOK)
