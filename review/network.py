"""Networks, public access and encryption: what each changed resource opens that was closed before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.exposure import exposed
from review.intrinsics import has_intrinsic
from review.model import Certainty, Reason, Verdict
from review.paths import values_at
from review.security_groups import security_groups
from review.shown import shown
from review.subjects import Judge, Subject, properties_of

_METHODS = ("ANY ", "DELETE ", "GET ", "HEAD ", "PATCH ", "POST ", "PUT ")
_FIREWALLS = {
    "AWS::WAFv2::WebACLAssociation": "a web firewall is no longer in front of it",
    "AWS::WAFRegional::WebACLAssociation": "a web firewall is no longer in front of it",
    "AWS::NetworkFirewall::FirewallPolicy": "a network firewall's policy is gone",
    "AWS::GuardDuty::Detector": "threats are no longer detected",
    "AWS::CloudTrail::Trail": "calls are no longer recorded",
}


def guards_removed(subject: Subject) -> Iterator[Reason]:
    """What watched or shielded others and is gone."""
    if subject.section == "Resources" and subject.after is None and subject.type in _FIREWALLS:
        yield Reason(rule="guard-removed", text=_FIREWALLS[subject.type], verdict=Verdict.DANGER)


def open_routes(subject: Subject) -> Iterator[Reason]:
    """The routes and methods of APIs that anyone may call now."""
    if subject.section != "Resources" or subject.after is None or not _is_route(subject.after):
        return
    before = _authorization(subject.before) if subject.before is not None and _is_route(subject.before) else None
    now = _authorization(subject.after)
    if now == before:
        return
    after = properties_of(subject.after)
    route = shown(after.get("RouteKey", after.get("HttpMethod", "it")))
    if now == "NONE":
        text = f"anyone may call {route} without an authorizer"
        yield Reason(rule="public-access", text=text, verdict=Verdict.DANGER)
    elif has_intrinsic(after.get("AuthorizationType")):
        text = f"whether anyone may call {route} is known only at deployment"
        yield Reason(rule="public-access", text=text, verdict=Verdict.LOOK, certainty=Certainty.MAYBE)
    elif before is not None and before != "NONE":
        text = f"who may call {route} is told by {now}, no longer by {before}"
        yield Reason(rule="authorizer-changed", text=text, verdict=Verdict.LOOK)


def _is_route(resource: Mapping[str, Any]) -> bool:
    """Whether it is a route that a caller can ask for, a browser's preflight left out."""
    given = properties_of(resource)
    if resource["Type"] == "AWS::ApiGateway::Method":
        return bool(given.get("HttpMethod") != "OPTIONS")
    key = given.get("RouteKey")
    return resource["Type"] == "AWS::ApiGatewayV2::Route" and (
        not isinstance(key, str) or key in ("$connect", "$default") or key.startswith(_METHODS)
    )


def _authorization(resource: Mapping[str, Any]) -> str:
    given = properties_of(resource)
    kind = shown(given.get("AuthorizationType", "NONE"))
    if kind == "NONE" and "true" in (str(value).lower() for value in values_at(given, ("ApiKeyRequired",))):
        return "an API key"
    return kind


JUDGES: tuple[Judge, ...] = (security_groups, exposed, open_routes, guards_removed)
"""All of them, for a review to ask about each resource that differs."""
