"""What the alarms of one stage watch: for each alarm its metrics, and which resource each of their dimensions is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.intrinsics import Reference, Refers, as_name, canonical, references
from review.shown import shown
from review.subjects import properties_of
from review.templates import Template

ALARM = "AWS::CloudWatch::Alarm"
Place = tuple[str, str]
"""A stack and a logical id."""

NAMED = {
    "AWS::DynamoDB::GlobalTable": ("TableName", "TableName"),
    "AWS::DynamoDB::Table": ("TableName", "TableName"),
    "AWS::ElastiCache::ReplicationGroup": ("ReplicationGroupId", "ReplicationGroupId"),
    "AWS::Kinesis::Stream": ("Name", "StreamName"),
    "AWS::Lambda::Function": ("FunctionName", "FunctionName"),
    "AWS::OpenSearchService::Domain": ("DomainName", "DomainName"),
    "AWS::RDS::DBCluster": ("DBClusterIdentifier", "DBClusterIdentifier"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", "DBInstanceIdentifier"),
    "AWS::SQS::Queue": ("QueueName", "QueueName"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "StateMachineArn"),
}
"""For each type with recommended alarms: the property that names it, and the dimension that is its name."""
_DIMENSIONS = frozenset(dimension for _, dimension in NAMED.values())


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One metric that an alarm watches."""

    stack: str
    alarm: str
    namespace: str
    metric: str
    dimension: str
    """Which of the dimensions of NAMED it has; empty where it has none."""
    value: str
    """That dimension as it is to be read."""
    target: Place | None
    """The resource that it is; None where the templates of the stage have no such."""
    silent: bool
    """Whether the alarm tells nobody, since its actions are switched off."""
    missing: str
    """The name that it refers to and that is not in its template."""
    index: str
    """The index of a table that it is about; empty where it is about the table."""


class Stage:
    """The templates of one side of a stage, to find resources in by what refers to them."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self.templates = {template.stack: template for template in templates}
        self._exports: dict[str, tuple[Template, Any]] = {}
        self._names: dict[tuple[str, str], Place] = {}
        for template in self.templates.values():
            self._add(template)

    def _add(self, template: Template) -> None:
        for output in (template.normal.get("Outputs") or {}).values():
            exported = output.get("Export") if isinstance(output, Mapping) else None
            if isinstance(exported, Mapping) and "Name" in exported:
                self._exports[as_name(exported["Name"])] = (template, output.get("Value"))
        for name, resource in template.resources.items():
            key, dimension = NAMED.get(resource["Type"], ("", ""))
            given = properties_of(resource).get(key)
            if key and given is not None:
                self._names[dimension, shown(given)] = (template.stack, name)

    def resource(self, place: Place) -> Mapping[str, Any] | None:
        """The resource at a place, None where there is none."""
        template = self.templates.get(place[0])
        return template.resources.get(place[1]) if template else None

    def target(self, template: Template, value: Any, dimension: str = "", deepest: int = 5) -> Place | None:
        """The resource that a value in the template refers to, or is the name of."""
        if deepest and not isinstance(value, str):
            for reference in references(value):
                if found := self._of_reference(template, reference, deepest):
                    return found
        return self._names.get((dimension, shown(value)))

    def _of_reference(self, template: Template, reference: Reference, deepest: int) -> Place | None:
        if reference.refers is Refers.NAME and reference.name in template.resources:
            return template.stack, reference.name
        if reference.refers is Refers.EXPORT and reference.name in self._exports:
            other, value = self._exports[reference.name]
            return self.target(other, value, deepest=deepest - 1)
        if reference.refers is Refers.OUTPUT:
            for other in self.templates.values():
                if reference.name in (other.stack, other.stack_name) or reference.name.endswith(f"-{other.stack}"):
                    output = (other.normal.get("Outputs") or {}).get(reference.attribute)
                    value = output.get("Value") if isinstance(output, Mapping) else None
                    return self.target(other, value, deepest=deepest - 1) if value is not None else None
        return None

    def watches(self) -> Iterator[Watch]:
        """Every metric of every alarm."""
        for template in self.templates.values():
            for name, resource in template.resources.items():
                if resource["Type"] == ALARM:
                    for metric in _metrics(properties_of(resource)):
                        yield from self._of_metric(template, name, metric)

    def _of_metric(self, template: Template, alarm: str, metric: Mapping[str, Any]) -> Iterator[Watch]:
        given = metric.get("Dimensions")
        entries = [entry for entry in given if isinstance(entry, Mapping)] if isinstance(given, list) else []
        dimensions = {shown(entry.get("Name")): entry.get("Value") for entry in entries}
        dimension = next((name for name in dimensions if name in _DIMENSIONS), "")
        value = dimensions.get(dimension)
        target = self.target(template, value, dimension) if dimension else None
        yield Watch(
            stack=template.stack,
            alarm=alarm,
            namespace=shown(metric.get("Namespace")),
            metric=shown(metric.get("MetricName")),
            dimension=dimension,
            value=shown(value),
            target=target,
            silent=canonical(properties_of(template.resources[alarm]).get("ActionsEnabled")) == "false",
            missing="" if target or value is None else _missing(template, value),
            index=shown(dimensions.get("GlobalSecondaryIndexName", "")),
        )


def _metrics(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The metric of an alarm, or those of the expression that it is about."""
    if "MetricName" in alarm:
        yield alarm
    metrics = alarm.get("Metrics")
    for entry in metrics if isinstance(metrics, list) else []:
        stat = entry.get("MetricStat") if isinstance(entry, Mapping) else None
        metric = stat.get("Metric") if isinstance(stat, Mapping) else None
        if isinstance(metric, Mapping):
            yield metric


def _missing(template: Template, value: Any) -> str:
    known = {*template.resources, *(template.normal.get("Parameters") or {})}
    names = (each.name for each in references(value) if each.refers is Refers.NAME)
    return next((name for name in names if name not in known), "")
