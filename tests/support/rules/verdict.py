"""How a rule says no."""

from __future__ import annotations


class Refused(AssertionError):
    """DynamoDB would refuse this request."""


def demand(holds: bool, wrong: str) -> None:
    """Refuse the request unless `holds`."""
    if not holds:
        raise Refused(wrong)
