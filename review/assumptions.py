"""How much each resource of a stage is used, as a file says that one assumes it: no template can tell."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

FIGURES = {
    "backup_gb": "GB that are kept in backups",
    "calls_a_second": "calls of a function or an API",
    "events_a_second": "events put on a bus",
    "executions_a_second": "executions of a state machine",
    "gets_a_second": "reads of objects",
    "item_kb": "KB of an item",
    "logs_gb_a_month": "GB of logs taken in",
    "messages_a_second": "messages sent",
    "milliseconds": "how long a call of a function takes",
    "puts_a_second": "writes of objects",
    "reads_a_second": "items read from a table",
    "requests_a_message": "requests that one message takes: to send, to receive and to delete it",
    "storage_gb": "GB that are stored",
    "transitions": "state transitions of one execution",
    "writes_a_second": "items written to a table",
}
"""Every figure that a file may give, and what it is."""
_OF_INDEX = {"share": "the part of the table's items that is in the index, from 0 to 1", "item_kb": "KB of its items"}
_SELECTS = ("stages", "stack", "resource")


class AssumptionsError(ValueError):
    """The file of assumptions is not right; the text says where and what to write."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """How one or more resources are used in some stages."""

    stages: tuple[str, ...]
    """Empty for every stage."""
    stack: str
    """A pattern as in a shell: `sales-*`."""
    resource: str
    """A pattern for the logical id, or for the construct path behind the stage."""
    figures: Mapping[str, Decimal]
    indexes: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def of(self, figure: str, otherwise: str | None = None) -> Decimal | None:
        """A figure, or what is taken otherwise; None where nobody said."""
        found = self.figures.get(figure)
        return found if found is not None else None if otherwise is None else Decimal(otherwise)


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """All uses of a file, the first that fits a resource counts."""

    origin: str
    """The file, to be shown beside every sum."""
    uses: tuple[Use, ...]

    def use_of(self, *, stage: str, stack: str, logical_id: str, path: str) -> Use | None:
        """How the resource is used; None where the file does not say."""
        below = path.split("/", 1)[-1] if path.startswith(f"{stage}/") else path
        for use in self.uses:
            if use.stages and stage not in use.stages:
                continue
            if fnmatchcase(stack, use.stack) and (
                fnmatchcase(logical_id, use.resource) or (bool(below) and fnmatchcase(below, use.resource))
            ):
                return use
        return None


def assumptions_in(content: bytes, origin: str) -> Assumptions:
    """The assumptions in a TOML file. Raises AssumptionsError for anything that is not one of its figures."""
    try:
        written = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AssumptionsError(f"{origin} is not TOML: {error}") from None
    unknown = sorted(set(written) - {"use"})
    if unknown:
        raise AssumptionsError(f"{origin} has {unknown[0]!r}: it may have [[use]] and nothing else")
    uses = written.get("use", [])
    if not isinstance(uses, list) or not all(isinstance(use, dict) for use in uses):
        raise AssumptionsError(f"{origin} has a `use` that is no table: begin each with [[use]]")
    return Assumptions(origin=origin, uses=tuple(_use(use, f"{origin}, use {at}") for at, use in enumerate(uses, 1)))


def _use(written: Mapping[str, Any], where: str) -> Use:
    resource = written.get("resource")
    if not isinstance(resource, str) or not resource:
        raise AssumptionsError(f"{where} has no resource: name a logical id or a construct path, wildcards allowed")
    stages = written.get("stages", [])
    if not isinstance(stages, list) or not all(isinstance(stage, str) for stage in stages):
        raise AssumptionsError(f"{where} has stages {stages!r}: give a list of names, or leave it out for all")
    stack = written.get("stack", "*")
    if not isinstance(stack, str):
        raise AssumptionsError(f"{where} has the stack {stack!r}: give a name, or leave it out for all")
    indexes = written.get("indexes", {})
    if not isinstance(indexes, dict) or not all(isinstance(index, dict) for index in indexes.values()):
        raise AssumptionsError(f"{where} has indexes {indexes!r}: give a table for each, like GSI1 = {{ share = 0.1 }}")
    rest = {name: value for name, value in written.items() if name not in (*_SELECTS, "indexes")}
    return Use(
        stages=tuple(stages),
        stack=stack,
        resource=resource,
        figures=_figures(rest, FIGURES, where),
        indexes={name: _figures(index, _OF_INDEX, f"{where}, index {name}") for name, index in indexes.items()},
    )


def _figures(written: Mapping[str, Any], known: Mapping[str, str], where: str) -> Mapping[str, Decimal]:
    for name, value in written.items():
        if name not in known:
            raise AssumptionsError(f"{where} has {name!r}, which is no figure: take one of {', '.join(sorted(known))}")
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not number or not Decimal(value).is_finite() or value < 0 or (name == "share" and value > 1):
            raise AssumptionsError(f"{where} has {name} = {value!r}: give a number from 0 ({known[name]})")
    return {name: Decimal(value) for name, value in written.items()}
