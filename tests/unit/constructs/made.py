"""What the tests of constructs build with: a table, a stage, a stack, and what the guard rails say of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions

from shardwell import Key, Table, Ttl
from shardwell_cdk import PythonCode, Settings, add_guard_rails

ORDERS = Table(
    "orders-{stage}",
    key=Key(PK="CUSTOMER#{customer}", SK="ORDER#{placedAt}"),
    indexes={
        "ByState": Key(StatePK="STATE#{state}#{shard}", StateSK="AT#{placedAt}").sharded(4, by="customer"),
        "ByTotal": Key(currency=str, total=int).projecting("customer"),
        "ByParcel": Key(parcel=bytes).keys_only(),
    },
    ttl=Ttl("expires", days=30),
    stream=True,
)

PLAIN = Table("plain-{stage}", key=Key(id=str))

CARELESS = Settings(stage="try", retain=False, recovery_days=None, alarms=False, alarm_topic=False, log_days=7)
CAREFUL = Settings(stage="real", retain=True, recovery_days=35, alarms=True, alarm_topic=True, log_days=365)
STAGES = (CARELESS, CAREFUL)

Build = Callable[[cdk.Stack, Settings], object]


def code(folder: Path) -> PythonCode:
    """A system of another team: a project with two packages, one of which is bundled."""
    for package in ("parcels", "invoices"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text(f'"""{package}"""\n', encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "post"\nversion = "1"\ndependencies = ["shardwell"]\n'
        '[dependency-groups]\nparcels = ["six"]\n',
        encoding="utf-8",
    )
    (folder / "pins.txt").write_text("boto3==1.0\nsix==1.17.0\n", encoding="utf-8")
    return PythonCode(
        source=folder,
        package="parcels",
        requirements=folder / "pins.txt",
        services=("dynamodb",),
        cache=folder / "cache",
    )


def stack(settings: Settings = CAREFUL) -> cdk.Stack:
    """An empty stack, in a region as all of ours are, for which nothing is bundled."""
    app = cdk.App(outdir=tempfile.mkdtemp(), context={"aws:cdk:bundling-stacks": []})
    return cdk.Stack(app, "Stack", env=cdk.Environment(region=settings.region))


def findings(*builds: Build, settings: Settings = CAREFUL) -> list[tuple[str, str]]:
    """Unacknowledged findings, rule and construct path, of a stack that the functions fill."""
    return _reported(builds, settings, "violations")


def acknowledged(*builds: Build, settings: Settings = CAREFUL) -> list[tuple[str, str]]:
    """Acknowledged findings, rule and reason, of a stack that the functions fill."""
    return _reported(builds, settings, "suppressedViolations")


def resources(stack: cdk.Stack, type: str) -> list[Mapping[str, Any]]:
    """The properties of the stack's resources of a type."""
    return [each["Properties"] for each in found(stack, type).values()]


def found(stack: cdk.Stack, type: str) -> Mapping[str, Mapping[str, Any]]:
    """The stack's resources of a type by logical id."""
    resources: Mapping[str, Mapping[str, Any]] = assertions.Template.from_stack(stack).find_resources(type)
    return resources


def _reported(builds: tuple[Build, ...], settings: Settings, kind: str) -> list[tuple[str, str]]:
    made = stack(settings)
    app = made.node.root
    assert isinstance(app, cdk.App)
    add_guard_rails(app)
    for build in builds:
        build(made, settings)
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    report = Path(app.outdir) / "validation-report.json"
    reports = json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
    return sorted(
        (each["ruleName"], each.get("reason") or each["violatingConstructs"][0]["constructPath"])
        for plugin in reports
        for each in plugin[kind]
    )
