"""What resources allow without a policy document: managed policies of others, boundaries, permissions of functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from review.iam_actions import actions
from review.iam_model import Grant, Source
from review.iam_principals import Principal, Who, principal, principals
from review.iam_statements import condition_text, is_internal, resource_text
from review.intrinsics import references
from review.names import construct_path
from review.shown import Names, alternatives, shown
from review.subjects import properties_of
from review.templates import Body

_HOLDERS = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet")
_PERMISSIONS = ("AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission")
_SERVICE = (".amazonaws.com", ".amazonaws.com.cn", "${AWS::URLSuffix}")
_CONDITIONS = (
    ("SourceArn", "ArnLike", "aws:SourceArn"),
    ("SourceAccount", "StringEquals", "aws:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("OrganizationId", "StringEquals", "aws:PrincipalOrgID"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
)


def of_resources(body: Body, own: frozenset[str], names: Names) -> Iterator[Grant]:
    """Every such grant of the template, in the order of the logical ids."""
    for name, resource in sorted(body["Resources"].items()):
        if resource["Type"] in _HOLDERS:
            yield from _of_holder(name, resource, body, names)
        elif resource["Type"] in _PERMISSIONS:
            yield from _of_permission(name, resource, body, own, names)
        elif resource["Type"] == "AWS::Events::EventBusPolicy" and "Statement" not in properties_of(resource):
            yield from _of_bus(name, resource, body, own, names)


def _of_holder(name: str, resource: Mapping[str, Any], body: Body, names: Names) -> Iterator[Grant]:
    given, who = properties_of(resource), Principal(Who.TEMPLATE, names.get(name, name))
    source = _source(name, resource, identity=True)
    for value, on in alternatives([given.get("ManagedPolicyArns", []), given.get("ManagedPolicies", [])]):
        if not any(each.name in body["Resources"] for each in references(value)):
            text = f"the managed policy {shown(value, names)}"
            of = actions(("*",)) if text.endswith("/AdministratorAccess") else actions((text,))
            yield Grant(
                effect="Allow",
                principal=who,
                actions=of,
                written=(text,),
                resource="what it says",
                internal=False,
                condition="",
                when=_when(resource).union(on),
                opaque="",
                source=source,
            )
    if "PermissionsBoundary" in given:
        text = f"what is beyond the permissions boundary {shown(given['PermissionsBoundary'], names)}"
        yield Grant(
            effect="Deny",
            principal=who,
            actions=actions((text,)),
            written=(text,),
            resource="*",
            internal=False,
            condition="",
            when=_when(resource),
            opaque="",
            source=source,
        )


def _of_permission(
    name: str, resource: Mapping[str, Any], body: Body, own: frozenset[str], names: Names
) -> Iterator[Grant]:
    given = properties_of(resource)
    conditions: dict[str, dict[str, str]] = {}
    for key, operator, condition in _CONDITIONS:
        if key in given:
            conditions.setdefault(operator, {})[condition] = shown(given[key], names)
    function = given.get("FunctionName", given.get("LayerVersionArn"))
    action = shown(given.get("Action", "lambda:InvokeFunction"), names)
    for written, on in alternatives(given.get("Principal")):
        kind = "Service" if shown(written).endswith(_SERVICE) else "AWS"
        yield Grant(
            effect="Allow",
            principal=principal(kind, written, own=own, body=body, names=names),
            actions=actions((action,)),
            written=(action,),
            resource=resource_text(shown(function, names)),
            internal=is_internal(function, body),
            condition=json.dumps(conditions, sort_keys=True) if conditions else "",
            when=_when(resource).union(on),
            opaque="",
            source=_source(name, resource, identity=False, owner=_first(function, names)),
        )


def _of_bus(name: str, resource: Mapping[str, Any], body: Body, own: frozenset[str], names: Names) -> Iterator[Grant]:
    given = properties_of(resource)
    bus = given.get("EventBusName", "default")
    action = shown(given.get("Action", "events:PutEvents"))
    for who, on in principals(given.get("Principal", "*"), own=own, body=body, names=names):
        yield Grant(
            effect="Allow",
            principal=who,
            actions=actions((action,)),
            written=(action,),
            resource=shown(bus, names),
            internal=is_internal(bus, body),
            condition=condition_text(_of_key(given.get("Condition")), names),
            when=_when(resource).union(on),
            opaque="",
            source=_source(name, resource, identity=False, owner=_first(bus, names)),
        )


def _of_key(condition: Any) -> Any:
    """The condition of an event bus, which is written with Type, Key and Value, as a policy has it."""
    match condition:
        case {"Type": str(operator), "Key": str(key), "Value": value}:
            return {operator: {key: value}}
    return condition


def _first(value: Any, names: Names) -> str:
    return next((names.get(each.name, each.name) for each in references(value)), "")


def _when(resource: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({str(resource["Condition"])} if resource.get("Condition") else ())


def _source(name: str, resource: Mapping[str, Any], *, identity: bool, owner: str = "") -> Source:
    return Source(logical_id=name, type=resource["Type"], path=construct_path(resource), identity=identity, owner=owner)
