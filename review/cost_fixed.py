"""What is due every month whatever happens: alarms, keys, secrets, gateways, provisioned capacity."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from review.intrinsics import is_intrinsic
from review.model import CostPart
from review.priced import HOURS, Item, Priced, Pricer, fixed, number, unknown

FREE = Path(__file__).parent / "data" / "free.json"


def alarm(of: Priced) -> Iterator[Item]:
    """A metric alarm: each metric that it watches."""
    metrics = of.properties.get("Metrics")
    if is_intrinsic(metrics) or (metrics is not None and not isinstance(metrics, list)):
        yield unknown(CostPart.FIXED, "alarm", "which metrics it watches is known only at deployment")
        return
    entries = [metric for metric in metrics or [] if isinstance(metric, Mapping)]
    expressions = " ".join(str(metric.get("Expression", "")) for metric in entries)
    if "SELECT" in expressions or "SEARCH" in expressions:
        yield unknown(CostPart.FIXED, "alarm", "how many metrics its query finds is known only when it runs")
        return
    watched = [metric["MetricStat"] for metric in entries if isinstance(metric.get("MetricStat"), Mapping)]
    periods = [number(stat.get("Period")) for stat in watched] if watched else [number(of.properties.get("Period"), 60)]
    count = len(periods) * (3 if "ANOMALY_DETECTION_BAND" in expressions else 1)
    quick = any(period is not None and period < 60 for period in periods)
    price = "cloudwatch.alarm_high_resolution" if quick else "cloudwatch.alarm"
    yield fixed("alarm", price, count, f"{count} metrics" if count > 1 else "1 metric")


def stage(of: Priced) -> Iterator[Item]:
    """A stage of a REST API, where it has a cache."""
    if of.properties.get("CacheClusterEnabled", False) is not False:
        yield unknown(CostPart.FIXED, "cache", "there is no price for the cache of an API")


def endpoint(of: Priced) -> Iterator[Item]:
    """An endpoint of a network: an interface in each of its zones."""
    if of.properties.get("VpcEndpointType", "Gateway") == "Gateway":
        return
    subnets = of.properties.get("SubnetIds")
    zones = len(subnets) if isinstance(subnets, list) else None
    what = f"{zones} zones, without traffic" if zones else "how many zones it is in is known only at deployment"
    yield fixed("endpoint", "vpc.endpoint_hour", zones * HOURS if zones else None, what)


def balancer(of: Priced) -> Iterator[Item]:
    """A load balancer, without its capacity units."""
    kind = of.properties.get("Type", "application")
    price = {"application": "elb.application_hour", "network": "elb.network_hour"}.get(str(kind))
    if price is None:
        yield unknown(CostPart.FIXED, "load balancer", f"there is no price for one of type {kind}")
    else:
        yield fixed("load balancer", price, HOURS, "730 hours, without capacity units")


def stream(of: Priced) -> Iterator[Item]:
    """A Kinesis stream with provisioned shards."""
    mode = of.properties.get("StreamModeDetails")
    shards = number(of.properties.get("ShardCount"))
    if isinstance(mode, Mapping) and mode.get("StreamMode") == "ON_DEMAND":
        yield unknown(CostPart.FIXED, "stream", "there is no price for a stream on demand")
    else:
        what = f"{shards} shards" if shards is not None else "how many shards it has is known only at deployment"
        yield fixed("shards", "kinesis.shard_hour", shards * HOURS if shards is not None else None, what)


def parameter(of: Priced) -> Iterator[Item]:
    """A parameter of the store: standard ones are free."""
    if of.properties.get("Tier", "Standard") != "Standard":
        yield fixed("parameter", "ssm.advanced_parameter", 1, "1 advanced parameter")


def firewall(of: Priced) -> Iterator[Item]:
    """A web ACL and each of its rules."""
    rules = of.properties.get("Rules", [])
    count = len(rules) if isinstance(rules, list) else None
    yield fixed("web ACL", "waf.acl", 1, "1 web ACL, without its requests")
    what = f"{count} rules" if count is not None else "its rules are known only at deployment"
    yield fixed("rules", "waf.rule", count, what)


def alias(of: Priced) -> Iterator[Item]:
    """An alias or a version of a function, where it keeps instances ready."""
    if "ProvisionedConcurrencyConfig" in of.properties:
        yield unknown(CostPart.FIXED, "provisioned concurrency", "there is no price for it")


def _one(item: str, price: str, units: Decimal | int, what: str) -> Pricer:
    def one(_: Priced) -> Iterator[Item]:
        yield fixed(item, price, units, what)

    return one


_KEY = _one("key", "kms.key", 1, "1 key, its rotations and requests left out")

FIXED: Mapping[str, Pricer] = {
    "AWS::ApiGateway::Stage": stage,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::CompositeAlarm": _one("alarm", "cloudwatch.composite_alarm", 1, "1 composite alarm"),
    "AWS::CloudWatch::Dashboard": _one("dashboard", "cloudwatch.dashboard", 1, "1 dashboard, the free three left out"),
    "AWS::EC2::EIP": _one("address", "vpc.public_address_hour", HOURS, "730 hours"),
    "AWS::EC2::NatGateway": _one("gateway", "vpc.nat_gateway_hour", HOURS, "730 hours, without traffic"),
    "AWS::EC2::VPCEndpoint": endpoint,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": balancer,
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _KEY,
    "AWS::Kinesis::Stream": stream,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::Version": alias,
    "AWS::Logs::MetricFilter": _one("metric", "cloudwatch.metric", 1, "1 metric"),
    "AWS::Route53::HostedZone": _one("zone", "route53.zone", 1, "1 zone, without its queries"),
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::Secret": _one("secret", "secretsmanager.secret", 1, "1 secret, without its requests"),
    "AWS::WAFv2::WebACL": firewall,
}
"""Who reckons the fixed items of a type."""


@lru_cache(maxsize=1)
def _free() -> tuple[frozenset[str], tuple[str, ...]]:
    """The types that are free, and the beginnings of such types."""
    types = json.loads(FREE.read_text(encoding="utf-8"))["types"]
    return frozenset(types), tuple(name.removesuffix("*") for name in types if name.endswith("*"))


def is_free(kind: str) -> bool:
    """Whether nothing is paid for a resource of the type itself."""
    names, beginnings = _free()
    return kind in names or kind.startswith(beginnings)


def nothing_known(of: Priced) -> Iterator[Item]:
    """That nobody knows what a resource of the type costs."""
    yield unknown(CostPart.FIXED, of.type.split("::")[-1], f"there is no price for {of.type}")
