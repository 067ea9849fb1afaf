"""Whether a value is called what secrets are called: `DB_PASSWORD`, `apiKey`, `SecretString`."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET = _words(
    """
    password passwords passwd pwd passphrase passcode secret secrets token tokens credential credentials apikey
    privatekey accesskey secretkey pat pin
    """
)
_KEYS = _words(
    """
    api access private auth authentication signing encryption account shared master session client
    """
)
"""Words before `key` that make it a secret; a key of a table or of an object is none."""
_PLAIN_KEYS = _words(
    """
    partition sort primary hash range foreign index kms cmk s3 object bucket cache public template idempotency
    dedup deduplication group routing message metric tag lookup config feature state lock
    """
)
_ABOUT = _words(
    """
    arn arns id ids name names type types length expiry expires expiration expire validity ttl url uri policy
    policies version versions rotation stage enabled disabled required use uses usage unit units attribute
    attributes source endpoint path prefix suffix description format header headers algorithm size count days
    hours minutes seconds age management manager lifetime from alias region issuer audience method min max
    minimum maximum limit bytes timeout quota mode config configuration provider file location kind status
    cookie dialect
    """
)
"""Last words with which a name is about a secret, and its value is none."""


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a value with this name is a secret, going by the words of the name."""
    if ":" in name:
        return False  # a condition key of IAM, like token.actions.githubusercontent.com:sub
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    if words[-1] == "key":
        before = words[-2] if len(words) > 1 else ""
        upper = name == name.upper() and before not in _PLAIN_KEYS
        return before in _KEYS or before in _SECRET or name == "key" or (upper and bool(before)) or name == "KEY"
    return any(word in _SECRET for word in words)
