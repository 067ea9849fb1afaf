"""The dependency groups of a pyproject.toml (PEP 735): lists of requirements that no wheel of the project tells of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def requirements_of(group: str, project: Path) -> tuple[str, ...]:
    """The requirements of a group of the pyproject.toml `project`, with those of the groups that it includes."""
    listed = tomllib.loads(project.read_text(encoding="utf-8")).get("dependency-groups", {})
    return tuple(dict.fromkeys(_expanded(group, listed, project, ())))


def _expanded(name: str, groups: Mapping[str, Any], project: Path, within: tuple[str, ...]) -> list[str]:
    if _normal(name) in within:
        raise ValueError(f"{project} has a group {name!r} that includes itself: take one of the two inclusions out.")
    found = [entries for known, entries in groups.items() if _normal(known) == _normal(name)]
    if len(found) != 1:
        known = ", ".join(sorted(groups)) or "none"
        wrong = "more than one" if found else "no"
        raise ValueError(
            f"{project} has {wrong} dependency group {name!r} (it has: {known}): "
            "let one list what the bundle needs, be it nothing."
        )
    lines: list[str] = []
    for entry in found[0]:
        match entry:
            case str():
                lines.append(entry)
            case {"include-group": str(included)} if len(entry) == 1:
                lines += _expanded(included, groups, project, (*within, _normal(name)))
            case _:
                raise ValueError(
                    f"{project} has {entry!r} in its dependency group {name!r}: "
                    'write a requirement, or {include-group = "its name"}.'
                )
    return lines


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
