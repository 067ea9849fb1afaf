"""The gallery: real changes of small apps, each with the review's verdict, why, and what to do."""

from __future__ import annotations

import ast
import difflib
import textwrap
from collections.abc import Iterator
from pathlib import Path

from operations.docs.markdown import table
from review.__main__ import EXIT
from review.build import review
from review.markdown_text import code, plain
from review.model import AccessChange, Coverage, Review, Staged, Verdict
from review.parts import every_part
from review.sources import of_folder
from review.wording import (
    SYMBOLS,
    access_title,
    headline,
    reason_text,
    says_nothing,
    title_of,
    type_of,
    where_text,
)

NOTHING = "refactor"
"""The case that shows what is said of a change without effect; it comes last."""

SAID_BY_THE_KIND = frozenset({"added", "changed", "removed", "replaced", "renamed"})
"""Rules whose sentence only says what kind of change it is, which stands in the line above."""


def gallery_page(folder: Path) -> str:
    """The page of all cases in a folder: its `cases/NAME.py`, and its `templates/NAME/before` and `after`."""
    names = sorted((file.stem for file in (folder / "cases").glob("*.py")), key=lambda name: (name == NOTHING, name))
    reviews = {name: reviewed(folder / "templates" / name) for name in names}
    cases = {name: ast.parse((folder / "cases" / f"{name}.py").read_text(encoding="utf-8")) for name in names}
    stages = [stage.stage for stage in next(iter(reviews.values())).stages]
    rows = [
        (f"[{_title(cases[name])}](#{_anchor(_title(cases[name]))})", *_verdicts(found), code(str(EXIT[found.verdict])))
        for name, found in reviews.items()
    ]
    sources = {name: (folder / "cases" / f"{name}.py").read_text(encoding="utf-8") for name in names}
    parts = [
        "# Gallery: what the review says of real changes",
        "Each case is a small app of the construct library in three stages, before and after a change. The verdicts "
        "are those of `python -m review` on the templates of both; `make docs` writes this page, and a test holds it. "
        "What the words mean is in [for the reviewer](reviewer.md).",
        "The stage dev keeps nothing and has no alarms; staging and prod retain their data, and prod alone has monthly "
        "backups. So the same change of the code is another change in each.",
        table(("change", *stages, "exit code"), rows),
        *(_case(cases[name], sources[name], reviews[name]) for name in names),
    ]
    return "\n\n".join(parts) + "\n"


def reviewed(folder: Path) -> Review:
    """The review of a case's templates, with every part that needs nothing but them."""
    return review(of_folder("base", folder / "before"), of_folder("head", folder / "after"), every_part())


def _case(case: ast.Module, source: str, found: Review) -> str:
    lines = list(_why(found)) or [f"- {plain(headline(found))}."]
    verdicts = ", ".join(
        f"{stage.stage} {verdict}" for stage, verdict in zip(found.stages, _verdicts(found), strict=True)
    )
    return "\n\n".join(
        [
            f"## {_title(case)}",
            f"```diff\n{_difference(case, source)}\n```",
            f"**Verdict:** {verdicts}; exit code {EXIT[found.verdict]}.",
            "**Why:**",
            "\n".join(lines),
            f"**What to do:** {_advice(case)}",
        ]
    )


def _why(found: Review) -> Iterator[str]:
    """Every reason that is not harmless, of changes, of access and of what is no longer watched."""
    if says_nothing(found):
        return
    for group in found.groups:
        change = group.item
        if change.verdict > Verdict.HARMLESS:
            what = f"{code(title_of(change))} ({code(type_of(change))}) is {change.kind}"
            yield f"- {_word(change.verdict)}: {what}, {where_text(group)}"
            telling = [reason for reason in change.reasons if reason.rule not in SAID_BY_THE_KIND]
            yield from (f"  - {plain(reason_text(reason))}" for reason in telling)
            yield from (f"  - » {plain(step)}" for step in change.deployments)
    for access in found.access:
        if access.item.verdict > Verdict.HARMLESS:
            yield from _with_reasons(access, plain(access_title(access.item)))
    for cover in found.coverage:
        if cover.item.verdict > Verdict.HARMLESS:
            yield from _with_reasons(cover, f"the alarms of {code(cover.item.logical_id)}")


def _with_reasons(group: Staged[AccessChange] | Staged[Coverage], what: str) -> Iterator[str]:
    yield f"- {_word(group.item.verdict)}: {what}, {where_text(group)}"
    yield from (f"  - {plain(reason_text(reason))}" for reason in group.item.reasons)


def _word(verdict: Verdict) -> str:
    return f"{SYMBOLS[verdict]} {verdict.word}"


def _verdicts(found: Review) -> list[str]:
    return [_word(stage.verdict) for stage in found.stages]


def _difference(case: ast.Module, source: str) -> str:
    """The bodies of `before` and `after` as a diff, whole and without its head."""
    before, after = (_body(case, source, name) for name in ("before", "after"))
    lines = difflib.unified_diff(before, after, n=100, lineterm="")
    body = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "\n".join(line.rstrip() for line in body)


def _body(case: ast.Module, source: str, name: str) -> list[str]:
    [function] = [node for node in case.body if isinstance(node, ast.FunctionDef) and node.name == name]
    first, last = function.body[1], function.body[-1]
    lines = source.splitlines()[first.lineno - 1 : last.end_lineno]
    return textwrap.dedent("\n".join(lines)).splitlines()


def _title(case: ast.Module) -> str:
    return (ast.get_docstring(case) or "").splitlines()[0].rstrip(".")


def _advice(case: ast.Module) -> str:
    return " ".join((ast.get_docstring(case) or "").split("\n\n", 1)[1].split())


def _anchor(title: str) -> str:
    """GitHub's name of a heading."""
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")
