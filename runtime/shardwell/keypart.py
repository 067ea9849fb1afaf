"""Key parts: a field's value as text inside a key, so that no two items ever share one.

`#` separates the parts of a key, so inside a part it is written `%23`; `%` itself and control characters
likewise. Text is normalised to NFC once, and its case is never changed.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from shardwell.errors import BadKeyPart

_UNSAFE = re.compile(r"[#%\x00-\x1f\x7f-\x9f]")
_REFUSED = re.compile("[\ud800-\udfff\U0010ffff]")
LAST_CHARACTER = "\U0010ffff"
_MOST_DIGITS = 38
_TOO_MANY_DIGITS = 10**_MOST_DIGITS


def normalise(name: str, text: str) -> str:
    """`text` in the one Unicode form that keys use (NFC)."""
    if text.isascii():
        return text
    if (found := _REFUSED.search(text)) is not None:
        raise BadKeyPart(
            f"{name} {shown(text)} has the code point U+{ord(found.group()):04X}, which no key can hold: remove it."
        )
    return unicodedata.normalize("NFC", text)


def encode(name: str, text: str) -> str:
    """`text` as a part of a key."""
    if not text:
        raise BadKeyPart(f"{name} is empty, and a part of a key needs at least 1 character: give it a value.")
    return _UNSAFE.sub(_percent, normalise(name, text))


def encode_prefix(name: str, text: str) -> str:
    """The beginning of a part of a key; unlike a whole part it may be empty."""
    return encode(name, text) if text else ""


def decode(part: str) -> str | None:
    """The value a part of a key was made of, or None where no value makes that part."""
    try:
        text = unquote(part, errors="strict") if "%" in part else part
        return text if encode("part", text) == part else None
    except (BadKeyPart, UnicodeDecodeError):
        return None


def whole_number(value: Any) -> int | None:
    """`value` as an int if it is a whole number, be it the Decimal that DynamoDB returns; else None."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    if isinstance(value, Decimal) and not (
        value.is_finite() and value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()
    ):
        return None
    return int(value) if -_TOO_MANY_DIGITS < value < _TOO_MANY_DIGITS else None


def shown(value: object, limit: int = 60) -> str:
    """A value as it appears in an error: quoted, and shortened when long."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"  # which Python refuses to write
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(value if isinstance(value, str) else text)} characters)"


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode())
