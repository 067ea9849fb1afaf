"""The page of a construct: how it is made, its grants, its alarms, and what the guard rails look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from operations.docs.findings import (
    accepted,
    actions_of,
    alarms_of,
    checked,
    guard_rails,
    resources_of,
    returned,
    watched,
    watched_by_functions,
)
from operations.docs.markdown import Links, code, fenced, first_paragraph, prose, section, table, typed
from operations.docs.module_page import example_section, method_section, properties_of
from operations.docs.source import Class, Function, Module, read_module


def construct_page(
    module: Module,
    one: Class,
    *,
    folder: Path,
    exported: Mapping[str, str],
    meanings: Mapping[str, str],
    links: Links,
    example: str,
) -> str:
    """One construct on one page."""
    origin = "shardwell_cdk" if one.name in exported else f"shardwell_cdk.{module.name}"
    grants = [method for method in one.methods if method.name.startswith("grant_")]
    others = [method for method in one.methods if method not in grants and not method.is_property]
    parts = [
        f"# {one.name}",
        fenced(f"from {origin} import {one.name}"),
        prose(one.doc),
        example_section(example),
        section("## Properties", _properties(one, meanings, links)),
        section(
            "## What it makes",
            _resources(module, folder),
            _attributes(module, one, folder, links),
            properties_of(one, links),
        ),
        section("## Grants", _grants(grants)),
        section("## Alarms", *_alarms(module, folder, links)),
        section("## Guard rails", *_guard_rails(module, folder)),
        section("## Methods", *map(method_section, others)) if others else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _properties(one: Class, meanings: Mapping[str, str], links: Links) -> str:
    given = one.constructor.parameters if one.constructor else ()
    return table(
        ("property", "type", "default", ""),
        (
            (
                code(parameter.name),
                typed(parameter.type, links),
                code(parameter.default) if parameter.default is not None else "required",
                meanings[parameter.name],
            )
            for parameter in given
            if parameter.name not in ("scope", "id")
        ),
    )


def _resources(module: Module, folder: Path) -> str:
    found = resources_of(module, folder)
    return f"Of CDK: {', '.join(map(code, found))}." if found else ""


def _attributes(module: Module, one: Class, folder: Path, links: Links) -> str:
    types = {parameter.name: parameter.type for parameter in one.constructor.parameters} if one.constructor else {}
    rows = []
    for name, made in one.made:
        called = made.split(".")[-1]
        known = types.get(made) or (made if called[:1].isupper() else returned(module, made, folder))
        rows.append((code(name), typed(known, links)))
    return table(("attribute", "what it is"), rows)


def _grants(grants: Sequence[Function]) -> str:
    rows = []
    for method in grants:
        actions = [code(action) for action in actions_of(method.node)]
        rows.append((code(method.signature.split(" -> ")[0]), first_paragraph(method.doc), ", ".join(actions)))
    return table(("grant", "for", "actions"), rows)


def _alarms(module: Module, folder: Path, links: Links) -> list[str]:
    """What each alarm says that Monitoring makes for the construct; on its own page, for every construct."""
    monitoring = read_module(folder / "monitoring.py")
    if module.name == "monitoring":
        watching = [method.name for one in module.classes for method in one.methods]
        return [f"By {code(name)}:\n\n{_listed(alarms_of(monitoring, name))}" for name in watching]
    methods = {method.name: method for one in monitoring.classes for method in one.methods}
    said: list[str] = []
    for name in watched(module):
        alarms = alarms_of(monitoring, name)
        said.append(f"Where it is given a [`Monitoring`]({links['Monitoring']}): {_lowered(methods[name].doc)}")
        said.append(_listed(alarms))
    for helper, name in watched_by_functions(module, folder):
        [doc] = [function.doc for function in helper.functions if function.name == name]
        said.append(f"Where it is given a [`Monitoring`]({links['Monitoring']}): {_lowered(doc)}")
        said.append(_listed(alarms_of(helper, name)))
    return said


def _listed(alarms: Sequence[str]) -> str:
    return "\n".join(f"- {alarm}" for alarm in alarms)


def _guard_rails(module: Module, folder: Path) -> list[str]:
    rules = checked(resources_of(module, folder), guard_rails(folder / "guard_rails"))
    rows = [(code(f"Shardwell::{rule.id}"), rule.says) for rule in rules]
    excused = [(code(finding), reason) for finding, reason in accepted(module)]
    parts = []
    if rows:
        parts += ["Beside cdk-nag's, [these of ours](guard_rails.md) look at what it makes:"]
        parts += [table(("rule", "what it finds"), rows)]
    if excused:
        parts += ["Findings that it acknowledges itself:", table(("finding", "reason"), excused)]
    return parts


def _lowered(doc: str) -> str:
    text = first_paragraph(doc)
    return text[:1].lower() + text[1:]
