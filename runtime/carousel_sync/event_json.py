"""JSON of events: prices with all their digits, and embeddings at the speed of plain floats.

A price must not pass through a float, and an embedding of 1,024 numbers read as Decimal takes more than twice as long
as the rest of the work on its message. So lists under the name `embedding` are cut out, read alone, and put back in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

_NAME = '"embedding"'
_OPENING = re.compile(r"\s*:\s*\[")
_NO_PLAIN_NUMBERS = ('"', "[", "{", "t", "f", "n")
"""What a list has in it that is not one of plain numbers."""
_CONSTANTS = ("NaN", "Infinity")
_PLACE = "NaN"


def read_event_json(text: str) -> Any:
    """The value of a JSON text, numbers with a point or an exponent as Decimal but for those of embeddings.

    NaN and Infinity are let through, for the sale that they are in to be refused alone. ValueError where it is no
    JSON at all, or nested or written in a way that cannot be read.
    """
    try:
        if any(constant in text for constant in _CONSTANTS):
            return json.loads(text, parse_float=_exact, parse_constant=Decimal)
        rest, embeddings = _cut(text)
        left = iter(embeddings)
        return json.loads(rest, parse_float=_exact, parse_constant=lambda _: next(left))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _cut(text: str) -> tuple[str, list[list[Any]]]:
    """The text with a constant in place of each embedding, which JSON gives back in their order, and the embeddings."""
    parts: list[str] = []
    embeddings: list[list[Any]] = []
    done = 0
    for start, end in _lists(text):
        embeddings.append(json.loads(text[start:end]))
        parts += [text[done:start], _PLACE]
        done = end
    return "".join((*parts, text[done:])), embeddings


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """Where lists of plain numbers begin and end that are called `embedding`.

    Searched for piece by piece and not by one expression, which would take longer than it saves.
    """
    at = text.find(_NAME)
    while at >= 0:
        opening = _OPENING.match(text, at + len(_NAME))
        # After a backslash the quote is part of a text. Any other begins or ends one, so this is a name of JSON.
        if opening is not None and text[at - 1] != "\\":
            start, end = opening.end() - 1, text.find("]", opening.end()) + 1
            if end and all(text.find(sign, start + 1, end) < 0 for sign in _NO_PLAIN_NUMBERS):
                yield start, end
        at = text.find(_NAME, at + len(_NAME))


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # its exponent has some 20 digits: no price and no float32 is like that
        return Decimal("NaN")
