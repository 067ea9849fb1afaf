"""What a bundle does without, and the check that the rest is small enough for Lambda."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

LAMBDA_BYTES = 250 * 1024 * 1024
"""What Lambda takes of a function's code, unzipped."""

_LARGEST = 6


def drop_what_differs(folder: Path) -> None:
    """Removes what differs from one installation of the same to the next, and what only installers read."""
    for name in ("bin", ".lock"):
        _remove(folder / name)
    for path in [*folder.rglob("__pycache__"), *folder.glob("*.dist-info/*")]:
        if path.name not in ("METADATA", "entry_points.txt", "licenses"):
            _remove(path)


def keep_services(folder: Path, services: Iterable[str]) -> None:
    """Removes botocore's descriptions of AWS services nobody calls."""
    _remove(folder / "boto3" / "examples")
    for data in (folder / "botocore" / "data", folder / "boto3" / "data"):
        for path in data.iterdir() if data.is_dir() else ():
            # Files beside the services' folders (endpoints, partitions, retries) are read by every client.
            if path.is_dir() and path.name not in services:
                _remove(path)
    missing = sorted(set(services) - {path.name for path in (folder / "botocore" / "data").glob("*")})
    if missing:
        raise ValueError(f"botocore in the bundle describes no service {missing[0]!r}: correct `services`.")


def leave_out(folder: Path, patterns: Iterable[str]) -> None:
    """Removes what the patterns match: `pyarrow/include/**`, `pyarrow/libarrow_flight*`. Each must match something."""
    for pattern in patterns:
        found = list(folder.glob(pattern))
        if not found:
            raise ValueError(
                f"Nothing in the bundle is {pattern!r}: correct `without`, as a folder in the bundle, a file or a glob."
            )
        for path in found:
            _remove(path)


def check_size(folder: Path, *, package: str, most: int) -> None:
    """Refuses a bundle that Lambda would refuse, and says what it is made of."""
    sizes: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            sizes["/".join(path.relative_to(folder).parts[:2])] += path.stat().st_size
    size = sizes.total()
    if size > most:
        parts = ", ".join(f"{name} {_megabytes(part)}" for name, part in sizes.most_common(_LARGEST))
        raise ValueError(
            f"The bundle of {package} is {_megabytes(size)} unzipped and Lambda takes {_megabytes(most)}: leave parts "
            f"out by `without`, or give the function a group of its own. The largest are {parts}."
        )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
