"""What a review is asked for beside the changes themselves, put together from what its caller has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from review.assumptions import Assumptions
from review.build import Parts
from review.cost import cost_of
from review.coverage import coverage_of, stray_alarms
from review.findings import Found, compared_findings
from review.iam import access_changes
from review.lint import linted
from review.model import Change, Finding
from review.network import JUDGES
from review.reading import UnreadableError
from review.tables import table_pictures
from review.templates import Comparison, Templates
from review.validation_report import REPORT, report_of
from shardwell import Table

Reports = tuple[tuple[Found, ...], tuple[Found, ...]]
"""What was found on the base side and on the head side."""


def every_part(
    *,
    assumptions: Assumptions | None = None,
    reports: Reports = ((), ()),
    lint: bool = False,
    descriptions: Iterable[Table] = (),
    notes: Iterable[str] = (),
) -> Parts:
    """All parts; without assumptions no usage is known, without reports or `lint` there are no findings."""
    finders: list[Callable[[Comparison], Reports]] = [lambda _: reports]
    if lint:
        finders.append(linted)
    return Parts(
        judges=JUDGES,
        access=access_changes,
        findings=partial(_findings, finders),
        cost=partial(cost_of, assumptions=assumptions),
        coverage=coverage_of,
        stray_alarms=stray_alarms,
        tables=partial(table_pictures, descriptions=tuple(descriptions)),
        notes=tuple(notes),
    )


def reports_of(base: Templates, head: Templates, folders: tuple[Path | None, Path | None]) -> tuple[Reports, str]:
    """The validation reports in the folders of both sides, and a note where they cannot be compared.

    What is new or fixed shows only where both sides have a report; one alone says nothing.
    """
    found: list[tuple[Found, ...] | None] = []
    for side, folder in zip((base, head), folders, strict=True):
        try:
            found.append(report_of(folder, side) if folder is not None else None)
        except UnreadableError as error:
            return ((), ()), f"the {REPORT} of {side.label} is not compared: {error}"
    before, after = found
    if before is None and after is None:
        return ((), ()), ""
    if before is None or after is None:
        lacking = base.label if before is None else head.label
        return ((), ()), f"the guard rails' findings are not compared: {lacking} has no {REPORT}"
    return (before, after), ""


def _findings(
    finders: Iterable[Callable[[Comparison], Reports]], comparison: Comparison, changes: tuple[Change, ...]
) -> tuple[Finding, ...]:
    """The findings of all tools. Raises LintError where cfn-lint was asked for and could not do its work."""
    said = [finder(comparison) for finder in finders]
    base = [each for before, _ in said for each in before]
    head = [each for _, after in said for each in after]
    return compared_findings(base, head, changes)
