"""Who a statement is about: someone of the template, of its account, a service, or someone outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from review.iam_actions import regex
from review.intrinsics import is_intrinsic, references
from review.shown import Names, alternatives, shown
from review.templates import Body

_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\$\{AWS::AccountId\}|\d{12})(?::(.*))?", re.DOTALL)
_OWN = re.compile(r"cdk-[a-z0-9]+-assets-(\d{12})-|(?:cdk-[a-z0-9]+-[a-z-]+-role-)(\d{12})-")
_HERE = "${AWS::AccountId}"


class Who(StrEnum):
    """What sort of principal it is, the closest first."""

    TEMPLATE = "of the template"
    ACCOUNT = "of the account"
    SERVICE = "a service"
    GIVEN = "known at deployment"
    """A parameter or what another stack exports."""
    FEDERATED = "an identity provider"
    OTHER_ACCOUNT = "another account"
    ANYONE = "anyone"


EXTERNAL = frozenset({Who.FEDERATED, Who.OTHER_ACCOUNT, Who.ANYONE})


@dataclass(frozen=True)
class Principal:
    """One principal, with a name to read."""

    who: Who
    name: str

    @property
    def external(self) -> bool:
        """Whether it is outside of the template and its account."""
        return self.who in EXTERNAL

    def covers(self, other: Principal) -> bool:
        """Whether whatever holds for this one holds for the other as well."""
        if self == other or (self.who is Who.ANYONE and not self.name.startswith("everyone but")):
            return True
        account = self.name.removeprefix("account ")
        return account != self.name and other.name.startswith(f"arn:aws:iam::{account}:")


def principals(
    written: Any, *, own: frozenset[str], body: Body, names: Names, but: bool = False
) -> Iterator[tuple[Principal, tuple[str, ...]]]:
    """Every principal of a Principal, or with `but` of a NotPrincipal, with the conditions on which it is there."""
    if but:
        yield Principal(Who.ANYONE, f"everyone but {shown(written, names)}"), ()
        return
    for value, when in alternatives(written):
        if isinstance(value, Mapping) and not is_intrinsic(value):
            for kind, inner in value.items():
                for each, also in alternatives(inner, when):
                    yield principal(str(kind), each, own=own, body=body, names=names), also
        else:
            yield principal("AWS", value, own=own, body=body, names=names), when


def principal(kind: str, value: Any, *, own: frozenset[str], body: Body, names: Names) -> Principal:
    """The principal that is written below `AWS`, `Service`, `Federated` or `CanonicalUser`."""
    name = shown(value, names)
    if name == "*":
        return Principal(Who.ANYONE, "*")
    if kind == "Service":
        return Principal(Who.SERVICE, name)
    if kind == "Federated":
        return Principal(Who.FEDERATED, name)
    return Principal(_who(value, name, own, body), _short(name, own))


def own_accounts(body: Body) -> frozenset[str]:
    """The template's own account, where the names of CDK's bootstrap resources in it tell."""
    return frozenset(account for pair in _OWN.findall(_texts(body)) for account in pair if account)


def _texts(body: Body) -> str:
    found: list[str] = []
    waiting: list[Any] = [body.get("Resources"), body.get("Parameters")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "cdk-" in value:
                found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return "\n".join(found)


def _who(value: Any, name: str, own: frozenset[str], body: Body) -> Who:
    led = [each.name for each in references(value)]
    resources, parameters = body.get("Resources") or {}, body.get("Parameters") or {}
    account = _account(name)
    if account is not None:
        return Who.ACCOUNT if account[0] == _HERE or account[0] in own else Who.OTHER_ACCOUNT
    if any(each in parameters for each in led) or "Fn::" in name:
        return Who.GIVEN
    if led and all(each in resources for each in led):
        return Who.TEMPLATE
    if _HERE in name:
        return Who.ACCOUNT
    if re.fullmatch(r"AIDA\w+|AROA\w+", name):
        return Who.ACCOUNT
    return Who.OTHER_ACCOUNT if not is_intrinsic(value) else Who.GIVEN


def _account(name: str) -> tuple[str, str] | None:
    found = _ACCOUNT.fullmatch(name.replace("${AWS::Partition}", "aws"))
    return None if found is None else (found[1], found[2] or "")


def _short(name: str, own: frozenset[str]) -> str:
    """The same account under one name, however it is written."""
    account = _account(name)
    if account is None:
        return name
    known = _HERE if account[0] in own else account[0]
    return f"account {known}" if account[1] in ("", "root") else f"arn:aws:iam::{known}:{account[1]}"


def matches(pattern: str, text: str) -> bool:
    """Whether a resource or a value with wildcards stands for everything that the other stands for."""
    first, second = (each.replace("${AWS::Partition}", "aws") for each in (pattern, text))
    return first == second or (("*" in first or "?" in first) and regex(first).fullmatch(second) is not None)
