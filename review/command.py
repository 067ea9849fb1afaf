"""A review as a command asks for it: both sides, the files beside them, and the parts that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from review.acknowledgements import FILE as ACKNOWLEDGEMENTS
from review.acknowledgements import acknowledgements_in, checked
from review.assumptions import Assumptions, assumptions_in
from review.build import review
from review.model import Acknowledgement, Review
from review.parts import every_part, reports_of
from review.render_sarif import Files
from review.revision import GitError, commit_of, files_of
from review.sources import SNAPSHOTS, WORKTREE, SourceError, read
from review.tables import tables_described
from review.templates import Templates

BASES = ("origin/main", "origin/master", "main", "master", "HEAD")
"""What is compared with where nobody says: the first of them that the repository has."""
ASSUMPTIONS = "review/assumptions.toml"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a review is asked for; empty texts and None are what is taken by itself."""

    repository: Path
    base: str = ""
    head: str = WORKTREE
    snapshots: str = SNAPSHOTS
    stages: tuple[str, ...] = ()
    acknowledgements: Path | None = None
    assumptions: Path | None = None
    tables: tuple[str, ...] = ()
    """Modules with descriptions of tables."""
    lint: bool = False


@dataclass(frozen=True)
class Answer:
    """The review, and the template file of each stage and stack."""

    review: Review
    files: Files


def repository_of(folder: Path) -> Path:
    """The work tree that a folder is in; the folder itself where it is in none."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def answer(asked: Asked, today: date) -> Answer:
    """The review that was asked for. Raises SourceError and the errors of the files beside it."""
    base_asked, note = (asked.base, "") if asked.base else default_base(asked.repository)
    base, head = (
        only(read(side, name, repository=asked.repository, snapshots=asked.snapshots), asked.stages)
        for side, name in (("base", base_asked), ("head", asked.head))
    )
    _check_stages(base, head, asked.stages)
    reports, lacking = reports_of(base, head, (_folder(base_asked), _folder(asked.head)))
    parts = every_part(
        assumptions=_assumptions(asked),
        reports=reports,
        lint=asked.lint,
        descriptions=tables_described(asked.tables),
        notes=[each for each in (note, lacking, "" if asked.lint else "cfn-lint was not asked for (--lint)") if each],
    )
    lines = _acknowledgements(asked, head)
    stages = frozenset(asked.stages) or None
    parts = replace(parts, acknowledge=partial(checked, lines, today=today, stages=stages))
    return Answer(review(base, head, parts), _files(base, head, asked.repository))


def default_base(repository: Path) -> tuple[str, str]:
    """The revision to compare with where none is named, and a note where it is not the one expected."""
    for name in BASES:
        try:
            commit_of(repository, name)
        except GitError:
            continue
        return name, "" if name == BASES[0] else f"{BASES[0]} is not here: {name} is what it was compared with"
    raise SourceError(f"{repository} has no revision to compare with: name a folder with --base, or run it in a clone")


def only(side: Templates, stages: Iterable[str]) -> Templates:
    """The side with these stages alone, with all where none is named; what has no stage stays."""
    wanted = set(stages)
    if not wanted:
        return side
    return replace(
        side,
        stacks={key: template for key, template in side.stacks.items() if key[0] in wanted},
        problems=tuple(problem for problem in side.problems if problem.stage in ("", *wanted)),
    )


def _check_stages(base: Templates, head: Templates, stages: Iterable[str]) -> None:
    found = {stage for stage, _ in (*base.stacks, *head.stacks)}
    found |= {problem.stage for problem in (*base.problems, *head.problems)}
    for stage in stages:
        if stage not in found:
            raise SourceError(f"there is no stage {stage!r} in {base.label} and none in {head.label}: check --stage")


def _acknowledgements(asked: Asked, head: Templates) -> tuple[Acknowledgement, ...]:
    """The lines of the file that was named, else of the file that belongs to the head side."""
    if asked.acknowledgements is not None:
        return acknowledgements_in(asked.acknowledgements.read_bytes(), str(asked.acknowledgements))
    if head.revision:
        folder, name = str(PurePosixPath(ACKNOWLEDGEMENTS).parent), PurePosixPath(ACKNOWLEDGEMENTS).name
        for stored in files_of(asked.repository, head.revision, folder, name):
            if str(stored.path) == name and stored.content is not None:
                return acknowledgements_in(stored.content, f"{head.label}:{ACKNOWLEDGEMENTS}")
        return ()
    file = asked.repository / ACKNOWLEDGEMENTS
    return acknowledgements_in(file.read_bytes(), ACKNOWLEDGEMENTS) if file.is_file() else ()


def _assumptions(asked: Asked) -> Assumptions | None:
    file = asked.assumptions or asked.repository / ASSUMPTIONS
    if asked.assumptions is None and not file.is_file():
        return None
    return assumptions_in(file.read_bytes(), ASSUMPTIONS if asked.assumptions is None else str(file))


def _folder(asked: str) -> Path | None:
    return Path(asked) if asked != WORKTREE and Path(asked).is_dir() else None


def _files(base: Templates, head: Templates, repository: Path) -> Files:
    """Where each template is in the repository, as an address; those outside of it have none."""
    found = {}
    for side in (base, head):
        for key, template in side.stacks.items():
            origin = template.origin
            if side.revision:
                origin = origin.partition(":")[2]
            path = Path(origin)
            if path.is_absolute():
                if not path.is_relative_to(repository):
                    continue
                path = path.relative_to(repository)
            found[key] = quote(path.as_posix().encode("utf-8", "surrogateescape"))
    return found
