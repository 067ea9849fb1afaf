"""Files of a git revision, read from its objects: nothing is checked out and nothing in the work tree is touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_LINK = "120000"


class GitError(Exception):
    """What git did not do, in its own words."""


@dataclass(frozen=True)
class StoredFile:
    """One file of a revision, below the folder that was asked for."""

    path: PurePosixPath
    content: bytes | None
    """None for a symbolic link, which is not followed."""


def commit_of(repository: Path, revision: str) -> str:
    """The full hash of the commit that a revision names."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return _git(repository, *asked).decode().strip()
    except GitError:
        raise GitError(f"there is no revision {revision!r} in {repository}: fetch it, or name another one") from None


def files_of(repository: Path, commit: str, folder: str, ending: str) -> Iterator[StoredFile]:
    """Every file below a folder of the commit whose name has the ending."""
    listed = _git(repository, "ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder.rstrip('/')}/")
    wanted: list[tuple[PurePosixPath, str]] = []
    for line in listed.split(b"\0"):
        if line:
            about, _, name = line.partition(b"\t")
            mode, kind, blob = about.decode().split(" ")
            path = PurePosixPath(name.decode("utf-8", "surrogateescape")).relative_to(folder)
            if kind == "blob" and path.name.endswith(ending):
                wanted.append((path, blob if mode != _LINK else ""))
    contents = _contents(repository, [blob for _, blob in wanted if blob])
    yield from (StoredFile(path, contents[blob] if blob else None) for path, blob in wanted)


def _contents(repository: Path, blobs: list[str]) -> dict[str, bytes]:
    if not blobs:
        return {}
    answer = _git(repository, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, bytes] = {}
    at = 0
    for blob in blobs:
        end = answer.index(b"\n", at)
        header = answer[at:end].decode().split(" ")
        if len(header) != 3:
            raise GitError(f"git has no content for {blob}: {' '.join(header)}; fetch the whole revision")
        at = end + 1 + int(header[2])
        found[blob] = answer[end + 1 : at]
        at += 1
    return found


def _git(repository: Path, *arguments: str, given: bytes | None = None) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], input=given, capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}; install it, or review two folders") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(said[0] if said else f"git {arguments[0]} failed with {done.returncode}")
    return done.stdout
