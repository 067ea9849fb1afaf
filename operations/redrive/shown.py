"""Messages as a person reads them: decoded, and what is long in them shortened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from operations.redrive.contents import content
from operations.redrive.messages import Letter

LONGEST_TEXT = 80
LONGEST_LIST = 3
WIDTH = 100
_TELLS = frozenset({"description"})
"""Texts that a sale's owner may not want on a screen: of these only how long they are."""


def lines_of(letter: Letter) -> list[str]:
    """What matters of a message, in lines that fit the screen."""
    told = content(letter)
    if isinstance(told, dict):
        # Of an event and of a stream's position the rest is their envelope.
        told = told.get("detail") or told.get("DDBStreamBatchInfo") or told
    if isinstance(told, str):
        return [f"{len(told):,} characters: {_short(told)}"]
    text = json.dumps(shortened(told), indent=2, ensure_ascii=False)
    return [line if len(line) <= WIDTH - 6 else f"{line[: WIDTH - 7]}…" for line in text.splitlines()]


def shortened(value: Any, name: str = "") -> Any:
    """A value of JSON with its vectors, long lists and long texts cut short, and said how long they are."""
    if isinstance(value, Mapping):
        return {key: shortened(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, str):
        return f"({len(value):,} characters)" if name in _TELLS else _short(value)
    return value


def _list(value: Sequence[Any]) -> Any:
    if len(value) > LONGEST_LIST and all(isinstance(one, int | float) for one in value):
        return f"({len(value):,} numbers, from {value[0]} to {value[-1]})"
    most = 1 if any(isinstance(one, Mapping) for one in value) else LONGEST_LIST
    first = [shortened(one) for one in value[:most]]
    return first if len(value) <= most else [*first, f"(and {len(value) - most:,} more)"]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text):,} characters)"
