"""The code blocks of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Block:
    """A block: its language, the file that it says it is (empty where it says none), and its text."""

    language: str
    file: str
    text: str


def blocks(page: Path) -> tuple[Block, ...]:
    """Every fenced block of a page, in order."""
    found = re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return tuple(Block(language, _file(text), text) for language, text in found)


def write_project(page: Path, folder: Path) -> None:
    """The project that a page describes: each block that names a file, in that file."""
    for block in blocks(page):
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            if block.file.startswith("deliveries/"):
                (file.parent / "__init__.py").touch()


def _file(text: str) -> str:
    named = re.match(r"# ([\w/]+\.\w+)\n", text)
    return named[1] if named else ""
