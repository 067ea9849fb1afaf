"""Where templates come from: a git revision, the work tree, a folder of snapshots, a folder that CDK synthesized."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from review.assembly import MANIFEST, ONLY_STAGE, StackFile, nested_of, stacks_of
from review.model import Problem, Verdict
from review.reading import MOST_BYTES, UnreadableError, template
from review.revision import GitError, commit_of, files_of
from review.templates import Key, Template, Templates

WORKTREE = "WORKTREE"
ENDING = ".template.json"
SNAPSHOTS = "tests/snapshots"


class SourceError(Exception):
    """A side of the review that is not there at all; the text says what to do."""


@dataclass(frozen=True)
class _Found:
    stage: str
    stack: str
    origin: str
    content: bytes | str
    """What is in the file, or why it could not be read."""


def read(side: str, asked: str, *, repository: Path = Path(), snapshots: str = SNAPSHOTS) -> Templates:
    """The templates of one side (`base` or `head`): WORKTREE, a folder that exists, or a revision of the repository."""
    if asked == WORKTREE:
        return of_folder(side, repository / snapshots, label=asked)
    if Path(asked).is_dir():
        return of_folder(side, Path(asked))
    return of_revision(side, asked, repository=repository, snapshots=snapshots)


def of_folder(side: str, folder: Path, label: str = "") -> Templates:
    """The templates in a folder: those of its manifest where CDK made it, every `*.template.json` where not."""
    if not folder.is_dir():
        raise SourceError(f"there is no folder {folder}: name the folder of the snapshots, or a cdk.out")
    called = label or str(folder)
    if (folder / MANIFEST).is_file():
        return _of_assembly(side, folder, called)
    files = sorted(path for path in folder.rglob(f"*{ENDING}"))
    return _collected(side, called, "", (_of_file(folder, file) for file in files))


def of_revision(side: str, revision: str, *, repository: Path, snapshots: str = SNAPSHOTS) -> Templates:
    """The snapshots as a revision of the repository has them, read without a checkout."""
    try:
        commit = commit_of(repository, revision)
        files = list(files_of(repository, commit, str(PurePosixPath(snapshots)), ENDING))
    except GitError as error:
        raise SourceError(str(error)) from error
    found = (
        _found(file.path, f"{commit[:12]}:{snapshots}/{file.path}", _LINK if file.content is None else file.content)
        for file in files
    )
    return _collected(side, revision, commit, found)


_LINK = "it is a symbolic link, and links are not followed"


def _of_file(folder: Path, file: Path) -> _Found:
    return _found(PurePosixPath(file.relative_to(folder)), str(file), _read(file))


def _read(file: Path) -> bytes | str:
    if file.is_symlink():
        return _LINK
    try:
        if file.stat().st_size > MOST_BYTES:
            return f"it has {file.stat().st_size} bytes, more than the {MOST_BYTES} that are read"
        return file.read_bytes()
    except OSError as error:
        return f"it cannot be read: {error.strerror}"


def _found(path: PurePosixPath, origin: str, content: bytes | str) -> _Found:
    return _Found("/".join(path.parts[:-1]) or ONLY_STAGE, path.name.removesuffix(ENDING), origin, content)


def _collected(side: str, label: str, revision: str, files: Iterable[_Found]) -> Templates:
    stacks: dict[Key, Template] = {}
    problems: list[Problem] = []
    for file in files:
        read_one = _template(side, file)
        if isinstance(read_one, Problem):
            problems.append(read_one)
        else:
            stacks[file.stage, file.stack] = read_one
    return Templates(label=label, revision=revision, stacks=stacks, problems=tuple(problems))


def _template(side: str, file: _Found) -> Template | Problem:
    try:
        if isinstance(file.content, str):
            raise UnreadableError(file.content)
        body = template(file.content)
    except UnreadableError as error:
        return Problem(
            side=side, stage=file.stage, stack=file.stack, origin=file.origin, text=f"{file.origin}: {error}"
        )
    return Template(stage=file.stage, stack=file.stack, body=body, origin=file.origin)


def _of_assembly(side: str, folder: Path, label: str) -> Templates:
    stacks: dict[Key, Template] = {}
    problems: list[Problem] = []
    for found in stacks_of(folder):
        if isinstance(found, StackFile):
            for read_one in _with_nested(side, found):
                if isinstance(read_one, Problem):
                    problems.append(read_one)
                elif (read_one.stage, read_one.stack) in stacks:
                    problems.append(_double(side, read_one))
                else:
                    stacks[read_one.stage, read_one.stack] = read_one
        else:
            file, text = found
            problems.append(Problem(side=side, stage="", stack="", origin=str(file), text=f"{file}: {text}"))
    return Templates(label=label, revision="", stacks=stacks, problems=tuple(problems))


def _double(side: str, template: Template) -> Problem:
    text = f"{template.origin}: a second stack {template.stack} in stage {template.stage}, which is not reviewed"
    return Problem(side=side, stage=template.stage, stack=template.stack, origin=template.origin, text=text)


def _with_nested(side: str, stack: StackFile, nested_in: tuple[str, str] | None = None) -> Iterator[Template | Problem]:
    read_one = _template(side, _Found(stack.stage, stack.stack, str(stack.file), _read(stack.file)))
    if isinstance(read_one, Problem):
        yield replace(read_one, verdict=Verdict.BLOCKED)
        return
    yield replace(read_one, stack_name=stack.stack_name, nested_in=nested_in)
    if stack.stack.count("/") < _MOST_NESTED:
        for name, file in nested_of(stack.file.parent, read_one.body["Resources"]):
            inner = StackFile(stack.stage, f"{stack.stack}/{name}", "", file)
            yield from _with_nested(side, inner, (stack.stack, name))


_MOST_NESTED = 10
