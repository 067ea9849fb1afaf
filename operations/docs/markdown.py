"""Pieces of a page in Markdown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

Links = Mapping[str, str]
"""The page of each documented name, from the page that is being written."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def code(text: str) -> str:
    """Code within a line, also within a table."""
    return f"`{text}`" if text else ""


def typed(annotation: str, links: Links) -> str:
    """A type as code; where a name in it has a page, a link to it."""
    # Not `backup.BackupPlan`, which is CDK's.
    known = [
        name for name in dict.fromkeys(_NAME.findall(annotation)) if name in links and f".{name}" not in annotation
    ]
    if not known:
        return code(annotation)
    pieces = re.split(rf"\b({'|'.join(map(re.escape, known))})\b", annotation)
    drawn = (f"[`{piece}`]({links[piece]})" if piece in known else code(piece.strip()) for piece in pieces)
    return " ".join(filter(None, drawn))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where it has no rows."""
    lines = [" | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {line} |" for line in lines)])


def section(title: str, *parts: str) -> str:
    """A section under its title, or nothing where it has no parts."""
    inside = [part for part in parts if part]
    return "\n\n".join([title, *inside]) if inside else ""


def fenced(text: str) -> str:
    """A block of Python."""
    return f"```python\n{text}\n```"


def prose(doc: str) -> str:
    """A docstring as Markdown: a paragraph that is a call stands as code."""
    return "\n\n".join(fenced(part) if _is_call(part) else part for part in doc.split("\n\n"))


def first_paragraph(doc: str) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(doc.split("\n\n")[0].split())


def _is_call(text: str) -> bool:
    try:
        return isinstance(ast.parse(text.strip(), mode="eval").body, ast.Call)
    except SyntaxError:
        return False
