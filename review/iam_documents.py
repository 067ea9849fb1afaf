"""Every policy of a template: those of principals, of roles that may be taken on, and of resources."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.intrinsics import has_intrinsic, references
from review.names import construct_path
from review.shown import listed_in
from review.subjects import properties_of
from review.templates import Body

_DEEPEST = 12
_IN_TEXT = frozenset({"PolicyDocument", "PolicyText", "ResourcePolicy", "AccessPolicies", "Policy", "KeyPolicy"})
"""Properties that may hold a policy as a text of JSON."""
_ATTACHED = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
_IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet")
_OF_IDENTITIES = (
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)
_OWNERS = ("Queues", "Topics", "Bucket", "SecretId", "TableBucketARN", "TableARN", "TopicArn", "Queue", "ResourceArn")
"""The property in which a policy that is a resource of its own names what it is for."""
_LIMITS = ("AWS::Organizations::Policy", "AWS::EC2::VPCEndpoint", "AWS::IoT::Policy")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One policy with where it is."""

    logical_id: str
    type: str
    path: str
    place: str
    """The property that it is in."""
    statements: Any
    holders: tuple[Any, ...] = ()
    """Whom a policy of principals is attached to, as the template refers to them."""
    owners: tuple[Any, ...] = ()
    """What a policy of a resource is for."""
    of_principals: bool = False
    trust: bool = False
    condition: str = ""
    """The template's condition under which the resource exists."""


def documents(body: Body) -> Iterator[Document]:
    """Every policy of the template, in the order of the logical ids."""
    resources = body["Resources"]
    attached = _attached(resources)
    for name in sorted(resources):
        for place, value in _found(properties_of(resources[name]), (), _DEEPEST):
            yield _document(name, resources[name], place, value, attached)


def _document(
    name: str, resource: Mapping[str, Any], place: tuple[str, ...], value: Any, attached: Mapping[str, list[Any]]
) -> Document:
    kind, given = resource["Type"], properties_of(resource)
    trust = kind == "AWS::IAM::Role" and place[:1] == ("AssumeRolePolicyDocument",)
    itself: tuple[Any, ...] = ({"Ref": name},)
    holders: tuple[Any, ...] = ()
    owners: tuple[Any, ...] = itself
    if kind in _IDENTITIES and not trust:
        holders = itself
    elif kind in _OF_IDENTITIES:
        holders = tuple(each for key in _ATTACHED if key in given for each in listed_in(given[key]))
        holders = (*holders, *attached.get(name, ())) or itself
    else:
        owners = tuple(each for key in _OWNERS if key in given for each in listed_in(given[key])) or itself
    condition = resource.get("Condition", "")
    return Document(
        logical_id=name,
        type=kind,
        path=construct_path(resource),
        place="/".join(place),
        statements=value,
        holders=holders,
        owners=owners,
        of_principals=bool(holders) or kind in _LIMITS,
        trust=trust,
        condition=condition if isinstance(condition, str) else json.dumps(condition, sort_keys=True),
    )


def _attached(resources: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    """Which roles, users and groups say themselves that a managed policy of the template is theirs."""
    found: dict[str, list[Any]] = defaultdict(list)
    for name in sorted(resources):
        if resources[name]["Type"] in _IDENTITIES:
            for reference in references(properties_of(resources[name]).get("ManagedPolicyArns")):
                found[reference.name].append({"Ref": name})
    return found


def _found(value: Any, place: tuple[str, ...], deepest: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The statements below a value, with the names of the properties on the way."""
    if isinstance(value, dict):
        if "Statement" in value and _is_policy(value):
            yield place, value["Statement"]
            return
        for key in value if deepest else ():
            yield from _found(value[key], (*place, str(key)), deepest - 1)
    elif isinstance(value, list) and deepest:
        for entry in value:
            yield from _found(entry, place, deepest - 1)
    elif place and place[-1] in _IN_TEXT and isinstance(value, str) and value.lstrip().startswith("{"):
        yield place, _parsed(value)
    if place and place[-1] in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy") and _is_computed(value):
        yield place, value


def _is_policy(value: Mapping[str, Any]) -> bool:
    """A policy, and not, say, a rule of a firewall, which has a Statement too."""
    entries = listed_in(value["Statement"])
    return "Version" in value or any(isinstance(entry, Mapping) and "Effect" in entry for entry in entries)


def _is_computed(value: Any) -> bool:
    return has_intrinsic(value) and not (isinstance(value, Mapping) and "Statement" in value)


def _parsed(text: str) -> Any:
    """The statements of a policy that is written as a text; the text itself where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found["Statement"] if isinstance(found, dict) and "Statement" in found else text
