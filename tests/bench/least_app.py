"""The least that CDK can do: each resource of synthesized templates as a construct without a class, and cdk-nag."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks


def build(app: cdk.App, templates: list[Path]) -> None:
    """One stack a template, one construct a resource."""
    for path in templates:
        template = json.loads(path.read_text(encoding="utf-8"))
        stack = cdk.Stack(app, path.name.split(".")[0])
        for name, described in template["Resources"].items():
            resource = cdk.CfnResource(stack, name, type=described["Type"], properties=described.get("Properties", {}))
            resource.override_logical_id(name)
            for key in described.keys() - {"Type", "Properties"}:
                resource.add_override(key, described[key])


if __name__ == "__main__":
    app = cdk.App()
    build(app, [Path(argument) for argument in sys.argv[1:]])
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks())
    app.synth()
