"""Text that tries to break keys: separators, escapes, controls, look-alikes, combining and astral characters."""

from __future__ import annotations

from unicodedata import normalize

from hypothesis import strategies as st

HOSTILE = (
    *("a", "A", "\u0430", "a ", "a!", "a\u200b", "\u202e", "a\nb"),  # look-alikes: Cyrillic, invisible, right to left
    *("a#", "#a", "a#b", "a%23", "a%", "%", "#", "%23", "%2523"),
    *("a\x00", "\x01", "\x7f", "\x9f", "\u2028"),
    *("\u00e1", "a\u0301", "\u00c5", "\u212b", "A\u030a", "\u0338", "\uac00", "\u1100\u1161"),
    *("\ufb01", "fi", "\u00df", "\u1e9e", "ss", "\u0131", "I", "\u0130", "i"),
    *("\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010fffe", "\U0001f600"),
    *("TENANT#a", "a#PRODUCT", "a#PRODUCT#p", "a#CATEGORY", "..", "'", '"', "{a}", "$", "null"),
)

_CHARACTERS = st.sampled_from(sorted({c for text in HOSTILE for c in text})) | st.characters(
    exclude_categories=["Cs"], exclude_characters="\U0010ffff"
)
parts = st.sampled_from(HOSTILE) | st.text(_CHARACTERS, min_size=1, max_size=5)
"""Any text that a key can hold."""


def same(one: str, other: str) -> bool:
    """Whether two texts are one and the same to a person and to Unicode."""
    return normalize("NFC", one) == normalize("NFC", other)
