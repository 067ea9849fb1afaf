"""A short name for what changes, the same in each stage and on each run, for an acknowledgement to hold on to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from review.model import ABSENT, Change, PropertyChange, Verdict
from review.paths import path_text

LENGTH = 16
_STAGE = "\x00stage"
"""What stands for the stage's own name; JSON from a file may hold it too, but not in a name that AWS accepts."""


def digest_of(content: Any, stage: str) -> str:
    """The digest of any JSON in which the name of its stage does not count."""
    text = json.dumps(without_stage(content, stage), sort_keys=True, default=_absent)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def change_digest(change: Change) -> str:
    """The digest of a change: what changes, from what, to what, and what that does to its data."""
    content = {
        "section": change.section,
        "type": change.type,
        "kind": change.kind,
        "from": [change.renamed_from, change.moved_from],
        "properties": [_content(each) for each in change.properties],
        "loss": change.loss and [change.loss.outcome, change.loss.applies, change.loss.certainty],
        # Not their texts, nor what is only to be looked at: a later edition of this tool may say it otherwise.
        "dangers": sorted(
            {(reason.rule, reason.verdict) for reason in change.reasons if reason.verdict > Verdict.LOOK}
        ),
    }
    return digest_of(content, change.stage)


def without_stage(value: Any, stage: str) -> Any:
    """The value with the stage's name taken out of every text, wherever it stands as a word of its own."""
    if isinstance(value, str):
        return _word(stage).sub(_STAGE, value) if stage else value
    if isinstance(value, Mapping):
        return {without_stage(name, stage): without_stage(inner, stage) for name, inner in value.items()}
    return [without_stage(inner, stage) for inner in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=64)
def _word(stage: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(stage)}(?![A-Za-z0-9])")


def _content(change: PropertyChange) -> list[Any]:
    return [change.section, path_text(change.path), change.before, change.after, change.replaces]


def _absent(value: Any) -> Any:
    if value is ABSENT:
        return {"absent": True}
    raise TypeError(f"{value!r} is no JSON")
