"""A table in Mermaid: a box for its key and one for each index, with what changed marked by colour and word."""

from __future__ import annotations

from collections.abc import Iterable

from review.model import Mark, TableKey

MOST_KEYS = 24
"""More indexes than DynamoDB allows; a longer list is cut, and says so."""
_LONGEST = 80
_MARKS = {Mark.ADDED: "added", Mark.CHANGED: "changed", Mark.REMOVED: "removed"}
_CLASSES = (
    "  classDef added stroke:#2da44e,stroke-width:3px",
    "  classDef changed stroke:#bf8700,stroke-width:3px",
    "  classDef removed stroke:#cf222e,stroke-width:3px,stroke-dasharray:5 4",
)


def table_mermaid(name: str, keys: tuple[TableKey, ...], mark: Mark) -> str:
    """The text of a flow chart that begins with the table's own key."""
    lines = ["flowchart LR"]
    own, rest = keys[:1], keys[1:]
    lines += [f'  t["{_label([_worded(name, mark), *_key(key)])}"]' for key in own]
    shown_keys = rest[:MOST_KEYS]
    for at, key in enumerate(shown_keys):
        lines.append(f'  k{at}["{_label([_worded(key.index, key.mark), *_key(key)])}"]')
        lines.append(f"  t --> k{at}" if key.mark is not Mark.REMOVED else f"  t -.-> k{at}")
    if len(rest) > MOST_KEYS:
        lines += [f'  more["and {len(rest) - MOST_KEYS} more"]', "  t --> more"]
    marked = [("t", mark if mark is not Mark.SAME else own[0].mark)] if own else []
    marked += [(f"k{at}", key.mark) for at, key in enumerate(shown_keys)]
    used = [(node, _MARKS[each]) for node, each in marked if each in _MARKS]
    return "\n".join([*lines, *(_CLASSES if used else ()), *(f"  class {node} {each}" for node, each in used)]) + "\n"


def _worded(name: str, mark: Mark) -> str:
    return f"{name} · {_MARKS[mark]}" if mark in _MARKS else name


def _key(key: TableKey) -> Iterable[str]:
    yield f"partition {', '.join(key.partition)}"
    if key.sort:
        yield f"sort {', '.join(key.sort)}"
    if key.shards:
        yield f"{key.shards} shards"
    if key.projection:
        yield f"holds {key.projection}"
    yield from key.patterns
    yield from key.notes


def _label(lines: Iterable[str]) -> str:
    return "<br/>".join(_escaped(line) for line in lines)


def _escaped(text: str) -> str:
    """The text with nothing in it that Mermaid or a browser would act on."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(
        each if each.isalnum() or each in " .,·…" else f"#{ord(each)};" for each in short if each.isprintable()
    )
