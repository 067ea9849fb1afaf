"""What a change opens or closes in security groups, with their rules inside of them or as resources of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from review.intrinsics import references
from review.model import Certainty, Reason, Verdict
from review.shown import alternatives, shown
from review.subjects import Subject, properties_of
from review.templates import Template

GROUP = "AWS::EC2::SecurityGroup"
_RULES = {"AWS::EC2::SecurityGroupIngress": True, "AWS::EC2::SecurityGroupEgress": False}
_PEERS = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
    "DestinationSecurityGroupId",
    "DestinationPrefixListId",
)
_ALL_PORTS = (0, 65535)
_WEB = ((80, 80), (443, 443))


@dataclass(frozen=True)
class Rule:
    """One thing that a group lets in, or out."""

    inbound: bool
    protocol: str
    ports: tuple[int, int] | None
    """None where only the deployment can tell."""
    peer: str
    """A range of addresses, or a reference to another group."""
    certain: bool
    written: str
    """What only the deployment can tell about it, as it is written."""

    def covers(self, other: Rule) -> bool:
        """Whether this one lets through all that the other does."""
        if self.inbound != other.inbound or not self.certain or self.written or other.written:
            return (self.inbound, self.protocol, self.ports, self.peer, self.written) == (
                (other.inbound, other.protocol, other.ports, other.peer, other.written)
            )
        if self.protocol not in ("-1", other.protocol):
            return False
        mine, others = self.ports or _ALL_PORTS, other.ports or _ALL_PORTS
        if self.protocol != "-1" and not mine[0] <= others[0] <= others[1] <= mine[1]:
            return False
        return _covers(self.peer, other.peer)

    @property
    def everybody(self) -> bool:
        """Whether it is open to every address."""
        network = _network(self.peer)
        return network is not None and network.prefixlen <= 1

    def said(self) -> str:
        """The rule in a few words."""
        what = "everything" if self.protocol == "-1" else f"{self.protocol} {self._ports()}".strip()
        return f"{what} {'from' if self.inbound else 'to'} {self.peer}"

    def _ports(self) -> str:
        if self.ports is None:
            return "on ports known only at deployment"
        if self.ports == _ALL_PORTS:
            return "on every port"
        first, last = self.ports
        return f"on port {first}" if first == last else f"on ports {first} to {last}"


def security_groups(subject: Subject) -> Iterator[Reason]:
    """What the change of a group, or of a rule of one, opens and closes."""
    if subject.section != "Resources" or subject.type not in (GROUP, *_RULES):
        return
    before = frozenset(_own_rules(subject.before))
    after = frozenset(_own_rules(subject.after))
    base = before | frozenset(
        _of_group(subject.old, _group(subject, subject.before, subject.before_id or subject.logical_id))
    )
    head = after | frozenset(_of_group(subject.new, _group(subject, subject.after, subject.logical_id)))
    for rule in sorted(after - before, key=str):
        if not any(other.covers(rule) for other in base):
            yield _opened(rule)
    for rule in sorted(before - after, key=str):
        stays = subject.after is not None or subject.type != GROUP
        if stays and not any(other.covers(rule) for other in head):
            text = f"{rule.said()} is no longer let through"
            yield Reason(rule="security-group-closed", text=text, verdict=Verdict.LOOK)


def _opened(rule: Rule) -> Reason:
    text = f"{rule.said()} is let through now"
    certainty = Certainty.SURE if rule.certain else Certainty.MAYBE
    if rule.inbound and rule.everybody:
        verdict = Verdict.LOOK if rule.ports in _WEB and rule.protocol == "tcp" else Verdict.DANGER
        text = f"{text}: everybody may connect"
        return Reason(rule="security-group-public", text=text, verdict=verdict, certainty=certainty)
    return Reason(rule="security-group-opened", text=text, verdict=Verdict.LOOK, certainty=certainty)


def _group(subject: Subject, resource: Mapping[str, Any] | None, own: str) -> str:
    """The logical id of the group that it is about, on one side; `own` is the subject's own there."""
    if subject.type == GROUP:
        return own
    written = resource if resource is not None else subject.before or subject.after
    return next((each.name for each in references(properties_of(written).get("GroupId"))), "")


def _of_group(template: Template | None, group: str) -> Iterator[Rule]:
    """All rules of a group in a template, its own and those of resources that name it."""
    if template is None or not group:
        return
    for name, resource in template.resources.items():
        if resource["Type"] == GROUP:
            if name == group:
                yield from _own_rules(resource)
        elif resource["Type"] in _RULES and any(
            each.name == group for each in references(properties_of(resource).get("GroupId"))
        ):
            yield from _own_rules(resource)


def _own_rules(resource: Mapping[str, Any] | None) -> Iterator[Rule]:
    if resource is None:
        return
    given = properties_of(resource)
    if resource["Type"] in _RULES:
        yield _rule(given, inbound=_RULES[resource["Type"]], certain=True)
        return
    for name, inbound in (("SecurityGroupIngress", True), ("SecurityGroupEgress", False)):
        for entry, when in alternatives(given.get(name, [])):
            yield _rule(entry, inbound=inbound, certain=not when)
    if not given.get("SecurityGroupEgress"):
        yield Rule(False, "-1", _ALL_PORTS, "0.0.0.0/0", True, "")


def _rule(entry: Any, *, inbound: bool, certain: bool) -> Rule:
    if not isinstance(entry, Mapping):
        return Rule(inbound, "-1", None, "an address known only at deployment", False, shown(entry))
    protocol = shown(entry.get("IpProtocol", "-1")).lower()
    protocol = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}.get(protocol, protocol)
    peers = [shown(entry[name]) for name in _PEERS if name in entry]
    peer = peers[0] if len(peers) == 1 else "an address known only at deployment"
    ports = _ALL_PORTS if protocol == "-1" else _range(entry.get("FromPort"), entry.get("ToPort"))
    odd = len(peers) != 1 or ports is None or protocol.startswith("${")
    return Rule(inbound, protocol, ports, peer, certain and not odd, shown(entry) if odd else "")


def _range(start: Any, end: Any) -> tuple[int, int] | None:
    try:
        first, last = int(str(start)), int(str(end))
    except ValueError:
        return _ALL_PORTS if start is None and end is None else None
    return _ALL_PORTS if first == -1 else (first, last)


def _covers(first: str, second: str) -> bool:
    if first == second:
        return True
    wide, narrow = _network(first), _network(second)
    if isinstance(wide, IPv4Network) and isinstance(narrow, IPv4Network):
        return narrow.subnet_of(wide)
    return isinstance(wide, IPv6Network) and isinstance(narrow, IPv6Network) and narrow.subnet_of(wide)


def _network(peer: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(peer, strict=False)
    except ValueError:
        return None
