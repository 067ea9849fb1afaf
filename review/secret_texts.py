"""A text without what looks like a secret in it: keys of AWS, private keys, passwords in addresses, random strings."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

MASK = "[masked]"

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_ACCESS_KEY = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@\"'<>]*):([^\s/@\"'<>]+)@")
_KNOWN = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
    r"|sk_(?:live|test)_[A-Za-z0-9]{10,}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)"
)
_ASSIGNED = re.compile(
    r"""(?<![:\w-])(["']?\w*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|accountkey)["']?"""
    r"""\s*(?:=|:(?!:))\s*["']?)([^\s"',;&{}\[\]$<>]{4,})""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+([A-Za-z0-9+/_.=-]{12,})")
_STRING = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_KEPT = re.compile(r"(\{\{resolve:[^}]*\}\}|\$\{[^}]*\}|arn:[\w-]*:[\w-]*:[^\s\"',]*)")
_HASH_OF_CDK = re.compile(r"(?:[0-9A-F]{8})+(?=[A-Z]|$)")
_HASHES = frozenset({40, 56, 64, 96, 128})
"""How long a commit, an asset's hash and the like are in hexadecimal letters."""


@lru_cache(maxsize=16_384)
def without_secrets(text: str, known: frozenset[str] = frozenset()) -> str:
    """The text, each part of it that looks like a secret replaced; references, ARNs and `known` texts stay."""
    if len(text) < 8 or text in known:
        return text
    text = _PRIVATE_KEY.sub(MASK, text)
    return "".join(part if place % 2 else _without_secrets(part, known) for place, part in enumerate(_KEPT.split(text)))


def _without_secrets(text: str, known: frozenset[str]) -> str:
    text = _ACCESS_KEY.sub(MASK, text)
    text = _IN_ADDRESS.sub(lambda found: f"{found[1]}:{MASK}@", text)
    text = _KNOWN.sub(MASK, text)
    text = _BEARER.sub(lambda found: f"{found[1]} {MASK}", text)
    text = _ASSIGNED.sub(lambda found: f"{found[1]}{MASK}", text)
    return _STRING.sub(lambda found: MASK if found[0] not in known and _is_random(found[0]) else found[0], text)


def _is_random(text: str) -> bool:
    """Whether a string is one that no person thought of, and no hash."""
    bare = text.strip("=")
    if re.fullmatch(r"[0-9a-f]+", bare):
        return len(bare) >= 32 and len(bare) not in _HASHES
    if re.search(r"[0-9a-f]{32,}", bare) or bare.count("/") > len(bare) / 12:
        return False  # a name that ends in a hash, a path
    # Names that CDK makes: words, each run of them closed with eight letters of a hash.
    bare = _HASH_OF_CDK.sub("", bare)
    if len(bare) < 16:
        return False
    kinds = {_kind(letter) for letter in bare} - {"other"}
    if len(kinds) < 3 or entropy(bare) < 3.8:
        return False
    pairs = [(_kind(one), _kind(other)) for one, other in pairwise(bare)]
    turns = sum(one != other for one, other in pairs) / len(pairs)
    digits = sum(letter.isdigit() for letter in bare)
    # Words begin with one large letter, and a hash of CDK stands at the end: both change their kind of letter rarely.
    return turns >= 0.4 and digits >= 2


def entropy(text: str) -> float:
    """How many bits a letter of the text holds, by how often each letter is in it."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _kind(letter: str) -> str:
    return "upper" if letter.isupper() else "lower" if letter.islower() else "digit" if letter.isdigit() else "other"
