"""What CDK's validation plug-ins said when it synthesized: `validation-report.json` in a cdk.out folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from review.findings import Found
from review.names import construct_path
from review.reading import UnreadableError, parsed
from review.templates import Templates

REPORT = "validation-report.json"
Place = tuple[str, str, str]
"""A stage, a stack and a logical id."""


def report_of(folder: Path, templates: Templates) -> tuple[Found, ...] | None:
    """The findings of the folder's report; None where there is none. Raises UnreadableError for a broken one."""
    file = folder / REPORT
    if not file.is_file():
        return None
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{file} cannot be read: {error.strerror}") from error
    return findings_in(content, templates)


def findings_in(report: bytes, templates: Templates) -> tuple[Found, ...]:
    """The findings of a report, each at its resource in the templates. Raises UnreadableError where it is no report."""
    content = parsed(report)
    if not isinstance(content, Mapping) or not isinstance(content.get("pluginReports"), list):
        raise UnreadableError("it is no validation report: it has no list of pluginReports")
    places = {
        path: (stage, stack, name)
        for (stage, stack), template in templates.stacks.items()
        for name, resource in template.resources.items()
        if (path := construct_path(resource))
    }
    stages = frozenset(stage for stage, _ in templates.stacks)
    return tuple(
        found
        for plugin in content["pluginReports"]
        if isinstance(plugin, Mapping)
        for key in ("violations", "suppressedViolations")
        for violation in _list(plugin.get(key))
        for found in _of_violation(_text(plugin.get("pluginName")), violation, key != "violations", places, stages)
    )


def _of_violation(
    tool: str, violation: Any, suppressed: bool, places: Mapping[str, Place], stages: frozenset[str]
) -> Iterator[Found]:
    if not isinstance(violation, Mapping):
        return
    reason = _text(violation.get("reason")) or "no reason is given"
    for construct in _list(violation.get("violatingConstructs")) or [{}]:
        given = construct if isinstance(construct, Mapping) else {}
        path = _text(given.get("constructPath"))
        resource = given.get("cloudFormationResource")
        named = _text(resource.get("logicalId")) if isinstance(resource, Mapping) else ""
        stage, stack, name = _place(path, named, places, stages)
        yield Found(
            stage=stage,
            stack=stack,
            tool=tool or "validation",
            rule=_text(violation.get("ruleName")),
            severity=_text(violation.get("severity")).lower() or "unknown",
            message=_text(violation.get("description")),
            logical_id=name,
            construct_path=path,
            suppressed=reason if suppressed else None,
        )


def _place(path: str, named: str, places: Mapping[str, Place], stages: frozenset[str]) -> Place:
    """Where a construct's resource is: by its path, by that of its default child, or by the stack that it is in."""
    for known in (path, f"{path}/Resource", f"{path}/Default"):
        if known in places:
            stage, stack, name = places[known]
            return stage, stack, named or name
    first = path.split("/", 1)[0]
    above = "/".join(path.split("/")[:2]) + "/"
    stack = next((place[1] for known, place in places.items() if path and known.startswith(above)), "")
    if not stack:
        above = first + "/"
        near = [place for known, place in places.items() if path and known.startswith(above)]
        if near and first not in stages:
            return near[0][0], near[0][1], named
    only = next(iter(stages)) if len(stages) == 1 else ""
    return first if first in stages else only, stack, named


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
