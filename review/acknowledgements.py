"""The committed file in which people say that they know of a dangerous change, why it is right, and until when."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from review.model import (
    AccessChange,
    Acknowledgement,
    AcknowledgementCheck,
    AcknowledgementState,
    Certainty,
    Change,
    Verdict,
)

FILE = "review/acknowledgements.toml"
VALID_FOR = timedelta(days=30)
"""How long a line to paste is good for, unless its author writes another date."""

_TEXTS = ("stage", "logical_id", "digest", "reason")
_NAMES = frozenset((*_TEXTS, "stack", "expires"))
_LENGTH = 16

Item = Change | AccessChange
One = TypeVar("One", Change, AccessChange)


class AcknowledgementsError(ValueError):
    """The file is not right; the text says where and what to write."""


def acknowledgements_in(content: bytes, origin: str) -> tuple[Acknowledgement, ...]:
    """The lines of a TOML file. Raises AcknowledgementsError for anything that is not one."""
    try:
        written = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AcknowledgementsError(f"{origin} is not TOML: {error}") from None
    unknown = sorted(set(written) - {"acknowledged"})
    if unknown:
        raise AcknowledgementsError(f"{origin} has {unknown[0]!r}: it may have [[acknowledged]] and nothing else")
    lines = written.get("acknowledged", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise AcknowledgementsError(f"{origin} has an `acknowledged` that is no table: begin each [[acknowledged]]")
    found = tuple(_line(line, f"{origin}, line {at}") for at, line in enumerate(lines, 1))
    for at, line in enumerate(found):
        if any(_place(line) == _place(other) for other in found[:at]):
            raise AcknowledgementsError(f"{origin} has {_called(line)} with the digest {line.digest} twice: remove one")
    return found


def checked(
    lines: Iterable[Acknowledgement],
    changes: tuple[Change, ...],
    access: tuple[AccessChange, ...],
    *,
    today: date,
    stages: frozenset[str] | None = None,
) -> tuple[tuple[Change, ...], tuple[AccessChange, ...], tuple[AcknowledgementCheck, ...]]:
    """Everything that a line fits, with that line, and what became of each line.

    `stages` are those that are reviewed, where that is not all of them: lines of others are left alone.
    """
    lines = tuple(line for line in lines if stages is None or line.stage in stages)
    checks = tuple(_check(line, (*changes, *access), today) for line in lines)
    good = tuple(check.acknowledgement for check in checks if check.state is AcknowledgementState.MATCHED)
    return tuple(_with(change, good) for change in changes), tuple(_with(each, good) for each in access), checks


def is_refused(item: Item) -> bool:
    """Whether CloudFormation surely refuses the change, so that no acknowledgement helps."""
    return any(each.verdict is Verdict.BLOCKED and each.certainty is Certainty.SURE for each in item.reasons)


def to_acknowledge(changes: Iterable[Change], access: Iterable[AccessChange], *, today: date) -> Iterator[str]:
    """A block to paste for each dangerous change that has none; the reason is left to its author."""
    seen: set[tuple[str, ...]] = set()
    items: tuple[Item, ...] = (*changes, *access)
    for item in items:
        key = (item.stage, item.stack, item.logical_id, item.digest)
        if item.verdict < Verdict.DANGER or item.acknowledged or is_refused(item) or key in seen:
            continue
        seen.add(key)
        why = next((reason.text for reason in item.reasons if reason.verdict is item.verdict), "")
        comment = "".join(letter if letter.isprintable() else " " for letter in why)
        yield "\n".join(
            (
                f"# {comment}" if comment else "#",
                "[[acknowledged]]",
                *(f"{name} = {_quoted(value)}" for name, value in zip(_KEY, key, strict=True)),
                'reason = ""  # why this is right',
                f"expires = {(today + VALID_FOR).isoformat()}",
            )
        )


_KEY = ("stage", "stack", "logical_id", "digest")


def unacknowledgeable(changes: Iterable[Change], access: Iterable[AccessChange]) -> Iterator[str]:
    """A comment for each change that nobody can acknowledge, since CloudFormation refuses it."""
    items: tuple[Item, ...] = (*changes, *access)
    for item in items:
        if is_refused(item):
            called = "/".join((item.stage, item.stack, item.logical_id))
            printed = "".join(letter if letter.isprintable() else " " for letter in called)
            yield f"# {printed} cannot be acknowledged: CloudFormation refuses it."


def _check(line: Acknowledgement, items: Iterable[Item], today: date) -> AcknowledgementCheck:
    there = [item for item in items if _is_about(line, item)]
    called = _called(line)
    if not there:
        text = f"nothing about {called} changes any more: remove its acknowledgement"
        state, verdict = AcknowledgementState.STALE, Verdict.DANGER
    elif not any(item.digest == line.digest for item in there):
        digests = ", ".join(dict.fromkeys(item.digest for item in there))
        text = f"{called} changes otherwise than was acknowledged: look again ({line.digest} is now {digests})"
        state, verdict = AcknowledgementState.CHANGED, Verdict.DANGER
    elif line.expires < today:
        until = line.expires.isoformat()
        text = f"the acknowledgement of {called} expired on {until}: give it another date, or take the change back"
        state, verdict = AcknowledgementState.EXPIRED, Verdict.DANGER
    else:
        text = f"{called} is acknowledged until {line.expires.isoformat()}: {line.reason}"
        state, verdict = AcknowledgementState.MATCHED, Verdict.HARMLESS
    return AcknowledgementCheck(acknowledgement=line, state=state, text=text, verdict=verdict)


def _is_about(line: Acknowledgement, item: Item) -> bool:
    return (line.stage, line.logical_id) == (item.stage, item.logical_id) and line.stack in ("", item.stack)


def _with(item: One, lines: tuple[Acknowledgement, ...]) -> One:
    found = next((line for line in lines if _is_about(line, item) and line.digest == item.digest), None)
    return replace(item, acknowledged=found) if found is not None else item


def _called(line: Acknowledgement) -> str:
    return "/".join(part for part in (line.stage, line.stack, line.logical_id) if part)


def _place(line: Acknowledgement) -> tuple[str, ...]:
    return line.stage, line.stack, line.logical_id, line.digest


def _line(written: Mapping[str, Any], where: str) -> Acknowledgement:
    for name in written:
        if name not in _NAMES:
            raise AcknowledgementsError(f"{where} has {name!r}: it may have {', '.join(sorted(_NAMES))}")
    for name in _TEXTS:
        value = written.get(name)
        if not isinstance(value, str) or not value.strip():
            raise AcknowledgementsError(f"{where} has no {name}: every line gives {', '.join((*_TEXTS, 'expires'))}")
    digest, stack, expires = written["digest"], written.get("stack", ""), written.get("expires")
    if len(digest) != _LENGTH or not set(digest) <= set("0123456789abcdef"):
        raise AcknowledgementsError(f"{where} has the digest {digest!r}: copy the {_LENGTH} letters of the review")
    if not isinstance(stack, str):
        raise AcknowledgementsError(f"{where} has the stack {stack!r}: give a name, or leave it out")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise AcknowledgementsError(f"{where} has no expiry: give a date without quotes, like expires = 2027-01-31")
    return Acknowledgement(
        stage=written["stage"],
        stack=stack,
        logical_id=written["logical_id"],
        digest=digest,
        reason=written["reason"].strip(),
        expires=expires,
    )


def _quoted(text: str) -> str:
    """A TOML string: JSON's is one, but for the letters that TOML does not take as they are."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
