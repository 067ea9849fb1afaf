"""Refusals as problem details (RFC 9457): what a caller can act on, and nothing of the inside."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from shardwell.errors import (
    AlreadyExists,
    BadCursor,
    BadItem,
    BadKeyPart,
    BadQuery,
    ConditionFailed,
    NotFound,
    ShardwellError,
    Throttled,
    TooLarge,
    TransactionFailed,
    Unavailable,
    VersionConflict,
)
from shardwell.http_schema import Fault

CONTENT_TYPE = "application/problem+json"
MOST_FAULTS = 10


class Refused(ShardwellError):
    """A request that is answered with a problem of this status; `kind` names it for programs."""

    def __init__(self, status: int, kind: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.faults = faults[:MOST_FAULTS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal, as it is answered."""

    status: int
    kind: str
    detail: str
    faults: tuple[Fault, ...] = ()

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The problem's members."""
        members = {
            "type": f"urn:problem:{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "correlationId": correlation_id,
        }
        if self.faults:
            members["errors"] = [{"at": fault.where, "detail": fault.detail} for fault in self.faults]
        return members

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to its status."""
        return {"Retry-After": "1"} if self.status in (429, 503) else {}


UNEXPECTED = Problem(
    status=500,
    kind="unexpected",
    detail="The request could not be answered because of a fault on our side: try again, and report the correlation id "
    "if it goes on.",
)

# Messages of these say what the caller sent and what to send instead.
_SPOKEN: tuple[tuple[type[ShardwellError], int, str], ...] = (
    (TooLarge, 413, "too-large"),
    (BadKeyPart, 400, "bad-key-part"),
    (BadItem, 400, "bad-item"),
    (BadQuery, 400, "bad-query"),
    (BadCursor, 400, "bad-cursor"),
    (NotFound, 404, "not-found"),
    (AlreadyExists, 409, "already-exists"),
    (VersionConflict, 409, "version-conflict"),
    (ConditionFailed, 409, "condition-failed"),
)

# Messages of these speak of the database, which is none of the caller's business.
_SILENT: tuple[tuple[type[ShardwellError], int, str, str], ...] = (
    (Throttled, 429, "throttled", "There is more traffic than can be served just now: slow down, and try again."),
    (Unavailable, 503, "unavailable", "The database did not answer: try again; a write may have been carried out."),
)


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error is to its caller; None where the error is our own fault."""
    if isinstance(error, Refused):
        return Problem(status=error.status, kind=error.kind, detail=str(error), faults=error.faults)
    if isinstance(error, TransactionFailed):
        reasons = [reason for reason in error.reasons if reason is not None]
        return problem_of(reasons[0]) if reasons else None
    for kind, status, name in _SPOKEN:
        if isinstance(error, kind):
            return Problem(status=status, kind=name, detail=str(error))
    for kind, status, name, detail in _SILENT:
        if isinstance(error, kind):
            return Problem(status=status, kind=name, detail=detail)
    return None
