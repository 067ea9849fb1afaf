"""The guard rails, as a plug-in that CDK runs on every template it writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import jsii
from cdk_nag import AwsSolutionsChecks

from shardwell_cdk.guard_rails import apis, failures, lakes, logs, tables
from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Template

RULES: tuple[Rule, ...] = (*tables.RULES, *lakes.RULES, *failures.RULES, *logs.RULES, *apis.RULES)


@jsii.implements(cdk.IPolicyValidationPlugin)
class GuardRails:
    """What cdk-nag does not see. A finding is acknowledged on its construct as `Shardwell::<rule>`, with a reason."""

    @property
    def name(self) -> str:
        return "Shardwell"

    @property
    def version(self) -> str:
        return "0.1.0"

    @property
    def rule_ids(self) -> list[str]:
        return [rule.id for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        templates = {path: _read(path) for path in context.template_paths}
        found = [violation for rule in RULES if (violation := _violation(rule, templates))]
        return cdk.PolicyValidationPluginReport(success=not found, violations=found)


def add_guard_rails(app: cdk.App) -> None:
    """Lets synth fail on a finding, of cdk-nag's AWS Solutions or of these rules, that nobody acknowledged."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), GuardRails())


def _violation(rule: Rule, templates: Mapping[str, Template]) -> cdk.PolicyViolation | None:
    resources = [
        cdk.PolicyViolatingResource(resource_logical_id=logical_id, template_path=path, locations=["Properties"])
        for path, template in templates.items()
        for logical_id in rule.broken_by(template)
    ]
    if not resources:
        return None
    return cdk.PolicyViolation(
        rule_name=rule.id, description=rule.says, fix=rule.fix, severity="error", violating_resources=resources
    )


def _read(path: str) -> Template:
    return Template(json.loads(Path(path).read_text(encoding="utf-8")).get("Resources", {}))
